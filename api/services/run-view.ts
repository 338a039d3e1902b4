import { GimoError } from '#contract/errors.ts';
import type { Where } from '#contract/gics.ts';
import type { Run, RunRecord } from '#contract/objects.ts';
import { DEFAULT_PRIORITY } from '#contract/priority.ts';
import { isRunEnded, summaryOf, type RunSummary } from '#contract/run-state.ts';
import type { Core } from '../deps.ts';
import type { PageRequest } from './drafts.ts';

/** Where Temporal Web shows a run; null when its address is not known. */
function temporalUrl(core: Core, workflowId: string): string | null {
  const { temporalUi, temporalNamespace } = core.config;
  if (temporalUi === null) return null;
  return `${temporalUi.replace(/\/$/, '')}/namespaces/${encodeURIComponent(temporalNamespace)}/workflows/${encodeURIComponent(workflowId)}`;
}

/** The run as it is shown, from its record. */
export function showRun(core: Core, record: RunRecord): Run {
  return {
    id: record.id,
    run_id: record.run_id,
    approved_id: record.approved_id,
    title: record.title,
    status: record.status,
    paused: record.paused,
    waiting: record.waiting,
    created_at: record.created_at,
    created_by: record.created_by,
    priority: record.priority ?? DEFAULT_PRIORITY,
    started_at: record.started_at,
    finished_at: record.finished_at,
    nodes: record.nodes,
    cost_usd: record.cost_usd,
    error: record.error,
    workflow_id: record.workflow_id,
    inputs: record.inputs,
    forked_from: record.forked_from ?? null,
    delegated_by: record.delegated_by ?? null,
    outputs: record.outputs,
    branch: record.branch,
    commit: record.commit,
    archived: record.archived,
    receipt: record.receipt,
    temporal_url: temporalUrl(core, record.workflow_id),
  };
}

/** Throws: NOT_FOUND. */
export async function loadRun(core: Core, id: string): Promise<RunRecord> {
  const record = await core.gics.get<RunRecord>('runs', id);
  if (record === null) throw new GimoError('NOT_FOUND', { message: `There is no run ${id}.` });
  return record.value;
}

type RunFilter = PageRequest & { status?: Run['status']; archived?: boolean; approved_id?: string };

/** Archived runs are listed only when asked for, or when the runs of one approval are. */
export async function listRuns(
  core: Core,
  { status, approved_id, archived = approved_id === undefined ? false : undefined, ...page }: RunFilter,
): Promise<{ runs: Run[]; next: string | null }> {
  const asked = Object.entries({ archived, status, approved_id }).filter(([, value]) => value !== undefined);
  const where = Object.fromEntries(asked) as Where;
  const { records, cursor } = await core.gics.list<RunRecord>('runs', { ...page, where });
  return { runs: records.map((record) => showRun(core, record.value)), next: cursor };
}

/** One run with the end of its log, as GICS knows it; marked as stale while no worker is there. */
export async function getRun(core: Core, id: string): Promise<Run> {
  const record = await loadRun(core, id);
  const { state, isStale } = await core.states.of(record);
  const base = { ...showRun(core, record), log: [...state.log] };
  // The record of an ended run is final; its events may not tell who ended it.
  if (isRunEnded(record.status)) return base;
  const { seq, ...summary } = untilClosed(summaryOf(state));
  const live = seq >= record.seq ? { ...base, ...summary } : base;
  return !isStale ? live : { ...live, stale: true, as_of: state.log.at(-1)?.at ?? record.created_at };
}

/** A run has ended when its outcome, branch and receipt are written. The record that was read before the state may not have them yet. */
function untilClosed(summary: RunSummary): RunSummary {
  return isRunEnded(summary.status) ? { ...summary, status: 'running', finished_at: null, error: null } : summary;
}
