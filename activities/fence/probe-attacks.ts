/** Run by the probe inside a fence: tries what must not work and prints a JSON object. Only Node's own modules, since nothing else is there. */
export const ATTACKS = `
const fs = require('node:fs'), net = require('node:net');
const [canary, socket, port, inside, outside] = process.argv.slice(1);
const attempt = (action) => { try { action(); return true; } catch { return false; } };
const reach = (options) => new Promise((resolve) => {
  const connection = net.connect(options, () => { connection.destroy(); resolve(true); });
  connection.on('error', () => resolve(false));
});
const status = attempt(() => fs.readFileSync('/proc/self/status')) ? fs.readFileSync('/proc/self/status', 'utf8') : '';
const field = (name) => (new RegExp('^' + name + ':\\\\s*(\\\\S+)', 'm').exec(status) ?? [])[1] ?? null;
// Its own loopback device, which a way out of the fence begins at.
const own = () => new Promise((resolve) => {
  const server = net.createServer((peer) => peer.destroy()).on('error', () => resolve(false));
  server.listen(0, '127.0.0.1', () => reach({ host: '127.0.0.1', port: server.address().port }).then((is) => { server.close(); resolve(is); }));
});
Promise.all([reach({ host: '127.0.0.1', port: Number(port) }), reach({ path: socket }), own()]).then(([port, socket, loopback]) => {
  console.log(JSON.stringify({
    canary: attempt(() => fs.readFileSync(canary)),
    port, socket, loopback,
    inside: attempt(() => fs.writeFileSync(inside, 'x')),
    outside: attempt(() => fs.writeFileSync(outside, 'x')),
    sysctl: ['sys/kernel/core_pattern', 'sysrq-trigger'].some((name) => attempt(() => fs.closeSync(fs.openSync('/proc/' + name, 'r+')))),
    processes: attempt(() => fs.readdirSync('/proc')) ? fs.readdirSync('/proc').filter((name) => /^\\\\d+$/.test(name)).length : null,
    capabilities: field('CapEff'), bounding: field('CapBnd'), noNewPrivileges: field('NoNewPrivs'),
  }));
});
`;
