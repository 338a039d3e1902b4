import type { DataConverter } from '@temporalio/common';
import { Worker, type NativeConnection } from '@temporalio/worker';
import { TASK_QUEUES, type ActivityApi } from '#contract/messages.ts';
import type { Config } from '#platform/config.ts';

/** Effects at once on each queue: model calls wait, processes work. */
const CONCURRENCY = { general: 100, llm: 50, process: 8 } as const;

/**
 * Workflow tasks in this process at once. Most of a task is waiting for short effects to be durable, so runs take turns; but all
 * tasks share one thread, and after a restart, when every run is replayed, too many would time out while they wait for it.
 */
const WORKFLOW_TASKS = 16;
/** Of those that ask for tasks, so many ask for runs that this process does not hold yet: runs that are new, or come back after a kill. */
const NEW_RUNS_SHARE = 0.5;

type Options = { config: Config; connection: NativeConnection; dataConverter: DataConverter; activities: ActivityApi; bundle: string };

export async function createWorkers(options: Options): Promise<Worker[]> {
  const { config, connection, dataConverter, activities, bundle } = options;
  const common = {
    connection,
    namespace: config.temporalNamespace,
    dataConverter,
    activities,
    shutdownGraceTime: 0,
    shutdownForceTime: '3s',
  } as const;
  return Promise.all([
    Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.general,
      workflowBundle: { codePath: bundle },
      maxConcurrentActivityTaskExecutions: CONCURRENCY.general,
      maxConcurrentWorkflowTaskExecutions: WORKFLOW_TASKS,
      nonStickyToStickyPollRatio: NEW_RUNS_SHARE,
      // Its runs wait so long for a worker that died before another one gets them.
      stickyQueueScheduleToStartTimeout: '1s',
    }),
    Worker.create({ ...common, taskQueue: TASK_QUEUES.llm, maxConcurrentActivityTaskExecutions: CONCURRENCY.llm }),
    Worker.create({ ...common, taskQueue: TASK_QUEUES.process, maxConcurrentActivityTaskExecutions: CONCURRENCY.process }),
  ]);
}
