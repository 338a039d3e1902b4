/// <reference types="node" />
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { call, callPage } from './client.ts';
import { ApiError } from './problem.ts';
import { signedIn } from './session.ts';

type Seen = { method: string; url: string; headers: IncomingMessage['headers']; body: string };
type Reply = { status: number; body: string; headers?: Record<string, string> };

const ID = `d_${'0'.repeat(26)}`;
let server: Server;
let reply: Reply;
let seen: Seen[];

// In the browser a path is relative to the page; here the page is a real server on a loopback port.
beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      response.writeHead(reply.status, reply.headers).end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const base = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '';
  const original = globalThis.fetch;
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => original(base + path, init));
});

afterEach(() => {
  vi.unstubAllGlobals();
  server.closeAllConnections();
  server.close();
});

async function failureOf(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.catch((caught: unknown) => caught);
  if (error instanceof ApiError) return error;
  throw new Error('the call was expected to fail with an ApiError');
}

describe('the client', () => {
  test('a mutation carries the key, the CSRF value of the session and its body', async () => {
    signedIn({ label: 'admin:0123456789ab', role: 'admin', class: 'human', expires_at: '2030-01-01T00:00:00.000Z', csrf: 'the-csrf' });
    reply = { status: 204, body: '' };
    await call('auth_logout', { idempotencyKey: 'key-1' });
    const [request] = seen;
    expect(request).toMatchObject({ method: 'POST', url: '/auth/logout' });
    expect(request?.headers).toMatchObject({ 'idempotency-key': 'key-1', 'x-gimo-csrf': 'the-csrf' });
  });

  test('a problem document becomes an error with code, hint, faults and correlation id', async () => {
    const fault = { node: 'a', path: 'nodes[0].kind', code: 'UNKNOWN_KIND', message: 'no such kind' };
    const problem = { type: 'about:blank', title: 'No', status: 400, detail: 'Two faults.', code: 'PLAN_INVALID', hint: 'Correct it.' };
    reply = { status: 400, body: JSON.stringify({ ...problem, correlation_id: 'c-1', faults: [fault] }) };
    const error = await failureOf(call('drafts_create', { body: { plan: {} } }));
    expect(error).toMatchObject({ status: 400, code: 'PLAN_INVALID', message: 'Two faults.', hint: 'Correct it.', correlationId: 'c-1' });
    expect(error.faults).toEqual([fault]);
  });

  test('an answer of another shape than the row promises is refused', async () => {
    reply = { status: 200, body: JSON.stringify({ id: ID }) };
    expect((await failureOf(call('drafts_get', { params: { id: ID } }))).code).toBe('BAD_ANSWER');
  });

  test('no answer at all says that nothing is known', async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await failureOf(call('health'))).toMatchObject({ status: 0, code: 'UNREACHABLE' });
  });

  test('a list comes with the cursor of its next page', async () => {
    reply = { status: 200, body: '[]', headers: { link: '</ops/runs?cursor=abc>; rel="next"' } };
    expect(await callPage('runs_list', { query: { limit: 10 } })).toEqual({ items: [], next: 'abc' });
    expect(seen[0]?.url).toBe('/ops/runs?limit=10');
  });
});
