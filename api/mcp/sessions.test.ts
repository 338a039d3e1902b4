import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { TOKENS } from '#test/helpers/app.ts';
import { startListeningApp, type ListeningApp } from '#test/helpers/mcp.ts';
import { createMcpServer, EVERYTHING, Questions } from './server.ts';
import { LegacySessions, SESSION_HEADER } from './sessions.ts';

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
};
const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} };

type Ask = { token?: string | null; session?: string; headers?: Record<string, string>; method?: string };

describe('/mcp', () => {
  let t: ListeningApp;
  beforeAll(async () => void (t = await startListeningApp()));
  afterAll(() => t.close());

  const ask = (body: object | undefined, { token = TOKENS.operator, session, headers, method = 'POST' }: Ask = {}): Promise<Response> =>
    fetch(`${t.url}/mcp`, {
      method,
      headers: {
        accept: 'application/json, text/event-stream',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(session === undefined ? {} : { [SESSION_HEADER]: session }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  const open = async (): Promise<string> => {
    const response = await ask(INITIALIZE);
    await response.text();
    return response.headers.get(SESSION_HEADER) ?? '';
  };

  it.each([
    [401, { token: null }],
    [401, { token: 'a-token-that-nobody-has' }],
    [403, { headers: { origin: 'http://evil.example' } }],
  ] as const)('answers %i for %o, as everywhere', async (status, options) => {
    const response = await ask(INITIALIZE, options);
    expect([response.status, response.headers.get(SESSION_HEADER)]).toEqual([status, null]);
    expect(await response.json()).toMatchObject({ code: status === 401 ? 'UNAUTHENTICATED' : 'HOST_REFUSED' });
  });

  it('refuses a Host that is none of ours', async () => {
    const { status } = await t.ask('POST', '/mcp', { body: INITIALIZE, headers: { host: 'evil.example' } });
    expect(status).toBe(403);
  });

  it('refuses the body that the parser refuses', async () => {
    const { status, body } = await t.ask('POST', '/mcp', { body: '{"jsonrpc":"2.0","jsonrpc":"2.0"}' });
    expect([status, body]).toEqual([400, expect.objectContaining({ code: 'BAD_JSON' })]);
  });

  it('keeps a session to the credential that opened it, and ends it when asked', async () => {
    const session = await open();
    expect((await ask(LIST, { session })).status).toBe(200);
    expect((await ask(LIST, { session, token: TOKENS.admin })).status).toBe(404);
    expect((await ask(LIST, { session: 'another' })).status).toBe(404);
    expect((await ask(LIST)).status).toBe(400);
    expect((await ask(undefined, { session, token: TOKENS.admin, method: 'DELETE' })).status).toBe(404);
    expect((await ask(undefined, { session, method: 'DELETE' })).status).toBe(200);
    expect((await ask(LIST, { session })).status).toBe(404);
  });
});

describe('the sessions', () => {
  const noBackend = (): never => {
    throw new Error('no tool is called here');
  };
  const sessions = new LegacySessions(() => createMcpServer({ backendOf: noBackend, questions: new Questions(), options: EVERYTHING }));
  const authInfo = { token: '', clientId: 'somebody', scopes: [] };
  const request = (session?: string): Request =>
    new Request('http://localhost/mcp', {
      method: 'POST',
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        ...(session === undefined ? {} : { [SESSION_HEADER]: session }),
      },
    });
  const open = async (): Promise<string> =>
    (await sessions.serve({ request: request(), body: INITIALIZE, authInfo })).headers.get(SESSION_HEADER) ?? '';
  const isOpen = async (session: string): Promise<boolean> =>
    (await sessions.serve({ request: request(session), body: LIST, authInfo })).status === 200;
  afterEach(() => void vi.useRealTimers());
  afterAll(() => sessions.close());

  it('are bounded: the longest idle one makes room', async () => {
    const first = await open();
    for (let count = 0; count < 400; count++) await open();
    expect(await isOpen(first)).toBe(false);
  });

  it('end when nobody has used them for half an hour', async () => {
    const idle = await open();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31 * 60_000 });
    const fresh = await open();
    expect([await isOpen(idle), await isOpen(fresh)]).toEqual([false, true]);
  });
});
