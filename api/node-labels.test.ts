import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runStreams } from '#contract/gics.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import { CLEAN, OUTSIDE, type Label } from '#contract/labels.ts';
import type { Approved, Draft, NodeDetail, Run } from '#contract/objects.ts';
import { initialRunState, applyEvent, type NodeStatus, type RunEvent } from '#contract/run-state.ts';
import { startApp, type TestApp } from '#test/helpers/app.ts';

const AT = '2026-01-01T00:00:00.000Z';
const dirty: Label = { ...OUTSIDE, untrusted_from: 'read', private_from: 'read' };
const nodes = [
  { id: 'a', kind: 'noop' },
  { id: 'b', kind: 'value', needs: ['a'], with: { value: 1 } },
];

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

function event(seq: number, node: string, status: NodeStatus, label?: Label | null): RunEvent {
  const told = label === undefined ? {} : { label };
  return { seq, at: AT, node, level: 'info', text: '', change: { of: 'node', kind: 'noop', status, attempt: 1, ...told } };
}

async function started(statuses: Record<string, NodeStatus> = {}, told: Record<string, Label | null> = {}): Promise<string> {
  const draft = await t.post<Draft>('/ops/drafts', { plan: { version: 1, title: 'Labelled', nodes } });
  const { approved } = (await t.post<{ approved: Approved }>(`/ops/drafts/${draft.body.id}/approve`, { hash: draft.body.hash })).body;
  const { id } = (await t.post<Run>('/ops/runs', { approved_id: approved.id })).body;
  const events = Object.entries(statuses).map(([node, status], index) => event(index + 1, node, status, told[node]));
  const items = events.map((data) => ({ key: String(data.seq), data: data as unknown as JsonObject }));
  if (items.length > 0) await t.store.gics.txn([{ op: 'append', stream: runStreams.events(id), items }]);
  return id;
}

const patchRun = (id: string, set: JsonObject): Promise<unknown> => t.store.gics.txn([{ op: 'patch', collection: 'runs', id, set }]);
const blob = async (value: object): Promise<string> => (await t.store.gics.putBlob(Buffer.from(JSON.stringify(value)))).sha256;

async function ended(outputs: Record<string, Json>, labels?: Record<string, Label>): Promise<string> {
  const id = await started();
  const state = initialRunState(id, [
    { id: 'a', kind: 'noop', needs: [] },
    { id: 'b', kind: 'value', needs: ['a'] },
  ]);
  applyEvent(state, event(1, 'a', 'done'));
  applyEvent(state, event(2, 'b', 'done'));
  await patchRun(id, { status: 'cancelled', final_ref: await blob({ state, outputs, labels }), seq: 9 });
  return id;
}

/** An entry of the ledger for `a`. */
const record = (id: string, output: Json, more: JsonObject = {}): Promise<unknown> =>
  t.store.gics.txn([
    {
      op: 'put',
      collection: 'ledger',
      id: `${id}/a/1/0`,
      value: { run_id: id, node: 'a', attempt: 1, redo: 0, started_at: AT, state: 'done', output, output_ref: null, label: dirty, ...more },
    },
  ]);

const nodeOf = async (id: string, node: string): Promise<NodeDetail> => (await t.get<NodeDetail>(`/ops/runs/${id}/nodes/${node}`)).body;

describe('the label of the output of a node', () => {
  it('is what the run said when it ended, in plain words; what is named there by nothing is clean', async () => {
    const id = await ended({ a: 'text', b: 1 }, { a: dirty });
    expect(await nodeOf(id, 'a')).toMatchObject({ label: dirty, label_text: expect.stringContaining('text from `read`, which nobody') });
    expect(await nodeOf(id, 'b')).toMatchObject({ label: CLEAN, label_text: expect.stringMatching(/^Trusted: .* Public: /) });
  });

  it('is that of the ledger where a run was ended from outside, and not known where the ledger holds none', async () => {
    const id = await ended({}, {});
    await record(id, 'text');
    expect(await nodeOf(id, 'a')).toMatchObject({ output: 'text', label: dirty });
    expect(await nodeOf(id, 'b')).toMatchObject({
      label: null,
      label_text: expect.stringContaining('Take it as not trusted and private.'),
    });
  });

  it('is not known in a run that began before there were labels', async () => {
    expect(await nodeOf(await ended({ a: 'text', b: 1 }), 'a')).toMatchObject({
      label: null,
      label_text: expect.stringContaining('is not known'),
    });
  });

  it('stands in the ledger while the run goes on, and stays with a number', async () => {
    const id = await started({ a: 'done', b: 'running' });
    await record(id, 'text');
    expect(await nodeOf(id, 'a')).toMatchObject({ label: dirty });
    await record(id, 7);
    expect(await nodeOf(id, 'a')).toMatchObject({ label: dirty });
    // What is kept elsewhere is not null.
    await record(id, null, { output_ref: 'elsewhere' });
    expect(await nodeOf(id, 'a')).toMatchObject({ label: dirty });
  });

  it('of what the run works out itself stands in its events while it goes on', async () => {
    const id = await started({ a: 'done', b: 'done' }, { a: dirty, b: null });
    expect(await nodeOf(id, 'a')).toMatchObject({ label: dirty, label_text: expect.stringContaining('text from `read`') });
    expect(await nodeOf(id, 'b')).toMatchObject({ label: CLEAN });
  });

  it('of nothing is none, and of a run that began before its events told it none is known', async () => {
    const id = await started({ a: 'error', b: 'running' });
    await record(id, null, { state: 'error' });
    expect(await nodeOf(id, 'a')).toMatchObject({ label: null, label_text: 'It put nothing out.' });
    expect(await nodeOf(id, 'b')).toMatchObject({ label: null, label_text: 'It has put nothing out yet.' });
    const older = await started({ b: 'done' });
    expect(await nodeOf(older, 'b')).toMatchObject({ label: null, label_text: expect.stringContaining('is not known') });
  });

  it('goes with what a fork takes over, and is foreign and private where the source knew none', async () => {
    const id = await started({ a: 'done', b: 'done' });
    const node = { status: 'done', output: 'text', reason: 'reused' };
    await patchRun(id, { reuse_ref: await blob({ from: 'r', nodes: { a: { ...node, label: dirty }, b: node }, patches: [] }) });
    expect(await nodeOf(id, 'a')).toMatchObject({ label: dirty });
    expect(await nodeOf(id, 'b')).toMatchObject({ label: { ...OUTSIDE, untrusted_from: 'b', private_from: 'b' } });
  });
});
