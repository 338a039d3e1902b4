/** The HTTP surface, attacked over raw sockets: what arrives is what was typed here. */
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '#contract/objects.ts';
import { startApp, TOKENS, type Answer, type TestApp } from '../helpers/app.ts';
import { makeToken } from '../helpers/credentials.ts';

let t: TestApp;
let port: number;
let host: string;
beforeAll(async () => {
  t = await startApp({ env: { GIMO_LIMITS: 'invalid=1000' }, httpTimes: { headers: 200, request: 400, check: 50 } });
  const url = await t.app.listen({ host: '127.0.0.1', port: 0 });
  port = Number(new URL(url).port);
  host = `localhost:${t.deps.config.port}`;
});
afterAll(() => t.close());

/** Sends the bytes and waits for the server to end the connection. Out: all that it said. */
function talk(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
    let said = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
    socket.on('close', () => resolve(said)).on('error', reject);
  });
}

const statusOf = (said: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(said)?.[1]);
const authorization = `Authorization: Bearer ${TOKENS.admin}`;
const lines = (...of: string[]): string => `${of.join('\r\n')}\r\n\r\n`;
const get = (...headers: string[]): string => lines('GET /ops/drafts HTTP/1.1', ...headers, 'Connection: close');

describe('a slow or broken client', () => {
  it('that never ends its headers is told so and cut off', async () => {
    expect(statusOf(await talk(`GET /health HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `))).toBe(408);
  });

  it('that never ends its body is cut off', async () => {
    const head = lines('POST /ops/drafts HTTP/1.1', `Host: ${host}`, authorization, 'Content-Length: 1000');
    expect(statusOf(await talk(`${head}{"prompt":`))).toBe(408);
  });

  it('is refused with a problem document for headers that are too large, and for what is no HTTP', async () => {
    const large = await talk(get(`Host: ${host}`, `X-Large: ${'a'.repeat(20_000)}`));
    expect(statusOf(large)).toBe(431);
    expect(large).toContain('application/problem+json');
    expect(statusOf(await talk('this is no HTTP\r\n\r\n'))).toBe(400);
    const smuggled = lines('POST /ops/drafts HTTP/1.1', `Host: ${host}`, 'Content-Length: 5', 'Transfer-Encoding: chunked');
    expect(statusOf(await talk(`${smuggled}0\r\n\r\n`))).toBe(400);
  });

  it('is refused before its body is read when it has no credential, and for a body that is too large', async () => {
    const body = 'x'.repeat(9 * 1024 * 1024);
    expect((await t.ask('POST', '/ops/drafts', { body })).status).toBe(413);
    expect((await t.ask('POST', '/ops/drafts', { token: null, body })).status).toBe(401);
    // Whoever signs in is not known yet, and needs little room.
    expect((await t.ask('POST', '/auth/login', { token: null, body: { token: 'x'.repeat(5000) } })).status).toBe(413);
  });
});

// verifies: SEC-10
describe('names and origins', () => {
  const asked = async (...headers: string[]): Promise<number> => statusOf(await talk(get(authorization, ...headers)));

  it('of this instance are let in', async () => {
    expect(await asked(`Host: ${host}`)).toBe(200);
    expect(await asked(`HOST: ${host.toUpperCase()}`)).toBe(200);
    expect(await asked(`Host: ${host}`, `Origin: http://${host}`)).toBe(200);
  });

  it('of others are refused, however they are written', async () => {
    const { port: own } = t.deps.config;
    const hosts = [
      'evil.example',
      `evil.example:${own}`,
      `localhost.:${own}`,
      `localhost:${own}@evil.example`,
      `localhost:${own}.evil.example`,
    ];
    for (const name of [...hosts, 'localhost', `localhost:${own + 1}`, `127.0.0.2:${own}`, `0.0.0.0:${own}`, `[::ffff:127.0.0.1]:${own}`])
      expect([name, await asked(`Host: ${name}`)]).toEqual([name, 403]);
    expect(await asked('Host: evil.example', `X-Forwarded-Host: ${host}`)).toBe(403);
    const origins = [
      'null',
      'http://evil.example',
      `http://${host}.evil.example`,
      `http://localhost:${own + 1}`,
      `ftp://${host}`,
      'http://localhost',
    ];
    for (const origin of origins) expect([origin, await asked(`Host: ${host}`, `Origin: ${origin}`)]).toEqual([origin, 403]);
  });

  it('cannot be given twice, left out, or put into the request line', async () => {
    expect(statusOf(await talk(get(authorization)))).toBe(400);
    expect(await asked('Host: evil.example', `Host: ${host}`)).toBe(403);
    expect(await asked(`Host: ${host}`, 'Host: evil.example')).toBe(403);
    expect(await asked(`Host: ${host}`, `host: ${host}`)).toBe(403);
    const named = lines('GET http://evil.example/ops/drafts HTTP/1.1', `Host: ${host}`, authorization, 'Connection: close');
    expect(statusOf(await talk(named))).toBe(403);
    const absolute = lines('GET http://evil.example/ops/drafts HTTP/1.1', 'Host: evil.example', authorization, 'Connection: close');
    expect(statusOf(await talk(absolute))).toBe(403);
  });
});

