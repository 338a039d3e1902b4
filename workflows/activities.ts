/** Every time-out and retry policy of an activity, in one place. Temporal's retries cover infrastructure only. */
import { ActivityCancellationType, proxyActivities, type ActivityInterfaceFor } from '@temporalio/workflow';
import type { Priority } from '@temporalio/common';
import { TASK_QUEUES, type ActivityApi, type EffectInput, type EffectResult } from '#contract/messages.ts';
import { NODE_KINDS, type EffectKind } from '#contract/nodes/index.ts';

/** Infrastructure comes back: retried until it does, soon at first. */
const INFRASTRUCTURE_RETRY = { initialInterval: '200ms', backoffCoefficient: 1.6, maximumInterval: '2s' } as const;

/** Beyond the node's own limit: starting the fence, writing the ledger, stopping a process tree. */
const EFFECT_GRACE_MS = 30_000;
/** A worker that is gone is noticed after this long. */
const HEARTBEAT_MS = 3000;

type Bookkeeping = Omit<ActivityApi, EffectKind>;

/** Short activities around a run; they only talk to GICS. */
export const bookkeeping: ActivityInterfaceFor<Bookkeeping> = proxyActivities<Bookkeeping>({
  startToCloseTimeout: '30s',
  heartbeatTimeout: HEARTBEAT_MS,
  retry: INFRASTRUCTURE_RETRY,
});

/** Closing publishes the branch, which takes as long as git does. */
export const closing: ActivityInterfaceFor<Pick<ActivityApi, 'closeRun'>> = proxyActivities<Pick<ActivityApi, 'closeRun'>>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: HEARTBEAT_MS,
  retry: INFRASTRUCTURE_RETRY,
});

/** Calls that somebody waits for: tried once. */
export const asking: ActivityInterfaceFor<Pick<ActivityApi, 'generatePlan' | 'checkProvider' | 'listTools'>> = proxyActivities<
  Pick<ActivityApi, 'generatePlan' | 'checkProvider' | 'listTools'>
>({ taskQueue: TASK_QUEUES.llm, startToCloseTimeout: '35s', retry: { maximumAttempts: 1 } });

const effects = proxyActivities<Pick<ActivityApi, EffectKind>>({
  startToCloseTimeout: '1h',
  heartbeatTimeout: HEARTBEAT_MS,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: INFRASTRUCTURE_RETRY,
});

/** One effect on the queue of its kind. The summary is what Temporal Web shows. */
export function startEffect(input: EffectInput, summary: string, priority: Priority | undefined): Promise<EffectResult> {
  const { lane } = NODE_KINDS[input.kind];
  return effects[input.kind].executeWithOptions(
    {
      taskQueue: lane === 'control' ? TASK_QUEUES.general : TASK_QUEUES[lane],
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      retry: INFRASTRUCTURE_RETRY,
      summary,
      ...(priority === undefined ? {} : { priority }),
      startToCloseTimeout: input.timeout_ms + EFFECT_GRACE_MS,
      heartbeatTimeout: HEARTBEAT_MS,
    },
    [input],
  );
}
