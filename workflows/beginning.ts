/**
 * The first two steps of a run, done inside of its first workflow task: as activities of their own they cost two tasks each, which is
 * most of what a short run takes. A store that is away makes them activities all the same, which are tried until it is back.
 */
import { proxyLocalActivities } from '@temporalio/workflow';
import type { ActivityApi, EventBatch, LoadedRun, RunInput } from '#contract/messages.ts';
import { bookkeeping } from './activities.ts';
import { isInfrastructureFailure } from './failure.ts';

type Steps = Pick<ActivityApi, 'loadRun' | 'admitRun'>;

/** Messages to the run wait for the end of the task, so it is not held up for longer. */
const STEP_MS = 2000;
/** A task that is repeated may number other events in other order, so none travel with these. */
const NO_EVENTS: EventBatch = { events: [], summary: null };

const local = proxyLocalActivities<Steps>({
  startToCloseTimeout: STEP_MS,
  scheduleToCloseTimeout: 2 * STEP_MS,
  retry: { maximumAttempts: 1 },
});

/** Out: null when it has to be an activity, because the store is away or the run began before this was so. */
async function inTask<T>(input: RunInput, step: () => Promise<T>): Promise<T | null> {
  if (input.begins_in_task !== true) return null;
  try {
    return await step();
  } catch (error) {
    if (isInfrastructureFailure(error)) return null;
    throw error;
  }
}

/** Waits: for the verdict on the approval. */
export async function load(input: RunInput): Promise<LoadedRun> {
  return (await inTask(input, () => local.loadRun(input))) ?? bookkeeping.loadRun(input);
}

/** Whether a place was free at once. Null: to be asked by an activity. */
export async function admittedAtOnce(input: RunInput): Promise<boolean | null> {
  const answer = await inTask(input, () => local.admitRun({ ...NO_EVENTS, ...input }));
  return answer === null ? null : answer.admitted;
}