describe('a token in the address', () => {
  it('is refused with a hint, everywhere, and stands in no log line', async () => {
    const { token } = await makeToken(t, 'actions');
    const urls = [
      `/health?token=${token}`,
      `/ops/drafts?access_token=${TOKENS.admin}`,
      `/?x=${token}`,
      `/ops/drafts?cursor=${TOKENS.operator}`,
    ];
    for (const url of [...urls, `/ops/drafts/${token}`]) {
      const answer = await t.ask('GET', url, { token: null });
      expect(answer).toMatchObject({ status: 400, body: { code: 'TOKEN_IN_URL', hint: expect.stringContaining('Authorization') } });
      expect(answer.text + JSON.stringify(answer.headers)).not.toContain(token);
    }
    for (const secret of [token, TOKENS.admin, TOKENS.operator]) expect(t.lines.join('')).not.toContain(secret);
  });
});

describe('what a request may hold', () => {
  const post = (body: string): Promise<Answer<Problem>> => t.ask('POST', '/ops/drafts', { body });

  it('is one meaning: no duplicate keys, no unsafe integers, no key of a prototype, no field that nobody named', async () => {
    const refused = [
      '{"prompt":"a","prompt":"b"}',
      '{"prompt":"a","pro\\u006dpt":"b"}',
      '{"prompt":"a","context":{"n":9007199254740993}}',
      '{"prompt":"a","__proto__":{"role":"admin"}}',
      '{"prompt":"a","context":{"__proto__":1}}',
      '{"prompt":"a","constructor":{"prototype":{"x":1}}}',
      '{"prompt":"a","role":"admin"}',
      '{"prompt":"a"',
      '["prompt"]',
      '"prompt"',
    ];
    for (const body of refused) expect([body, (await post(body)).status]).toEqual([body, 400]);
    expect(Object.prototype).not.toHaveProperty('role');
  });

  it('holds in queries and paths too', async () => {
    const urls = ['?limit=1&limit=2', '?unknown=1', '?limit=1e3x', '?__proto__=1', '?constructor=1', '?limit=-1', '?status=nothing'];
    for (const url of urls) expect([url, (await t.get(`/ops/drafts${url}`)).status]).toEqual([url, 400]);
    for (const id of ['..%2F..%2Fkeys', '__proto__', 'd_%00', 'constructor']) {
      expect([id, (await t.get(`/ops/drafts/${id}`)).status]).toEqual([id, 400]);
      expect([id, (await t.ask('DELETE', `/auth/tokens/${id}`)).status]).toEqual([id, 400]);
    }
  });

  it('takes no name of a prototype for one of ours', async () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
      expect((await t.put('/ops/provider', { active: name })).status).toBe(400);
      expect((await t.get(`/ops/provider/health?name=${name}`)).status).toBe(400);
      expect((await t.ask('POST', '/ui/service/restart', { body: { part: name } })).status).toBe(400);
    }
  });
});

describe('answers', () => {
  it('carry the headers that keep browsers from guessing, framing and lending', async () => {
    const answers = [await t.get('/ops/drafts'), await t.get('/nowhere'), await t.ask('GET', '/ops/drafts', { token: null })];
    for (const { headers } of answers)
      expect(headers).toMatchObject({
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      });
  });

  it('to what failed inside tell nothing of the inside', async () => {
    await t.store.gics.txn([{ op: 'put', collection: 'settings', id: 'provider', value: { active: 'x', secret: 'inside-the-store' } }]);
    const answer = await t.get('/ops/provider');
    expect(answer).toMatchObject({ status: 500, body: { code: 'INTERNAL', detail: 'Something failed inside GIMO.' } });
    expect(answer.text).not.toMatch(/inside-the-store|TypeError|node_modules|\.ts|\/work|at /);
    expect(t.lines.some((line) => line.includes(answer.body.correlation_id))).toBe(true);
  });
});
