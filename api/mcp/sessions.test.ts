import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { McpServer } from '@modelcontextprotocol/server';
import { TOKENS } from '#test/helpers/app.ts';
import { collectGarbage } from '#test/helpers/memory.ts';
import { startListeningApp, type ListeningApp } from '#test/helpers/mcp.ts';
import { until } from '#test/helpers/until.ts';
import { createMcpServer, EVERYTHING, Questions } from './server.ts';
import { LegacySessions, SESSION_HEADER } from './sessions.ts';

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
};
const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} };

const WAVES = 3;
const A_LOT = 300;
/** What the collector leaves for its next turn. */
const A_FEW = 3;

/** A maker that also says whether what it made is still held by anybody. */
function remembered(servers: WeakRef<McpServer>[], make: () => McpServer): () => McpServer {
  return () => {
    const server = make();
    servers.push(new WeakRef(server));
    return server;
  };
}

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

describe('the idle time of the configuration', () => {
  it('ends a session that nobody uses', async () => {
    const t = await startListeningApp({ env: { GIMO_MCP_IDLE_S: '1' } });
    const ask = (body: object, session?: string): Promise<Response> =>
      fetch(`${t.url}/mcp`, {
        method: 'POST',
        headers: {
          accept: 'application/json, text/event-stream',
          'content-type': 'application/json',
          authorization: `Bearer ${TOKENS.operator}`,
          ...(session === undefined ? {} : { [SESSION_HEADER]: session }),
        },
        body: JSON.stringify(body),
      });
    const session = (await ask(INITIALIZE)).headers.get(SESSION_HEADER) ?? '';
    expect((await ask(LIST, session)).status).toBe(200);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1000 });
    const { status } = await ask(LIST, session);
    vi.useRealTimers();
    await t.close();
    expect(status).toBe(404);
  });
});

describe('the sessions', () => {
  const noBackend = (): never => {
    throw new Error('no tool is called here');
  };
  const idleMs = 30 * 60_000;
  const newServer = (): McpServer => createMcpServer({ backendOf: noBackend, questions: new Questions(), options: EVERYTHING });
  const sessions = new LegacySessions(newServer, { idleMs });
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

  it('that are opened and left end by themselves, wave after wave, and nothing of them stays in memory', async () => {
    const servers: WeakRef<McpServer>[] = [];
    const left = new LegacySessions(remembered(servers, newServer), { idleMs: 500 });
    for (let wave = 1; wave <= WAVES; wave++) {
      for (let count = 0; count < A_LOT; count++) await (await left.serve({ request: request(), body: INITIALIZE, authInfo })).text();
      await until(() => expect(left.size).toBe(0), { timeout: 20_000 });
      await until(
        async () => {
          await collectGarbage();
          expect(servers.filter((server) => server.deref() !== undefined).length).toBeLessThanOrEqual(A_FEW);
        },
        { timeout: 20_000 },
      );
      expect(servers).toHaveLength(wave * A_LOT);
    }
    await left.close();
  }, 120_000);
});
