/**
 * The way out of a fence without a network: a port of its own loopback device leads to one socket outside, where a proxy decides. It runs
 * inside, before the limits and the environment of the program, and ends with it.
 */
export const EGRESS_PORT = 3128;

const FORWARD = `
const net = require('node:net'), os = require('node:os');
const [path, port, ...argv] = process.argv.slice(1);
const server = net.createServer({ allowHalfOpen: true }, (inner) => {
  const outer = net.connect({ path, allowHalfOpen: true });
  const end = () => { inner.destroy(); outer.destroy(); };
  for (const socket of [inner, outer]) socket.on('error', end).on('close', end);
  inner.pipe(outer);
  outer.pipe(inner);
});
// The program is asked to end, and may still need the network to do so.
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => undefined);
const fail = (error) => { console.error('gimo-forward: ' + error.message); process.exit(125); };
server.on('error', fail).listen(Number(port), '127.0.0.1', () => {
  const child = require('node:child_process').spawn(argv[0], argv.slice(1), { stdio: 'inherit' });
  child.on('error', fail).on('exit', (code, signal) => process.exit(code ?? 128 + os.constants.signals[signal]));
});
`;

export function forwardArgv(node: string, socket: string, launch: string[]): string[] {
  return [node, '-e', FORWARD, '--', socket, String(EGRESS_PORT), ...launch];
}

/** Where programs look for a proxy. Node does since version 24. */
export function proxyEnv(): Record<string, string> {
  const url = `http://127.0.0.1:${EGRESS_PORT}`;
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
  return { ...Object.fromEntries(names.map((name) => [name, url])), NO_PROXY: '', no_proxy: '', NODE_USE_ENV_PROXY: '1' };
}
