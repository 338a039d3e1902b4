import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '#contract/comparison.ts';
import type { Reuse } from '#contract/fork.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import { CLEAN, type Label } from '#contract/labels.ts';
import type { Approved, Draft, Run, RunRecord } from '#contract/objects.ts';
import { applyEvent, initialRunState, type NodeStatus, type RunState } from '#contract/run-state.ts';
import { startApp, type Answer, type TestApp } from '#test/helpers/app.ts';
import { makeToken } from '#test/helpers/credentials.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

const nodes = [
  { id: 'a', kind: 'noop', with: { value: '${{ inputs.n }}' } },
  { id: 'b', kind: 'noop', needs: ['a'] },
  { id: 'm', kind: 'map', needs: ['b'], with: { over: [1], nodes: [{ id: 'x', kind: 'noop' }] } },
];
const inputs = { n: { schema: { type: 'integer' }, open: true }, bound: { default: 1 } };

async function approve(more: object = {}): Promise<Approved> {
  const draft = await t.post<Draft>('/ops/drafts', {
    plan: { version: 1, title: 'Forked', inputs, nodes, policy: { max_runs: 3 }, ...more },
  });
  return (await t.post<{ approved: Approved }>(`/ops/drafts/${draft.body.id}/approve`, { hash: draft.body.hash })).body.approved;
}

function endState(approved: Approved, shown: Record<string, NodeStatus>): RunState {
  const state = initialRunState('r', approved.plan.nodes);
  for (const [index, [node, status]] of Object.entries(shown).entries()) {
    const at = new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString();
    applyEvent(state, { seq: index + 1, at, node, level: 'info', text: '', change: { of: 'node', kind: 'noop', status, attempt: 1 } });
  }
  return state;
}

/** A run that ended like this. */
async function ended(
  approved: Approved,
  shown: Record<string, NodeStatus>,
  outputs: Record<string, Json>,
  labels?: Record<string, Label>,
): Promise<string> {
  const { id } = (await t.post<Run>('/ops/runs', { approved_id: approved.id, inputs: { n: 7 } })).body;
  const bytes = Buffer.from(JSON.stringify({ state: endState(approved, shown), outputs, labels }));
  const { sha256 } = await t.store.gics.putBlob(bytes);
  await t.store.gics.txn([{ op: 'patch', collection: 'runs', id, set: { status: 'error', final_ref: sha256, seq: 99 } }]);
  return id;
}

const fork = (id: string, from: string, more: object = {}): Promise<Answer<Run>> =>
  t.post<Run>(`/ops/runs/${id}/fork`, { from_node: from, ...more });
const reuseOf = async (run: Run): Promise<Reuse> => {
  const record = await t.store.gics.get<RunRecord>('runs', run.id);
  const bytes = await t.store.gics.getBlob(record?.value.reuse_ref ?? '');
  return JSON.parse(Buffer.from(bytes ?? []).toString()) as Reuse;
};
const started = async (approved: Approved): Promise<number> => (await t.get<Approved>(`/ops/approved/${approved.id}`)).body.runs_started;
const failed = { a: 'done', b: 'error', m: 'skipped' } as const;

