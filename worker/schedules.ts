import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { TASK_QUEUES, WORKFLOWS } from '#contract/messages.ts';
import type { Logger } from '#platform/log.ts';

const MAINTENANCE_ID = 'gimo-maintenance';

/** The clean-up loops as one schedule of Temporal: every ten minutes, never two at once. Safe to repeat. */
export async function ensureSchedules(client: Client, log: Logger): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: MAINTENANCE_ID,
      spec: { intervals: [{ every: '10m' }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '10m' },
      action: { type: 'startWorkflow', workflowType: WORKFLOWS.maintenance, taskQueue: TASK_QUEUES.general, args: [] },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) log.error({ err: error }, 'the maintenance schedule could not be made');
  }
}
