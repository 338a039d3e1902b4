import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_STREAM, CANCEL_STREAM, runStreams } from '#contract/gics.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import type { Approved, Draft, GraphNode, NodeDetail, Receipt, Run } from '#contract/objects.ts';
import { applyEvent, initialRunState, type LogEntry, type RunEvent } from '#contract/run-state.ts';
import { presence, startApp, TOKENS, type Answer, type TestApp } from '#test/helpers/app.ts';

const ULID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const json = (value: object): JsonObject => value as JsonObject;

function event(seq: number, change: RunEvent['change'], node: string | null = null): RunEvent {
  return { seq, at: new Date(Date.UTC(2026, 0, 1) + seq * 1000).toISOString(), node, level: 'info', text: `event ${seq}`, change };
}

describe('runs', () => {
  let t: TestApp;
  const approve = async (plan: object): Promise<Approved> => {
    const draft = await t.post<Draft>('/ops/drafts', { plan: { version: 1, title: 'Run me', ...plan } });
    expect(draft.status).toBe(201);
    const answer = await t.post<{ approved: Approved }>(`/ops/drafts/${draft.body.id}/approve`, { hash: draft.body.hash });
    expect(answer.status).toBe(200);
    return answer.body.approved;
  };
  const twoNodes = {
    nodes: [
      { id: 'a', kind: 'noop' },
      { id: 'b', kind: 'noop', needs: ['a'] },
    ],
  };
  const start = (approvedId: string, more: object = {}): Promise<Answer<Run>> =>
    t.post<Run>('/ops/runs', { approved_id: approvedId, ...more });
  const running = async (): Promise<string> => (await start((await approve(twoNodes)).id)).body.id;
  const write = (runId: string, events: RunEvent[]): Promise<unknown> =>
    t.store.gics.txn([
      { op: 'append', stream: runStreams.events(runId), items: events.map((data) => ({ key: String(data.seq), data: json(data) })) },
    ]);
  const close = async (runId: string, outputs: Record<string, Json>): Promise<void> => {
    const state = initialRunState(runId, [{ id: 'a', kind: 'noop', needs: [] }]);
    applyEvent(state, event(9, { of: 'run', status: 'done' }));
    const { sha256 } = await t.store.gics.putBlob(Buffer.from(JSON.stringify({ state, outputs })));
    const set = { status: 'done', final_ref: sha256, finished_at: '2026-01-01T00:00:09.000Z', seq: 9 };
    await t.store.gics.txn([{ op: 'patch', collection: 'runs', id: runId, set }]);
  };
  beforeAll(async () => {
    t = await startApp();
  });
  afterAll(() => t.close());

  it('starts a run from an approved artifact and hands it over through the outbox', async () => {
    const approved = await approve(twoNodes);
    const { status, body } = await start(approved.id);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      id: expect.stringMatching(/^r_[0-9A-Z]{26}$/),
      approved_id: approved.id,
      status: 'pending',
      nodes: { total: 2 },
      temporal_url: `http://127.0.0.1:8233/namespaces/gimo/workflows/${body.id}`,
    });
    expect(body).not.toHaveProperty('seq');
    const row = await t.store.gics.get('outbox', body.id);
    expect(row?.value).toMatchObject({ kind: 'start', run_id: body.id, input: { run_id: body.id, approved_id: approved.id } });
    expect((await t.get<Run[]>('/ops/runs')).body[0]?.id).toBe(body.id);
  });

  // verifies: SEC-5, SEC-6
  it('refuses a draft id with 403, records that, and starts nothing', async () => {
    const before = await t.store.gics.count('runs');
    const draft = await t.post<Draft>('/ops/drafts', { prompt: 'x' });
    expect(await start(draft.body.id)).toMatchObject({ status: 403, body: { code: 'DRAFT_NOT_RUNNABLE' } });
    expect(await t.store.gics.count('runs')).toBe(before);
    const [entry] = await t.store.gics.read(AUDIT_STREAM, { tailFirst: true, limit: 1 });
    expect(entry?.data).toMatchObject({ action: 'runs_create', outcome: 'refused', code: 'DRAFT_NOT_RUNNABLE' });
    expect((await start(`a_${ULID}`)).status).toBe(404);
    expect((await start('nonsense')).status).toBe(400);
    expect((await t.ask('POST', '/ops/runs', { token: TOKENS.actions, body: { approved_id: draft.body.id } })).status).toBe(403);
  });

  it('starts as many runs as the approval allows, also when they are asked for at once, and lists them by it', async () => {
    const approved = await approve({ ...twoNodes, policy: { max_runs: 3 } });
    const answers = await Promise.all(Array.from({ length: 6 }, () => start(approved.id)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    const refused = answers.filter(({ status }) => status === 409).map(({ body }) => body);
    expect(refused).toMatchObject(Array.from({ length: 3 }, () => ({ code: 'MAX_RUNS_SPENT' })));
    expect((await t.get<Approved>(`/ops/approved/${approved.id}`)).body.runs_started).toBe(3);
    const listed = (await t.get<Run[]>(`/ops/runs?approved_id=${approved.id}`)).body;
    expect(listed.map((run) => run.approved_id)).toEqual(Array.from({ length: 3 }, () => approved.id));
  });

  it('refuses an approval that expired or was revoked', async () => {
    const approved = await approve(twoNodes);
    const set = (fields: JsonObject): Promise<unknown> =>
      t.store.gics.txn([{ op: 'patch', collection: 'approved', id: approved.id, set: fields }]);
    await set({ revoked_at: '2026-01-01T00:00:00.000Z' });
    expect(await start(approved.id)).toMatchObject({ status: 409, body: { code: 'APPROVAL_REVOKED' } });
    await set({ revoked_at: null, expires_at: '2026-01-01T00:00:00.000Z' });
    expect(await start(approved.id)).toMatchObject({ status: 409, body: { code: 'APPROVAL_EXPIRED' } });
  });

  it('takes values for open inputs only, and only those that fit', async () => {
    const approved = await approve({
      inputs: { open_one: { schema: { type: 'integer' }, open: true }, bound: { default: 1 } },
      nodes: [{ id: 'a', kind: 'value', with: { value: '${{ inputs.open_one }}' } }],
    });
    expect(await start(approved.id)).toMatchObject({ status: 400, body: { code: 'INPUTS_INVALID' } });
    expect((await start(approved.id, { inputs: { open_one: 'text' } })).status).toBe(400);
    expect((await start(approved.id, { inputs: { open_one: 1, bound: 2 } })).status).toBe(400);
    const { status, body } = await start(approved.id, { inputs: { open_one: 7 } });
    expect(status).toBe(201);
    expect(body.inputs).toEqual({ open_one: 7, bound: 1 });
  });

  it('refuses a hostile pattern in an input schema without standing still', async () => {
    const schema = { type: 'string', pattern: '^(a+)+$' };
    const approved = await approve({ inputs: { x: { schema, open: true } }, nodes: [{ id: 'a', kind: 'noop' }] });
    const attack = start(approved.id, { inputs: { x: `${'a'.repeat(40)}!` } });
    expect((await t.get('/health')).status).toBe(200);
    expect((await attack).status).toBe(400);
  });

  it('refuses at the start what would fail for want of a provider or a key, and says what to set', async () => {
    const call = (provider: string): object => ({ nodes: [{ id: 'a', kind: 'llm', with: { prompt: 'x', provider } }] });
    expect(await start((await approve(call('ghost'))).id)).toMatchObject({ status: 409, body: { code: 'PROVIDER_NOT_CONFIGURED' } });
    expect(await start((await approve(call('gemini'))).id)).toMatchObject({ status: 409, body: { code: 'PROVIDER_NOT_CONFIGURED' } });
    await t.store.gics.txn([{ op: 'put', collection: 'settings', id: 'worker', value: presence({ env_present: [] }) }]);
    const unset = await start((await approve(call('openai'))).id);
    expect(unset).toMatchObject({ status: 409, body: { code: 'ENV_UNSET', hint: expect.stringContaining('OPENAI_API_KEY') } });
    const fence = { kind: 'none', ok: false, detail: 'no bwrap' };
    await t.store.gics.txn([{ op: 'put', collection: 'settings', id: 'worker', value: presence({ fence }) }]);
    const unfenced = await approve({ nodes: [{ id: 'a', kind: 'process', with: { argv: ['true'] } }] });
    expect(await start(unfenced.id)).toMatchObject({ status: 409, body: { code: 'SANDBOX_MISSING' } });
    await t.store.gics.txn([{ op: 'delete', collection: 'settings', id: 'worker' }]);
  });

  it('shows what the events tell while no worker answers, and says that this is stale', async () => {
    const id = await running();
    await write(id, [
      event(2, { of: 'node', kind: 'noop', status: 'running', attempt: 1 }, 'a'),
      event(1, { of: 'run', status: 'running' }),
      event(3, { of: 'node', kind: 'noop', status: 'done', output: 5 }, 'a'),
    ]);
    const { body } = await t.get<Run>(`/ops/runs/${id}`);
    expect(body).toMatchObject({ status: 'running', stale: true, as_of: '2026-01-01T00:00:03.000Z', nodes: { total: 2, done: 1 } });
    expect(body.log?.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    const graph = await t.get<GraphNode[]>(`/ops/runs/${id}/graph`);
    expect(graph.body).toMatchObject([
      { id: 'a', status: 'done', needs: [], attempt_count: 1 },
      { id: 'b', status: 'pending', needs: ['a'] },
    ]);
    await write(id, [event(4, { of: 'node', kind: 'noop', status: 'error' }, 'b')]);
    expect((await t.get<Run>(`/ops/runs/${id}`)).body.nodes).toMatchObject({ done: 1, error: 1 });
  });

  it('pages through the graph and the log', async () => {
    const id = await running();
    const events = Array.from({ length: 25 }, (_none, index) => event(index + 1, null, index % 2 === 0 ? 'a' : null));
    await write(id, events);
    const read: number[] = [];
    let url = `/ops/runs/${id}/log?limit=10`;
    for (let pages = 0; url !== '' && pages < 5; pages++) {
      const page = await t.get<LogEntry[]>(url);
      read.push(...page.body.map(({ seq }) => seq));
      url = /<([^>]+)>; rel="next"/.exec(page.headers['link'] ?? '')?.[1] ?? '';
    }
    expect(read).toEqual(Array.from({ length: 25 }, (_none, index) => index + 1));
    expect((await t.get<LogEntry[]>(`/ops/runs/${id}/log?node=a`)).body).toHaveLength(13);
    expect((await t.get(`/ops/runs/${id}/log?node=nope`)).status).toBe(404);
    const first = await t.get<GraphNode[]>(`/ops/runs/${id}/graph?limit=1`);
    expect(first.body.map((node) => node.id)).toEqual(['a']);
    expect(first.headers['link'] ?? '').toContain('cursor=1');
    expect((await t.get(`/ops/runs/${id}/graph?cursor=x`)).status).toBe(400);
  });

  it('shows a node with what it was given, its attempts from the ledger and its output', async () => {
    const id = await running();
    await write(id, [event(1, { of: 'node', kind: 'noop', status: 'done', attempt: 2 }, 'a')]);
    const entry = {
      run_id: id,
      node: 'a',
      redo: 0,
      started_at: '2026-01-01T00:00:00.000Z',
      finished_at: null,
      output_ref: null,
      cost_usd: 0,
    };
    const put = (attempt: number, more: JsonObject): Promise<unknown> =>
      t.store.gics.txn([
        { op: 'put', collection: 'ledger', id: `${id}/a/${attempt}/0`, value: { ...entry, attempt, output: null, ...more } },
      ]);
    await put(1, { error: { code: 'TIMEOUT', message: '', hint: '', retryable: true, attempt: 1 } });
    await put(2, { output: { n: 1 }, provider: 'openai', model: 'm' });
    const { body } = await t.get<NodeDetail>(`/ops/runs/${id}/nodes/a`);
    expect(body).toMatchObject({ id: 'a', with: { value: null }, output: { n: 1 } });
    expect(body.attempts).toMatchObject([
      { attempt: 1, error: { code: 'TIMEOUT' } },
      { attempt: 2, provider: 'openai', model: 'm' },
    ]);
    expect((await t.get(`/ops/runs/${id}/nodes/ghost`)).status).toBe(404);
    expect((await t.get(`/ops/runs/${id}/nodes/${encodeURIComponent('m[0].a')}`)).status).toBe(404);
  });

  it('shows an ended run from its frozen state', async () => {
    const id = await running();
    await close(id, { a: { answer: 42 } });
    const { body } = await t.get<Run>(`/ops/runs/${id}`);
    expect(body).toMatchObject({ status: 'done', finished_at: '2026-01-01T00:00:09.000Z' });
    expect(body).not.toHaveProperty('stale');
    expect((await t.get<NodeDetail>(`/ops/runs/${id}/nodes/a`)).body.output).toEqual({ answer: 42 });
    expect(await t.post(`/ops/runs/${id}/cancel`)).toMatchObject({ status: 409, body: { code: 'RUN_NOT_ACTIVE' } });
    expect(await t.post(`/ops/runs/${id}/pause`)).toMatchObject({ status: 409, body: { code: 'RUN_NOT_ACTIVE' } });
    expect((await t.get(`/ops/runs/${id}/receipt`)).status).toBe(404);
  });

  it('stops a run although neither worker nor Temporal answer: 202, and the same key gets the same receipt', async () => {
    const id = await running();
    await write(id, [event(1, { of: 'node', kind: 'process', status: 'running', attempt: 1 }, 'a')]);
    const key = { 'idempotency-key': 'stop-1' };
    const first = t.post<Receipt>(`/ops/runs/${id}/cancel`, undefined, key);
    await expect.poll(() => t.store.gics.get('cancels', id)).not.toBeNull();
    expect(await t.post(`/ops/runs/${id}/cancel`)).toMatchObject({ status: 409, body: { code: 'ALREADY_CANCELLED' } });
    const { status, body } = await first;
    expect(status).toBe(202);
    expect(body).toMatchObject({ run_id: id, confirmed_at: null, nodes: [{ id: 'a', was: 'running', stopped: 'asked' }] });
    const entries = await t.store.gics.read(CANCEL_STREAM);
    expect(entries.filter(({ key: runId }) => runId === id)).toHaveLength(1);
    const { records } = await t.store.gics.list('outbox', { where: { run_id: id } });
    expect(new Set(records.map(({ value }) => value['kind']))).toEqual(new Set(['cancel', 'start']));
    const receipt = { ...body, confirmed_at: '2026-01-01T00:00:05.000Z', nodes: [] };
    await t.store.gics.txn([{ op: 'patch', collection: 'runs', id, set: { receipt: json(receipt), status: 'cancelled' } }]);
    expect(await t.post(`/ops/runs/${id}/cancel`, undefined, key)).toMatchObject({ status: 200, body: receipt });
    expect((await t.get<Receipt>(`/ops/runs/${id}/receipt`)).body).toEqual(receipt);
  });

  it('answers 200 as soon as the stop is confirmed', async () => {
    const id = await running();
    const answer = t.post<Receipt>(`/ops/runs/${id}/cancel`);
    await expect.poll(() => t.store.gics.get('cancels', id)).not.toBeNull();
    const receipt = { run_id: id, asked_at: '', asked_by: 'x', confirmed_at: '2026-01-01T00:00:05.000Z', nodes: [], spent_after_usd: 0 };
    await t.store.gics.txn([{ op: 'patch', collection: 'runs', id, set: { receipt } }]);
    expect(await answer).toMatchObject({ status: 200, body: receipt });
  });

  it('stores a pause for the workflow and answers the run', async () => {
    const id = await running();
    expect(await t.post<Run>(`/ops/runs/${id}/pause`)).toMatchObject({ status: 200, body: { id } });
    const { records } = await t.store.gics.list('outbox', { where: { run_id: id } });
    expect(records.map(({ value }) => value)).toContainEqual(expect.objectContaining({ kind: 'pause', run_id: id }));
  });
});
