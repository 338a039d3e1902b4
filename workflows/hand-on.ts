/**
 * A run goes on in a new workflow of the same id before Temporal's limits for one history are reached, or a replay of it takes
 * long (see contract/segment-size.ts). Nothing new begins, what is
 * under way is waited for a while, all that happened is made durable, and what the run knows is kept in GICS. Effects that take
 * longer go on meanwhile in the worker; the next segment asks for them again, and the ledger joins both.
 */
import { condition, workflowInfo } from '@temporalio/workflow';
import type { SegmentRef } from '#contract/messages.ts';
import { bookkeeping } from './activities.ts';
import type { Controls } from './controls.ts';
import type { RunContext } from './run-context.ts';
import { segmentOf } from './segment.ts';

/** Temporal ends a workflow at 50 MB. */
const MAX_HISTORY_BYTES = 20 * 1024 * 1024;
/** Temporal takes 2,000 updates for one workflow. */
const MAX_MESSAGES = 1500;
/** Longer effects are not waited for. */
const DRAIN_MS = 10_000;

/** `maxEvents`: of the history. `maxEntries`: of the log, from where this workflow began. */
export type SegmentLimits = { maxEvents: number; maxEntries: number };
type Options = SegmentLimits & { run: RunContext; controls: Controls; isOver: () => boolean };

/** Waits: until it is time, and all is kept. Out: what the next segment begins with; null when the run ended before. */
export async function handOn(options: Options): Promise<SegmentRef | null> {
  const { run, isOver } = options;
  const begunAt = run.journal.state.seq;
  await condition(() => isOver() || isDue(options, begunAt));
  if (isOver()) return null;
  run.handOn();
  await condition(() => isOver() || run.running.size === 0, DRAIN_MS);
  for (;;) {
    await condition(() => isOver() || isStill(run));
    if (isOver()) return null;
    const kept = await keep(options);
    if (isOver()) return null;
    if (kept !== null) return kept;
  }
}

function isDue({ run, controls, maxEvents, maxEntries }: Options, begunAt: number): boolean {
  const { historyLength, historySize } = workflowInfo();
  const hasMuch = run.journal.state.seq - begunAt >= maxEntries || controls.count >= MAX_MESSAGES;
  const isLong = hasMuch || historyLength >= maxEvents || historySize >= MAX_HISTORY_BYTES;
  // Children of a run end with its workflow, so a run that has delegated stays in one.
  return isLong && !run.compensations.isUnderWay && !run.hasDelegated;
}

/** What happened is written, and no gate may or may not be there. */
function isStill(run: RunContext): boolean {
  return !run.gates.isOpening && run.journal.isWritten;
}

/** Out: null when something happened meanwhile. A message may change what the run knows and leave no event, as a wish to do a node again. */
async function keep({ run, controls }: Options): Promise<SegmentRef | null> {
  const { seq } = run.journal.state;
  const { count } = controls;
  const number = (run.input.segment?.number ?? 1) + 1;
  const { ref } = await bookkeeping.keepSegment({ run_id: run.input.run_id, segment: segmentOf(run, controls, number) });
  const isAsKept = run.journal.state.seq === seq && controls.count === count;
  return isStill(run) && isAsKept ? { number, ref } : null;
}
