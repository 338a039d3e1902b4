/** Attacks on the proxy by what speaks to it from inside of a fence; the fence itself is attacked in test/integration/egress.test.ts. */
import http from 'node:http';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startEgressProxy, type Connection, type Egress, type EgressLimits } from './egress-proxy.ts';

const PUBLIC = '93.184.216.34';
const server = http.createServer((request, response) => {
  const more = request.url === '/large' ? 'x'.repeat(200_000) : '';
  response.end(`${request.headers.host} ${request.url} ${request.headers['proxy-authorization'] ?? '-'}${more}`);
});
let port = 0;
let local = '';
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
  local = `service.test:${port}`;
});
afterAll(() => void server.close());

let egress: Egress | null = null;
let seen: Connection[] = [];
let lookups: string[] = [];
afterEach(async () => {
  await egress?.close();
  seen = [];
  lookups = [];
});

type Setup = { hosts?: string[]; localHosts?: string[]; answers?: string[][]; limits?: Partial<EgressLimits> };

async function open({ hosts = [local], localHosts = [local], answers = [['127.0.0.1']], limits = {} }: Setup = {}): Promise<void> {
  const lookup = async (name: string): Promise<string[]> => {
    lookups.push(name);
    return answers[Math.min(lookups.length, answers.length) - 1] ?? [];
  };
  egress = await startEgressProxy({ rules: { hosts, localHosts, lookup }, limits, onConnection: (one) => void seen.push(one) });
}

/** What comes back for these bytes until the other side ends. */
async function say(text: string): Promise<string> {
  const socket = net.connect({ path: egress?.socket ?? '' });
  socket.write(text);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString();
    if (answer.startsWith('HTTP/1.1 200 Connection established\r\n\r\n') && !answer.includes('HTTP/1.1 200 OK'))
      socket.write('GET /inside HTTP/1.1\r\nhost: named-inside\r\nconnection: close\r\n\r\n');
  });
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return answer;
}

const connect = (to: string): Promise<string> => say(`CONNECT ${to} HTTP/1.1\r\nhost: ${to}\r\n\r\n`);
const get = (url: string, more = ''): Promise<string> => say(`GET ${url} HTTP/1.1\r\nhost: other.test\r\n${more}connection: close\r\n\r\n`);

describe('the way out of a fence', () => {
  it('leads to a host of the node, by CONNECT and by a plain request, and both are on record', async () => {
    await open();
    expect(await connect(local)).toContain('named-inside /inside');
    const answer = await get(`http://${local}/plain`, 'proxy-authorization: Basic secret\r\n');
    expect(answer).toContain(`${local} /plain -`);
    await expect.poll(() => seen).toHaveLength(2);
    expect(seen).toMatchObject([
      { to: local, outcome: 'allowed', sent_bytes: expect.any(Number), received_bytes: expect.any(Number) },
      { to: `GET http://${local}/plain`, outcome: 'allowed' },
    ]);
    expect(seen.every(({ received_bytes: bytes }) => bytes > 20)).toBe(true);
  });

  it.each([
    ['another host', 'other.test:443'],
    ['another port of the host', 'service.test:22'],
    ['a name below the host', 'evil.service.test:443'],
    ['a name that the host is the beginning of', 'service.test.evil.example:443'],
    ['the host with a dot at its end', 'service.test.:443'],
    ['an address instead of a name', '127.0.0.1:443'],
    ['an address in another notation', '2130706433:443'],
    ['an address of version 6', '[::1]:443'],
    ['a user name before the host', 'service.test@127.0.0.1:443'],
    ['no port at all', 'service.test'],
    ['a port out of range', 'service.test:99999'],
    ['a path behind the port', 'service.test:443/x:443'],
  ])('does not lead to %s', async (_what, to) => {
    await open({ hosts: ['service.test'], localHosts: [] });
    expect(await connect(to)).toMatch(/^HTTP\/1\.1 (403|400)/);
    expect(lookups).toEqual([]);
  });

  it('does not lead to a private address, whatever the name of the host is', async () => {
    for (const address of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1', 'fd00::1']) {
      await open({ hosts: ['service.test'], localHosts: [], answers: [[address]] });
      expect(await connect('service.test:443')).toContain('not public');
      await egress?.close();
    }
    expect(seen.every(({ outcome }) => outcome === 'refused')).toBe(true);
  });

  it('resolves a name once for a connection, so that a second answer of the resolver counts for nothing', async () => {
    await open({ hosts: ['service.test:1'], localHosts: [], answers: [['192.0.2.1'], [PUBLIC]], limits: { connectMs: 300 } });
    expect(await connect('service.test:1')).toMatch(/^HTTP\/1\.1 403/);
    expect(lookups).toEqual(['service.test']);
  });

  it('opens a local service only at the port that an admin named', async () => {
    await open({ hosts: ['service.test'], localHosts: [local] });
    expect(await get('http://service.test/')).toMatch(/^HTTP\/1\.1 403/);
  });

  it.each([
    ['a request that names no host', '/etc/passwd'],
    ['another scheme', 'ftp://service.test/'],
    ['https without CONNECT', 'https://service.test/'],
    ['another host', 'http://other.test/'],
    ['a user name in the address', 'http://a:b@service.test/'],
  ])('does not forward %s', async (_what, url) => {
    await open({ hosts: ['service.test'], localHosts: [] });
    expect(await get(url)).toMatch(/^HTTP\/1\.1 403/);
  });

  it('checks each request of one connection by itself', async () => {
    await open();
    const first = `GET http://${local}/one HTTP/1.1\r\nhost: x\r\n\r\n`;
    const answer = await say(`${first}GET http://other.test/two HTTP/1.1\r\nhost: ${local}\r\nconnection: close\r\n\r\n`);
    expect([answer.includes('/one'), answer.includes('403 Forbidden'), answer.includes('/two ')]).toEqual([true, true, false]);
  });

  it('ends a client that does not come to the end of its header', async () => {
    await open({ limits: { headMs: 200 } });
    const socket = net.connect({ path: egress?.socket ?? '' });
    socket.write('CONNECT service.test:443 HTTP/1.1\r\nx: ');
    socket.on('error', () => undefined).resume();
    await once(socket, 'close');
    expect(seen).toEqual([]);
  });

  it('has limits: bytes and connections', async () => {
    await open({ limits: { bytes: 50_000, connections: 3 } });
    const large = await get(`http://${local}/large`);
    expect(large.length).toBeLessThan(200_000);
    expect(await get(`http://${local}/`)).toContain('more than 50000 bytes');
    await get(`http://${local}/`);
    expect(await get(`http://${local}/`)).toContain('more than 3 connections');
  });

  it('is closed with the node: nothing stays open', async () => {
    await open();
    const socket = net.connect({ path: egress?.socket ?? '' });
    await once(socket, 'connect');
    socket.on('error', () => undefined).resume();
    const closed = once(socket, 'close');
    await egress?.close();
    expect(await closed).toEqual([false]);
    egress = null;
  });
});
