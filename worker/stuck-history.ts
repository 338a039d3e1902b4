import type { Client, WorkflowExecutionDescription } from '@temporalio/client';

/** `WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR` of Temporal's API. */
const NOT_REPLAYABLE = 24;
/** What failed twice fails for ever: the history stays what it is. */
const FAILED_ATTEMPTS = 2;
const PAGE = 50;

/**
 * Whether no worker can replay the history of this run, so that it would stand still for ever: its code is another than when the
 * run began, or Temporal's SDK gave the workflow things in another order than a replay does.
 */
export async function isHistoryStuck(
  client: Client,
  namespace: string,
  { raw, workflowId }: WorkflowExecutionDescription,
): Promise<boolean> {
  if ((raw.pendingWorkflowTask?.attempt ?? 1) <= FAILED_ATTEMPTS) return false;
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace,
    execution: { workflowId },
    maximumPageSize: PAGE,
  });
  for (const event of history?.events ?? []) {
    if (event.workflowTaskCompletedEventAttributes) return false;
    if (Number(event.workflowTaskFailedEventAttributes?.cause) === NOT_REPLAYABLE) return true;
  }
  return false;
}
