import type { Client } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';
import { lastEvent } from '#activities/runs/events.ts';
import type { Gics } from '#contract/gics.ts';

const PAGE = 100;
const ROUNDING_MS = 2;

/**
 * Whether Temporal holds an older state of this run than GICS, as after its database was restored from a copy. Each event of
 * a run bears the time of the workflow task that made it, so that task must be in the history, unless the history began after it.
 */
export async function isHistoryBehind(gics: Gics, client: Client, namespace: string, runId: string): Promise<boolean> {
  const last = await lastEvent(gics, runId);
  if (last === null) return false;
  const madeAt = Date.parse(last.at);
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await client.workflowService.getWorkflowExecutionHistoryReverse({
      namespace,
      execution: { workflowId: runId },
      maximumPageSize: PAGE,
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
    for (const event of page.history?.events ?? []) {
      const at = tsToMs(event.eventTime);
      const started = event.workflowExecutionStartedEventAttributes;
      if (started) return at <= madeAt && !started.continuedExecutionRunId;
      // Only these are in the order of their times: other events may have waited for the end of a task.
      if (!event.workflowTaskStartedEventAttributes || at > madeAt + ROUNDING_MS) continue;
      return at < madeAt - ROUNDING_MS;
    }
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
  return false;
}
