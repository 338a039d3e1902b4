import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_STREAM } from '#contract/gics.ts';
import type { Draft } from '#contract/objects.ts';
import { ROUTE_IDS, ROUTES, type RouteId } from '#contract/routes/index.ts';
import { TOKENS } from '#test/helpers/app.ts';
import { connectMcp, startListeningApp, type ConnectOptions, type ListeningApp, type McpClient, type ToolInfo } from '#test/helpers/mcp.ts';
import { READ_ONLY_HEADER, TOOLSETS_HEADER } from './options.ts';
import { accessOf, searchOperations } from './operations.ts';
import { TOOLS } from './tools/index.ts';

/** A tokenizer makes one token of 3.9 to 4.1 bytes of this list (o200k, cl100k); the limit is 8,000. */
const BYTES_PER_TOKEN = 3.5;
const MAX_TOKENS = 8000;
const ULID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

let t: ListeningApp;
let client: McpClient;
beforeAll(async () => {
  t = await startListeningApp();
  client = await connectMcp({ url: t.url, era: 'modern', token: TOKENS.admin });
});
afterAll(async () => {
  await client.close();
  await t.close();
});

async function namesWith(options: Partial<ConnectOptions>): Promise<string[]> {
  const other = await connectMcp({ url: t.url, era: 'modern', token: TOKENS.admin, ...options });
  const names = (await other.tools()).map(({ name }) => name);
  await other.close();
  return names;
}

describe('the list of tools', () => {
  it('costs a model at most 8,000 tokens', async () => {
    const bytes = Buffer.byteLength(JSON.stringify({ tools: await client.tools() }));
    expect(bytes / BYTES_PER_TOKEN).toBeLessThanOrEqual(MAX_TOKENS);
  });

  it('is what it was: every name, word, schema and hint, byte by byte', async () => {
    const lines = (await client.tools()).map((tool) => JSON.stringify(tool));
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../../test/pins/mcp-tools.txt');
  });

  it('has all four hints, both schemas and a title on every tool', async () => {
    const hints = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'];
    const faults = (await client.tools()).filter((tool: ToolInfo & { title?: string }) => {
      const hasHints = hints.every((name) => typeof tool.annotations?.[name] === 'boolean');
      return !hasHints || tool.outputSchema === undefined || tool.title === undefined;
    });
    expect(faults).toEqual([]);
  });

  it('calls read-only only what writes nothing', async () => {
    const draft = (await t.post<Draft>('/ops/drafts', { prompt: 'Say hello' })).body;
    const args: Record<string, object> = {
      get_draft: { draft_id: draft.id },
      get_run_status: { run_id: `r_${ULID}` },
      get_run_log: { run_id: `r_${ULID}` },
      gimo_search_operations: { query: 'runs' },
      gimo_describe_operation: { operation: 'runs_list' },
      gimo_read_operation: { operation: 'runs_list' },
    };
    const before = (await t.store.gics.info(AUDIT_STREAM)).last;
    for (const { name } of TOOLS.filter(({ hints }) => hints.readOnly)) await client.call(name, { ...args[name] });
    expect((await t.store.gics.info(AUDIT_STREAM)).last).toBe(before);
  });
});

describe('what is offered', () => {
  it('can be tightened with headers: read-only, and by toolset', async () => {
    const readOnly = await namesWith({ headers: { [READ_ONLY_HEADER]: '1' } });
    expect(readOnly).toEqual(TOOLS.filter(({ hints }) => hints.readOnly).map(({ name }) => name));
    expect(await namesWith({ headers: { [TOOLSETS_HEADER]: 'insight, ' } })).toEqual(['list_providers', 'get_cost']);
  });

  it('can be tightened with options on stdio, and an unknown toolset is a mistake', async () => {
    expect(await namesWith({ way: 'stdio', args: ['--read-only', '--toolsets', 'runs'] })).toEqual(['get_run_status', 'get_run_log']);
    await expect(namesWith({ way: 'stdio', args: ['--toolsets', 'everything'] })).rejects.toThrow(/\S/);
  });

  it.each(['legacy', 'v1'] as const)('names a toolset in the header that there is not, instead of offering nothing: %s', async (era) => {
    const bogus = namesWith({ era, headers: { [TOOLSETS_HEADER]: 'plans, bogus' } });
    await expect(bogus).rejects.toThrow(/`bogus` in the header x-gimo-mcp-toolsets is no toolset; there are: plans, runs/);
  });

  it('is never widened: neither by a header that takes the tightening back, nor by a session that was opened wider', async () => {
    expect(await namesWith({ headers: { [READ_ONLY_HEADER]: '0', [TOOLSETS_HEADER]: '' } })).toEqual([]);
    const headers: Record<string, string> = {};
    const session = await connectMcp({ url: t.url, era: 'legacy', token: TOKENS.admin, headers });
    const open = await session.call('create_draft', { prompt: 'Say hello' });
    expect(open.isError).toBeFalsy();
    await session.close();
    const tight = await connectMcp({ url: t.url, era: 'legacy', token: TOKENS.admin, headers: { [READ_ONLY_HEADER]: '1' } });
    await expect(failure(tight, 'create_draft', { prompt: 'Say hello' })).resolves.toMatch(/not found/i);
    await tight.close();
  });
});

