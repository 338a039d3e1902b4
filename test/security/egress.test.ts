/** From inside of each fence that this machine has: the network that was granted is reached, and nothing else, whatever way is tried. */
import http from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FenceStatus } from '#activities/fence/fence.ts';
import { proxyEnv } from '#activities/fence/forwarder.ts';
import { missingParts } from '#activities/fence/missing-parts.ts';
import { startEgressProxy, type Connection, type Egress } from '#activities/net/egress-proxy.ts';
import { openFences, runInFence } from '#test/helpers/fences.ts';
import { until } from '#test/helpers/until.ts';

const bench = await openFences('egress');
const server = http.createServer((_request, response) => response.end('the answer'));
let local = '';
let egress: Egress;
const seen: Connection[] = [];
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  local = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const rules = { hosts: [local], localHosts: [local], lookup: async () => ['127.0.0.1'] };
  egress = await startEgressProxy({ rules, onConnection: (one) => void seen.push(one) });
});
afterAll(async () => {
  server.close();
  await egress.close();
  await bench.close();
});

const script = (code: string): string[] => [process.execPath, '-e', code];
const fetching = (url: string): string[] =>
  script(
    `fetch('${url}').then(async (answer) => console.log(answer.status, await answer.text()), (error) => console.log('failed', error.cause?.code));`,
  );

describe.each(bench.candidates)('the network inside of $kind', ({ status: probed }) => {
  beforeEach((context) => {
    if (typeof probed === 'string') context.skip(`this machine has no such fence: ${probed}`);
    else if (missingParts(probed).some(({ part }) => part === 'egress')) context.skip('no way out can be made here');
  });
  const run = (argv: string[], isGranted = true): ReturnType<typeof runInFence> => {
    const way = { env: proxyEnv(), readPaths: [egress.folder, process.execPath], egressSocket: egress.socket };
    return runInFence(bench, probed as FenceStatus, argv, isGranted ? way : {});
  };

  it('leads to a host that was granted, by the variables that programs know', async () => {
    seen.length = 0;
    expect(await run(fetching(`http://${local}/`))).toMatchObject({ stdout: '200 the answer\n', exit_code: 0, processes_left: 0 });
    // A connection is told when both of its sides are closed, which may be after the program has ended.
    await until(() => expect(seen).toMatchObject([{ outcome: 'allowed' }]), { timeout: 10_000 });
  });

  it('leads to no other host, and says so', async () => {
    seen.length = 0;
    for (const url of ['http://other.test/', 'https://other.test/']) expect((await run(fetching(url))).stdout).toMatch(/^failed/);
    expect(seen).toMatchObject([{ outcome: 'refused' }, { outcome: 'refused', why: expect.stringContaining('not among the hosts') }]);
  });

  it('is nothing without a grant', async () => {
    expect((await run(fetching(`http://${local}/`), false)).stdout).toBe('failed ECONNREFUSED\n');
  });

  it.each([
    ['a socket straight to the host', (to: string) => `{ host: '127.0.0.1', port: ${to.split(':')[1]} }`],
    ['a socket to a public address', () => `{ host: '192.0.2.1', port: 443 }`],
    ['a socket to a name server', () => `{ host: '192.0.2.53', port: 53 }`],
    ['a socket of version 6', () => `{ host: '2001:db8::1', port: 443 }`],
  ])('cannot be gone round by %s', async (_what, options) => {
    const code = `require('node:net').connect(${options(local)}).on('connect', () => console.log('reached')).on('error', (error) => console.log(error.code));`;
    expect((await run(script(code))).stdout).toMatch(/^(ECONNREFUSED|ENETUNREACH|EADDRNOTAVAIL|EHOSTUNREACH)\n$/);
  });

  it('cannot be gone round by datagrams, nor by taking the place of the forwarder', async () => {
    const datagram = `const socket = require('node:dgram').createSocket('udp4'); socket.send('x', 53, '192.0.2.53', (error) => { console.log(error?.code ?? 'sent'); socket.close(); });`;
    expect((await run(script(datagram))).stdout).toBe('ENETUNREACH\n');
    const place = `require('node:net').createServer().on('error', (error) => console.log(error.code)).listen(3128, '127.0.0.1');`;
    expect((await run(script(place))).stdout).toBe('EADDRINUSE\n');
  });

  it('hands on how the program ended, and a missing program is told apart', async () => {
    expect((await run(['sh', '-c', 'exit 7'])).exit_code).toBe(7);
    expect((await run(['sh', '-c', 'kill -9 $$'])).exit_code).toBe(137);
    await expect(run(['no-such-program'])).rejects.toMatchObject({ code: 'PROCESS_NOT_FOUND' });
  });
});
