import { isDelegated } from '#contract/delegation.ts';
import { CANCEL_STREAM, runStreams, type GicsOp } from '#contract/gics.ts';
import type { CloseInput, RunCommand } from '#contract/messages.ts';
import type { Approved, RunRecord } from '#contract/objects.ts';
import { applyEvent, initialRunState, summaryOf, type ErrorInfo, type RunEvent, type RunState } from '#contract/run-state.ts';
import type { ActivityDeps } from '../deps.ts';
import { closeRun } from './close-run.ts';

const PAGE = 1000;

/**
 * Closes a run whose workflow somebody ended behind our back, as with Terminate: what it left running is stopped, its slot
 * is freed, its receipt says what became of each node. In: the run as it was read, and why its workflow is gone.
 */
export async function closeOutside(deps: ActivityDeps, run: RunRecord, why: string): Promise<void> {
  const command: RunCommand = { command_id: `outside-${run.id}`, by: 'a Temporal client', at: new Date().toISOString() };
  await deps.gics.txn([stopEffects(run.id, command)]);
  const state = await foldEvents(deps, run);
  const nodes = Object.values(state.nodes).filter(({ status }) => status === 'running' || status === 'waiting' || status === 'unknown');
  const message = `The run was ended outside of GIMO: ${why}.`;
  const error: ErrorInfo = { code: 'STOPPED', message, hint: 'Start a new run.', retryable: false, attempt: 1 };
  const event: RunEvent = {
    seq: state.seq + 1,
    at: command.at,
    node: null,
    level: 'warn',
    text: message,
    change: { of: 'run', status: 'cancelled', paused: false, error },
  };
  applyEvent(state, event);
  const input: CloseInput = {
    run_id: run.id,
    approved_id: run.approved_id,
    status: 'cancelled',
    outputs: {},
    node_outputs: {},
    state,
    had_effect: true,
    events: [event],
    summary: summaryOf(state),
    cancel: {
      command,
      nodes: nodes.map((node) => ({
        id: node.id,
        was: node.status,
        attempt: node.attempt_count,
        redo: 0,
        is_effect: node.status === 'running',
      })),
    },
  };
  await closeRun(deps, input);
}

function stopEffects(runId: string, { at, by }: RunCommand): GicsOp {
  return { op: 'append', stream: CANCEL_STREAM, items: [{ key: runId, data: { run_id: runId, at, by } }] };
}

async function foldEvents(deps: ActivityDeps, run: RunRecord): Promise<RunState> {
  const approved = await deps.gics.get<Approved>('approved', run.approved_id);
  const state = initialRunState(run.id, isDelegated(run) ? [] : (approved?.value.plan.nodes ?? []));
  for (let from = 1; ;) {
    const entries = await deps.gics.read<RunEvent>(runStreams.events(run.id), { from, limit: PAGE });
    const last = entries.at(-1);
    if (!last) return state;
    for (const { data } of entries) applyEvent(state, data);
    from = last.offset + 1;
  }
}