describe('a fork', () => {
  it('is a new run of the same approval that says where it comes from and takes over what stands before the node', async () => {
    const approved = await approve();
    const source = await ended(approved, failed, { a: { n: 7 } });
    const { status, body } = await fork(source, 'b');
    expect(status).toBe(201);
    const from = { run_id: source, node: 'b', commit: null };
    expect(body).toMatchObject({ approved_id: approved.id, status: 'pending', inputs: { n: 7, bound: 1 }, forked_from: from });
    expect(await reuseOf(body)).toEqual({
      from: source,
      nodes: { a: { status: 'done', output: { n: 7 }, reason: `reused from ${source}` } },
      patches: [],
    });
    expect(await started(approved)).toBe(2);
    expect((await t.store.gics.get('outbox', body.id))?.value).toMatchObject({ kind: 'start', run_id: body.id });
  });

  it('hands on where outputs come from, and trusts none that only the ledger holds, as of a run that was ended from outside', async () => {
    const approved = await approve({ policy: { max_runs: 9 } });
    const dirty: Label = { ...CLEAN, integrity: 'untrusted', untrusted_from: 'inputs.n' };
    const known = await fork(await ended(approved, failed, { a: 'text' }, { a: dirty }), 'b');
    expect((await reuseOf(known.body)).nodes['a']).toMatchObject({ output: 'text', label: dirty });
    const clean = await fork(await ended(approved, failed, { a: 'text' }, {}), 'b');
    expect((await reuseOf(clean.body)).nodes['a']).toMatchObject({ label: CLEAN });
    const source = await ended(approved, failed, {}, {});
    const value = { run_id: source, node: 'a', attempt: 1, redo: 0, output: 'text' };
    await t.store.gics.txn([{ op: 'put', collection: 'ledger', id: `${source}/a/1/0`, value }]);
    const cut = await fork(source, 'b');
    expect((await reuseOf(cut.body)).nodes['a']).toEqual({ status: 'done', output: 'text', reason: `reused from ${source}` });
  });

  it('spends the approval like any run, and is refused when that is used up, revoked or expired', async () => {
    const approved = await approve({ policy: { max_runs: 2 } });
    const source = await ended(approved, failed, { a: 1 });
    const answers = await Promise.all(Array.from({ length: 3 }, () => fork(source, 'b')));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(2);
    expect(await fork(source, 'b')).toMatchObject({ body: { code: 'MAX_RUNS_SPENT' } });
    const set = (fields: JsonObject): Promise<unknown> =>
      t.store.gics.txn([{ op: 'patch', collection: 'approved', id: approved.id, set: fields }]);
    await set({ revoked_at: '2026-01-01T00:00:00.000Z' });
    expect(await fork(source, 'b')).toMatchObject({ status: 409, body: { code: 'APPROVAL_REVOKED' } });
    await set({ revoked_at: null, expires_at: '2026-01-01T00:00:00.000Z' });
    expect(await fork(source, 'b')).toMatchObject({ status: 409, body: { code: 'APPROVAL_EXPIRED' } });
  });

  it('takes other values for open inputs only, and not where what is reused has read them', async () => {
    const approved = await approve();
    const source = await ended(approved, failed, { a: 1 });
    expect(await fork(source, 'b', { inputs: { bound: 2 } })).toMatchObject({ status: 400, body: { code: 'INPUTS_INVALID' } });
    expect(await fork(source, 'b', { inputs: { n: 'x' } })).toMatchObject({ status: 400, body: { code: 'INPUTS_INVALID' } });
    expect(await fork(source, 'b', { inputs: { n: 8 } })).toMatchObject({
      status: 409,
      body: { code: 'FORK_REFUSED', detail: expect.stringContaining('`n`') },
    });
    expect(await started(approved)).toBe(1);
    expect(await fork(source, 'a', { inputs: { n: 8 } })).toMatchObject({ status: 201, body: { inputs: { n: 8 } } });
  });

  it('is refused at a node that the plan does not have, one inside of another, and where an output is lost', async () => {
    const approved = await approve();
    const source = await ended(approved, failed, {});
    expect(await fork(source, 'ghost')).toMatchObject({ status: 404 });
    expect(await fork(source, 'x')).toMatchObject({ status: 409, body: { code: 'FORK_REFUSED', hint: 'Fork from m.' } });
    expect(await fork(source, 'm[0].x')).toMatchObject({ status: 409, body: { code: 'FORK_REFUSED', hint: 'Fork from m.' } });
    expect(await fork(source, 'b')).toMatchObject({ status: 409, body: { code: 'FORK_REFUSED', hint: 'Fork from a.' } });
    expect(await fork('r_01ARZ3NDEKTSV4RRFFQ69G5FAV', 'a')).toMatchObject({ status: 404 });
    const live = (await t.post<Run>('/ops/runs', { approved_id: approved.id, inputs: { n: 1 } })).body.id;
    expect(await fork(live, 'a')).toMatchObject({ status: 503, body: { code: 'WORKER_LOST' } });
    expect(await started(approved)).toBe(2);
  });
});

describe('an answer that a person gave', () => {
  // verifies: MA-1
  it('is carried into a fork by a person only', async () => {
    const gated = [
      { id: 'ask', kind: 'gate', with: { title: 'Go on?' } },
      { id: 'b', kind: 'noop', needs: ['ask'] },
    ];
    const source = await ended(await approve({ nodes: gated }), { ask: 'done', b: 'error' }, { ask: { decision: 'approved' } });
    const agent = (from: string): Promise<Answer<Run>> => asAgent(`/ops/runs/${source}/fork`, { from_node: from });
    expect(await agent('b')).toMatchObject({ status: 403, body: { code: 'FORBIDDEN', detail: expect.stringContaining('ask') } });
    expect((await agent('ask')).status).toBe(201);
    expect((await fork(source, 'b')).status).toBe(201);
  });
});

async function asAgent<T>(url: string, body: object): Promise<Answer<T>> {
  const { token } = await makeToken(t, 'admin', 'agent');
  return t.ask('POST', url, { token, body });
}

describe('a comparison', () => {
  it('puts two runs side by side in the order of the plan, page by page, outputs by hash', async () => {
    const approved = await approve();
    const one = await ended(approved, { m: 'done', 'm[0].x': 'done', a: 'done', b: 'error' }, { a: { x: 1, y: 2 }, m: [1], 'm[0].x': 1 });
    const two = await ended(approved, { a: 'done', b: 'done', m: 'done' }, { a: { y: 2, x: 1 }, b: null, m: [2] });
    const { body, status } = await t.get<Comparison>(`/ops/runs/${one}/compare/${two}`);
    expect(status).toBe(200);
    expect([body.a.id, body.b.id, body.a.inputs]).toEqual([one, two, { n: 7, bound: 1 }]);
    expect(body.nodes.map(({ id, a, b, output }) => [id, a?.status, b?.status, output])).toEqual([
      ['a', 'done', 'done', 'equal'],
      ['b', 'error', 'done', 'different'],
      ['m', 'done', 'done', 'different'],
      ['m[0].x', 'done', undefined, 'different'],
    ]);
    const first = await t.get<Comparison>(`/ops/runs/${one}/compare/${two}?limit=3`);
    expect(first.body.nodes.map(({ id }) => id)).toEqual(['a', 'b', 'm']);
    const next = /<([^>]+)>; rel="next"/.exec(first.headers['link'] ?? '')?.[1] ?? '';
    expect((await t.get<Comparison>(next)).body.nodes.map(({ id }) => id)).toEqual(['m[0].x']);
    expect((await t.get(`/ops/runs/${one}/compare/r_01ARZ3NDEKTSV4RRFFQ69G5FAV`)).status).toBe(404);
    expect((await t.get(`/ops/runs/${one}/compare/${two}?cursor=x`)).status).toBe(400);
  });
});
