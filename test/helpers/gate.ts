/** A run with gates, as a worker would have opened them. */
import { gateHash, type GateContent } from '#contract/decision.ts';
import type { Approved, Draft, Gate, Run } from '#contract/objects.ts';
import type { TestApp } from './app.ts';

/** Waits: for the run to be stored. Its workflow never starts: nobody listens where Temporal should be. */
export async function startRunOf(t: TestApp, plan: object): Promise<Run> {
  const { body: draft } = await t.post<Draft>('/ops/drafts', { plan });
  const { body } = await t.post<{ approved: Approved; run: Run }>(`/ops/drafts/${draft.id}/approve?auto_run=true`, { hash: draft.hash });
  return body.run;
}

let count = 0;

/** Stores an open gate of the run, and says in the run's record that it waits; no event is as new as that. */
export async function openGateOf(t: TestApp, run: Run, change: Partial<GateContent> = {}): Promise<Gate> {
  const content: GateContent = {
    run_id: run.id,
    node: 'ask',
    attempt: 1,
    kind: 'question',
    title: `Question ${++count}`,
    message: 'Really?',
    risk: 'low',
    evidence: null,
    approval_hash: 'a'.repeat(64),
    ...change,
  };
  const id = `g_01ARZ3NDEKTSV4RRFFQ69G5${String(count).padStart(3, '0')}`;
  const opened_at = new Date().toISOString();
  const gate: Gate = {
    ...content,
    id,
    status: 'open',
    hash: gateHash(content),
    opened_at,
    expires_at: null,
    decided_at: null,
    decided_by: null,
    comment: null,
  };
  await t.store.gics.txn([
    { op: 'put', collection: 'gates', id, value: gate },
    { op: 'patch', collection: 'runs', id: run.id, set: { waiting: true, status: 'running', seq: 1 } },
  ]);
  return gate;
}
