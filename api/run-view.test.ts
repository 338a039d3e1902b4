import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { runStreams } from '#contract/gics.ts';
import type { Approved, Draft, Run } from '#contract/objects.ts';
import { applyEvent, initialRunState, type RunEvent } from '#contract/run-state.ts';
import { startApp, type TestApp } from '#test/helpers/app.ts';

let t: TestApp;
beforeAll(async () => void (t = await startApp()));
afterAll(() => t.close());

/** What the closing of a run writes, in one transaction. */
async function close(runId: string): Promise<void> {
  const at = '2026-01-01T00:00:01.000Z';
  const end: RunEvent = { seq: 1, at, node: null, level: 'info', text: 'done', change: { of: 'run', status: 'done' } };
  const state = initialRunState(runId, []);
  applyEvent(state, end);
  const { sha256 } = await t.store.gics.putBlob(Buffer.from(JSON.stringify({ state, outputs: {} })));
  await t.store.gics.txn([
    { op: 'append', stream: runStreams.events(runId), items: [{ key: '1', data: end }] },
    { op: 'patch', collection: 'runs', id: runId, set: { status: 'done', branch: `gimo/${runId}`, final_ref: sha256, seq: 1 } },
  ]);
}

it('shows a run as ended only together with its branch, also when it is closed while it is read', async () => {
  const draft = await t.post<Draft>('/ops/drafts', { plan: { version: 1, title: 'A run', nodes: [{ id: 'a', kind: 'noop' }] } });
  const { body } = await t.post<{ approved: Approved }>(`/ops/drafts/${draft.body.id}/approve`, { hash: draft.body.hash });
  const { id } = (await t.post<Run>('/ops/runs', { approved_id: body.approved.id })).body;
  const { gics } = t.deps;
  const read = gics.read.bind(gics);
  // The events are read after the record was.
  const spy = vi.spyOn(gics, 'read').mockImplementationOnce(async (stream, from) => {
    await close(id);
    return read(stream, from);
  });
  const during = (await t.get<Run>(`/ops/runs/${id}`)).body;
  spy.mockRestore();
  expect(during).toMatchObject({ status: 'running', branch: null });
  expect((await t.get<Run>(`/ops/runs/${id}`)).body).toMatchObject({ status: 'done', branch: `gimo/${id}` });
});
