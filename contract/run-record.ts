/** The record of a run that has not begun. */
import type { RunRecord } from './objects.ts';

type Given = Pick<RunRecord, 'id' | 'approved_id' | 'title' | 'created_at' | 'created_by' | 'inputs' | 'priority'> &
  Partial<Pick<RunRecord, 'forked_from' | 'delegated_by' | 'reuse_ref' | 'start'>>;

/** In: what differs from run to run, and how many nodes its plan has at the top. */
export function newRunRecord(given: Given, nodes: number): RunRecord {
  return {
    run_id: given.id,
    status: 'pending',
    paused: false,
    waiting: false,
    started_at: null,
    finished_at: null,
    nodes: { total: nodes, done: 0, skipped: 0, error: 0, running: 0, waiting: 0 },
    cost_usd: 0,
    error: null,
    workflow_id: given.id,
    forked_from: null,
    delegated_by: null,
    outputs: null,
    branch: null,
    commit: null,
    archived: false,
    receipt: null,
    seq: 0,
    final_ref: null,
    ...given,
  };
}