/** The text of a refusal, whether it came as a result or as an error of the protocol. */
async function failure(from: McpClient, name: string, args: Record<string, unknown>): Promise<string> {
  try {
    const result = await from.call(name, args);
    return result.isError === true ? (result.content[0]?.text ?? '') : 'it was done';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('on stdio without an instance', () => {
  it('a tool says that GIMO is not running and how to start it', async () => {
    const lost = await connectMcp({ url: 'http://127.0.0.1:1', era: 'modern', way: 'stdio', token: 'a-token-of-nobody' });
    expect(await failure(lost, 'list_gates', {})).toMatch(/UNAVAILABLE: GIMO is not running: npm start/);
    await lost.close();
  });
});

// verifies: P0-2
describe('gimo_run_task', () => {
  it.each(['', '   \n', '\u200B\u2060', '\u{E0041}'])('refuses a task without words: %j', async (task) => {
    const before = (await t.get<Draft[]>('/ops/drafts')).body.length;
    expect(await failure(client, 'gimo_run_task', { task })).toContain('must say what is to be done');
    expect((await t.get<Draft[]>('/ops/drafts')).body).toHaveLength(before);
  });

  it('makes a draft that holds the task, once for one key', async () => {
    const args = { task: 'Count the files', idempotency_key: 'one-task' };
    const first = await client.call('gimo_run_task', args);
    const again = await client.call('gimo_run_task', args);
    expect(again.structuredContent).toEqual(first.structuredContent);
    const { body } = await t.get<Draft>(`/ops/drafts/${String(first.structuredContent?.['draft_id'])}`);
    expect(body).toMatchObject({ status: 'draft', prompt: 'Count the files', plan: { nodes: [{ kind: 'llm' }] } });
  });

  it('takes no argument that it does not name', async () => {
    expect(await failure(client, 'gimo_run_task', { task: 'Count', approved: true })).toMatch(/approved/);
  });
});

// verifies: P1-1
describe('the operations', () => {
  it.each(ROUTE_IDS)('%s is found by its name and described', async (id) => {
    expect(searchOperations(id, 3)).toContain(id);
    const { structuredContent } = await client.call('gimo_describe_operation', { operation: id });
    expect(structuredContent).toMatchObject({ operation: id, access: accessOf(id) });
  });

  const params = { id: `d_${ULID}`, node: 'a' };
  const NEEDS_QUERY: Partial<Record<string, string>> = { file: 'path', search: 'q' };
  const paramsOf = (id: RouteId): Record<string, string> => {
    const names = [...ROUTES[id].path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);
    const kind = { drafts: 'd', approved: 'a', runs: 'r', gates: 'g', webhooks: 'w', agents: 'ag' }[id.split('_')[0] ?? ''] ?? 'c';
    return Object.fromEntries(names.map((name) => [name, name === 'node' ? 'a' : `${kind}_${ULID}`]));
  };
  it.each(ROUTE_IDS.filter((id) => accessOf(id) === 'write'))('%s reaches the API and is answered by it', async (id) => {
    const text = await failure(client, 'gimo_write_operation', { operation: id, params });
    expect(text).toMatch(/^(?:[A-Z_]+: |it was done)/);
  });

  it.each(ROUTE_IDS.filter((id) => ['person', 'stream'].includes(accessOf(id))))(
    '%s is left to others, and the refusal says to whom',
    async (id) => {
      for (const name of ['gimo_read_operation', 'gimo_write_operation']) {
        expect(await failure(client, name, { operation: id, params })).toMatch(/left to a person|never ends/);
      }
    },
  );

  it.each(ROUTE_IDS.filter((id) => accessOf(id) === 'read'))('%s is answered as over REST', async (id) => {
    const { path } = ROUTES[id];
    const query = { path: 'README.md', q: 'GIMO' };
    const url = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => paramsOf(id)[name] ?? '');
    const needed = Object.entries(query).filter(([name]) => NEEDS_QUERY[id] === name);
    const rest = await t.get<{ code?: string } | null>(`${url}?${new URLSearchParams(Object.fromEntries(needed)).toString()}`);
    const text = await failure(client, 'gimo_read_operation', { operation: id, params: paramsOf(id), query: Object.fromEntries(needed) });
    const isRefused = rest.status >= 400;
    const refusal = rest.body?.code ?? `HTTP_${rest.status}: The answer had status ${rest.status}: {`;
    expect(text).toMatch(
      isRefused ? new RegExp(`^${refusal}`) : /^(?:it was done$|The answer has \d+ characters, more than 100000.*\/paths )/,
    );
  });

  it('that answer more than a model can hold give it part by part', async () => {
    const read = (part: string): Promise<string> => failure(client, 'gimo_read_operation', { operation: 'openapi', part });
    expect(await read('')).toMatch(/has \d+ characters.*\/info \(\d+\).*\/paths \(\d+\)/);
    const { structuredContent } = await client.call('gimo_read_operation', {
      operation: 'openapi',
      part: '/paths/~1ops~1drafts/post/operationId',
    });
    expect(structuredContent).toMatchObject({ status: 200, body: expect.stringContaining('drafts') });
    expect(await read('/paths/~1nowhere')).toMatch(/no part \/paths\/~1nowhere.*\/paths\/~1health \(/);
    expect(await read('paths')).toMatch(/begins with \//);
  });

  it('that answer in lines give them as text', async () => {
    const { structuredContent } = await client.call('gimo_read_operation', { operation: 'audit_export' });
    const lines = String(structuredContent?.['body']).trim().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(JSON.parse(line)).toBeTypeOf('object');
  });

  it('that are left to a person name the command and the endpoint that do it', async () => {
    expect(await failure(client, 'gimo_write_operation', { operation: 'tokens_create' })).toBe(
      `tokens_create is left to a person: this tool never does it. A person with the role admin does it with \`gimo tokens create\` or POST /auth/tokens; the dashboard is at ${t.url}.`,
    );
    expect(await failure(client, 'gimo_read_operation', { operation: 'auth_session' })).toContain(
      `a browser that is signed in at ${t.url}`,
    );
  });

  it('read the API as the caller, with query and paging', async () => {
    const first = await client.call('gimo_read_operation', { operation: 'drafts_list', query: { limit: 1 } });
    expect(first.structuredContent).toMatchObject({ status: 200, body: [{ status: 'draft' }], next_cursor: expect.any(String) });
    const asActions = await connectMcp({ url: t.url, era: 'modern', token: TOKENS.actions });
    expect(await failure(asActions, 'gimo_read_operation', { operation: 'provider_get' })).toMatch(/^FORBIDDEN: .*needs the role admin/);
    expect((await asActions.call('list_providers')).structuredContent).toMatchObject({ active: expect.any(String) });
    await asActions.close();
  });

  it('that only read cannot be written, nor the other way round, and an unknown one names its neighbours', async () => {
    expect(await failure(client, 'gimo_write_operation', { operation: 'runs_list' })).toContain('gimo_read_operation');
    expect(await failure(client, 'gimo_read_operation', { operation: 'runs_create' })).toContain('gimo_write_operation');
    expect(await failure(client, 'gimo_read_operation', { operation: 'drafts' })).toContain('drafts_list');
    expect(await failure(client, 'gimo_read_operation', { operation: 'zzzz' })).toMatch(/^There is no operation zzzz\. gimo_search/);
    for (const operation of ['drafts.list', 'drafts list', 'gimo drafts list'])
      expect(await failure(client, 'gimo_read_operation', { operation })).toBe('it was done');
    expect(await failure(client, 'gimo_read_operation', { operation: 'runs_get' })).toBe(
      'BAD_REQUEST: runs_get needs `params`: `id` is missing.',
    );
  });

  it('answer words that people use', () => {
    expect(searchOperations('stop a run', 3)).toContain('runs_cancel');
    expect(searchOperations('model cost', 3)[0]).toBe('cost_get');
    expect(searchOperations('', 5)).toHaveLength(5);
    expect(searchOperations('zzzz', 5)).toEqual([]);
  });
});
