/** Requests over real sockets: what is refused, what is pinned, what is cut, and that nothing is left open. */
import http, { type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { errorCode } from '#contract/errors.ts';
import { until } from '#test/helpers/until.ts';
import { isPublicAddress } from './addresses.ts';
import { guardedRequest, untilDeadline, type GuardedAnswer, type GuardedRequest } from './guarded-request.ts';
import { lookupAll, resolveTarget, type Lookup, type Resolved } from './resolve-target.ts';

type Listening = { port: number; server: Server; sockets: Set<Socket>; requests: http.IncomingMessage[] };
const open: Listening[] = [];

afterEach(async () => {
  for (const { server } of open.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function listen(answer: http.RequestListener, address = '127.0.0.1'): Promise<Listening> {
  const requests: http.IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  const server = http.createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, address);
  await once(server, 'listening');
  const listening = { port: (server.address() as AddressInfo).port, server, sockets, requests };
  open.push(listening);
  return listening;
}

const GET: Omit<GuardedRequest, 'signal'> = { method: 'GET', headers: {}, body: null, maxBytes: 1000 };
const local = (port: number): Promise<Resolved> => resolveTarget(`http://127.0.0.1:${port}/a?b=c`, [`127.0.0.1:${port}`], lookupAll);
const send = async (resolved: Resolved, more: Partial<GuardedRequest> = {}): Promise<GuardedAnswer> =>
  guardedRequest(resolved, { ...GET, signal: new AbortController().signal, ...more }, { wasSent: false });
const codeOf = async (work: Promise<unknown>): Promise<string | null> => work.then(() => null, errorCode);
const answers = (...lists: string[][]): { lookup: Lookup; asked: string[] } => {
  const asked: string[] = [];
  return {
    asked,
    lookup: async (hostname) => {
      asked.push(hostname);
      return lists[asked.length - 1] ?? [];
    },
  };
};

describe('addresses', () => {
  it.each(
    '127.0.0.1 127.255.255.254 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 198.18.0.1 224.0.0.1 255.255.255.255 ::1 :: fe80::1 fc00::1 fd00:ec2::254 ff02::1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:8.8.8.8 64:ff9b::7f00:1 2002:7f00:1:: 2001::1 2001:db8::1 localhost 0177.0.0.1 2130706433'.split(
      ' ',
    ),
  )('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
  it.each(['1.1.1.1', '172.15.0.1', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '2a00:1450:4001::1'])(
    '%s is public',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

describe('what is refused before any connection', () => {
  it.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://017700000001/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/',
    'http://0/',
    'http://user:pass@1.1.1.1/',
    'http://1.1.1.1@127.0.0.1/',
    'file:///etc/passwd',
  ])('%s', async (url) => {
    expect(await codeOf(resolveTarget(url, [], lookupAll))).toBe('ADDRESS_REFUSED');
  });

  it('a name that leads to this machine or to a private network, whatever it is called', async () => {
    for (const address of ['127.0.0.1', '::1', '10.0.0.7', '169.254.169.254', '::ffff:10.0.0.7'])
      expect(await codeOf(resolveTarget('https://public.example/', [], answers([address]).lookup))).toBe('ADDRESS_REFUSED');
    expect(await codeOf(resolveTarget('http://localhost/', [], lookupAll))).toBe('ADDRESS_REFUSED');
    expect(await codeOf(resolveTarget('https://public.example/', [], answers([]).lookup))).toBe('ADDRESS_REFUSED');
  });

  it('all but the exact service that an admin opened', async () => {
    const opened = ['127.0.0.1:8080'];
    expect(await resolveTarget('http://127.0.0.1:8080/', opened, lookupAll)).toMatchObject({ address: '127.0.0.1', isLocal: true });
    for (const url of [
      'http://127.0.0.1:8081/',
      'http://127.0.0.1/',
      'http://localhost:8080/',
      'http://127.0.0.2:8080/',
      'http://[::1]:8080/',
    ])
      expect(await codeOf(resolveTarget(url, opened, lookupAll))).toBe('ADDRESS_REFUSED');
  });
});

describe('a request', () => {
  it('goes to the address that was checked, though the name leads elsewhere a moment later', async () => {
    const rebinding = answers(['93.184.216.34', '10.0.0.7'], ['127.0.0.1']);
    expect(await resolveTarget('http://rebind.example/', [], rebinding.lookup)).toMatchObject({ address: '93.184.216.34' });
    const here = await listen((_request, response) => response.end('here'));
    const other = await listen((_request, response) => response.end('there'), '127.0.0.2');
    const moving = answers(['127.0.0.1'], ['127.0.0.2']);
    const resolved = await resolveTarget(`http://name.example:${here.port}/a?b=c`, [`name.example:${here.port}`], moving.lookup);
    const answer = await send(resolved);
    expect(String(answer.body)).toBe('here');
    expect(here.requests[0]?.headers.host).toBe(`name.example:${here.port}`);
    expect(here.requests[0]?.url).toBe('/a?b=c');
    expect([moving.asked, other.requests]).toEqual([['name.example'], []]);
  });

  it('takes a redirect for an answer and does not follow it, least of all inwards', async () => {
    const inside = await listen((_request, response) => response.end('metadata'));
    const outside = await listen((_request, response) => response.writeHead(302, { location: `http://127.0.0.1:${inside.port}/` }).end());
    const answer = await send(await local(outside.port));
    expect([answer.status, answer.headers.location, inside.requests]).toEqual([302, `http://127.0.0.1:${inside.port}/`, []]);
  });

  it('reads no more than it may of an answer that never ends, and closes the connection', async () => {
    const endless = await listen((_request, response) => {
      const more = (): void => void (response.destroyed || response.write('x'.repeat(4096), () => setImmediate(more)));
      more();
    });
    const answer = await send(await local(endless.port), { maxBytes: 10_000 });
    expect([answer.body.length, answer.truncated]).toEqual([10_000, true]);
    await until(() => expect(endless.sockets.size).toBe(0), { timeout: 10_000 });
  });

  it('says whether an answer of exactly the limit was cut', async () => {
    const exact = await listen((_request, response) => response.end('x'.repeat(100)));
    expect(await send(await local(exact.port), { maxBytes: 100 })).toMatchObject({ truncated: false });
    expect(await send(await local(exact.port), { maxBytes: 99 })).toMatchObject({ truncated: true });
  });

  it('that is stopped while the other side takes its time ends at once and leaves no socket', async () => {
    const slow = await listen((_request, response) => void response.write('a little'));
    const stop = new AbortController();
    const sent = send(await local(slow.port), { signal: stop.signal });
    await until(() => expect(slow.requests).toHaveLength(1), { timeout: 10_000 });
    stop.abort(new Error('the run was cancelled'));
    await expect(sent).rejects.toThrow('the run was cancelled');
    await until(() => expect(slow.sockets.size).toBe(0), { timeout: 10_000 });
  });

  it('that takes too long is given up, also while its name is looked up', async () => {
    const slow = await listen((_request, response) => void response.write('a little'));
    const signal = new AbortController().signal;
    const deadline = { timeoutMs: 50, signal, what: 'GET' };
    const resolved = await local(slow.port);
    expect(await codeOf(untilDeadline(deadline, (end) => send(resolved, { signal: end })))).toBe('TIMEOUT');
    await until(() => expect(slow.sockets.size).toBe(0), { timeout: 10_000 });
    const never: Lookup = () => new Promise(() => undefined);
    expect(await codeOf(untilDeadline(deadline, () => resolveTarget('http://a.example/', [], never)))).toBe('TIMEOUT');
  });

  it('knows whether it had left when it failed', async () => {
    const progress = { wasSent: false };
    const request = { ...GET, signal: new AbortController().signal };
    const gone = await listen(() => undefined);
    const resolved = await local(gone.port);
    gone.server.close();
    await once(gone.server, 'close');
    open.splice(0);
    expect(await codeOf(guardedRequest(resolved, request, progress))).toBe('HTTP_FAILED');
    expect(progress.wasSent).toBe(false);
    const rude = await listen((received) => void received.socket.destroy());
    expect(await codeOf(guardedRequest(await local(rude.port), request, progress))).toBe('HTTP_FAILED');
    expect(progress.wasSent).toBe(true);
  });

  it('fails when the answer breaks off', async () => {
    const broken = await listen((received, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => received.socket.destroy());
    });
    expect(await codeOf(send(await local(broken.port)))).toBe('HTTP_FAILED');
  });
});
