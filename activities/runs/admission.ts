import { errorCode, GimoError } from '#contract/errors.ts';
import type { Gics, GicsOp } from '#contract/gics.ts';
import { ADMIT_SIGNAL, type EventBatch, type RunInput } from '#contract/messages.ts';
import type { RunRecord } from '#contract/objects.ts';
import { DEFAULT_PRIORITY, placeInQueue, PRIORITIES, type Priority } from '#contract/priority.ts';
import type { ActivityDeps } from '../deps.ts';
import { batchOps } from '../effects/ledger.ts';
import { readOpsConfig } from './settings.ts';

/** Takes a slot: a row keyed by the run, so that a repeat takes no second one; none while the instance is drained. Out: whether the run may go on. */
export async function admitRun(deps: ActivityDeps, input: EventBatch & RunInput): Promise<{ admitted: boolean }> {
  const { max_concurrent_runs, drain } = await readOpsConfig(deps.gics);
  const started: GicsOp[] = [{ op: 'delete', collection: 'outbox', id: input.run_id }, ...batchOps(input.run_id, input)];
  try {
    await deps.gics.txn([
      { op: 'put', collection: 'slots', id: input.run_id, value: { taken_at: new Date().toISOString() }, rev: 0 },
      { op: 'check_count', collection: 'slots', below: drain === null ? max_concurrent_runs + 1 : 0 },
      ...started,
    ]);
    return { admitted: true };
  } catch (error) {
    if (errorCode(error) !== 'GICS_CONFLICT') throw error;
    await deps.gics.txn(started);
    return { admitted: error instanceof GimoError && error.data['index'] === 0 };
  }
}

/** Wakes the run whose turn it is. A signal that is lost costs time only: runs in the queue ask again by themselves. */
export async function admitNext(deps: ActivityDeps): Promise<void> {
  const next = await nextInQueue(deps.gics);
  if (next === null) return;
  await deps.client.workflow
    .getHandle(next)
    .signal(ADMIT_SIGNAL)
    .catch((error: unknown) =>
      deps.log.info({ err: error, run_id: next }, 'the next run in the queue could not be woken; it asks again by itself'),
    );
}

/** Of each priority the one that waits longest; of these the one whose head start puts it first. Null when none waits. */
export async function nextInQueue(gics: Gics): Promise<string | null> {
  const longest = async (priority: Priority): Promise<RunRecord[]> => {
    // Records of earlier versions have none.
    const named = priority === DEFAULT_PRIORITY ? [priority, null] : [priority];
    const { records } = await gics.list<RunRecord>('runs', { where: { status: 'pending', priority: named }, order: 'asc', limit: 1 });
    return records.map(({ value }) => value);
  };
  const [first] = (await Promise.all(PRIORITIES.map(longest))).flat().sort((one, other) => placeInQueue(one) - placeInQueue(other));
  return first?.id ?? null;
}
