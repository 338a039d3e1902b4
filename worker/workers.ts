import type { DataConverter } from '@temporalio/common';
import { Worker, type NativeConnection } from '@temporalio/worker';
import { TASK_QUEUES, type ActivityApi } from '#contract/messages.ts';
import type { Config } from '#platform/config.ts';

/** Effects at once on each queue: model calls wait, processes work. */
const CONCURRENCY = { general: 100, llm: 50, process: 8 } as const;

/**
 * Workflow tasks in this process at once. They all wait for one thread, and each has a few seconds: after a restart, when every
 * run is replayed, more of them would time out while they wait here, and be replayed again.
 */
const WORKFLOW_TASKS = 4;

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
      // A worker that dies must not hold its runs back for longer than a second.
      stickyQueueScheduleToStartTimeout: '1s',
    }),
    Worker.create({ ...common, taskQueue: TASK_QUEUES.llm, maxConcurrentActivityTaskExecutions: CONCURRENCY.llm }),
    Worker.create({ ...common, taskQueue: TASK_QUEUES.process, maxConcurrentActivityTaskExecutions: CONCURRENCY.process }),
  ]);
}
