/** Which share a run gets among the others, and who may say so. */
import { isDelegated } from '#contract/delegation.ts';
import { GimoError } from '#contract/errors.ts';
import type { Approved, Run } from '#contract/objects.ts';
import { DEFAULT_PRIORITY, isAbove, type Priority } from '#contract/priority.ts';
import { isRunEnded } from '#contract/run-state.ts';
import type { Call, Core } from '../deps.ts';
import { commandWith } from './run-commands.ts';
import { getRun, loadRun } from './run-view.ts';

export function plannedPriority({ plan }: Pick<Approved, 'plan'>): Priority {
  return plan.policy.priority ?? DEFAULT_PRIORITY;
}

/** Less than a person approved anybody may ask for; more only a person. Throws: FORBIDDEN. */
export function requirePriority(call: Call, approved: Approved, priority: Priority): void {
  const planned = plannedPriority(approved);
  if (call.actor.class === 'human' || !isAbove(priority, planned)) return;
  throw new GimoError('FORBIDDEN', {
    message: `The plan was approved for the priority ${planned}; ${priority} is only for credentials of class human.`,
    hint: `Start it with ${planned} or less, or ask a person to raise it (PUT /ops/runs/{id}/priority).`,
  });
}

/** Changes the share of a run that goes on. Out: the run. Throws: NOT_FOUND, RUN_NOT_ACTIVE, PRIORITY_REFUSED. */
export async function setPriority(core: Core, call: Call, { id, priority }: { id: string; priority: Priority }): Promise<Run> {
  if (call.idempotency?.isReplay === true) return getRun(core, id);
  const record = await loadRun(core, id);
  if (isDelegated(record))
    throw new GimoError('PRIORITY_REFUSED', { message: `It shares with ${record.delegated_by?.run_id ?? 'the run'} that delegated it.` });
  if (isRunEnded(record.status)) throw new GimoError('RUN_NOT_ACTIVE', { message: `The run has ended: ${record.status}.` });
  // The record is what the queue goes by, and what the next segment of the run begins with.
  return commandWith(core, call, {
    id,
    kind: 'priority',
    options: { priority },
    ops: [{ op: 'patch', collection: 'runs', id, set: { priority } }],
    detail: { from: record.priority ?? DEFAULT_PRIORITY },
  });
}
