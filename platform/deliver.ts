import {
  type Client,
  isGrpcDeadlineError,
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { errorCode, GimoError, type ErrorCode } from '#contract/errors.ts';
import { SEARCH_ATTRIBUTES, TASK_QUEUES, WORKFLOWS, type OutboxRow, type RunInput } from '#contract/messages.ts';
import { DEFAULT_PRIORITY, PRIORITY_WEIGHTS } from '#contract/priority.ts';
import { firstWorkflowTaskMs } from '#contract/segment-size.ts';

/** How long an update may take before the same message goes as a signal: without a worker an update waits for ever. */
const UPDATE_DEADLINE_MS = 3000;

/** `gone`: there is no such workflow any more. `refused`: its validator said no, so another delivery is pointless. */
export type Delivery = { state: 'delivered' | 'gone' } | { state: 'refused'; code: ErrorCode; message: string };

type StartRow = Extract<OutboxRow, { kind: 'start' }>;

/**
 * Starts a run whose workflow Temporal lost, or holds only in an older state; that one is terminated in the same instant.
 * Throws: what the Temporal client throws.
 */
export async function startAnew(client: Client, row: StartRow): Promise<void> {
  await start(client, row, { workflowIdReusePolicy: 'ALLOW_DUPLICATE', workflowIdConflictPolicy: 'TERMINATE_EXISTING' });
}

type IdPolicies = Pick<WorkflowStartOptions, 'workflowIdReusePolicy' | 'workflowIdConflictPolicy'>;

async function start(client: Client, row: StartRow, policies: IdPolicies): Promise<void> {
  await client.workflow.start(WORKFLOWS.runGraph, {
    ...policies,
    workflowId: row.run_id,
    taskQueue: TASK_QUEUES.general,
    args: [{ ...row.input, begins_in_task: true } satisfies RunInput],
    workflowTaskTimeout: firstWorkflowTaskMs({ maxNodes: row.max_nodes, staysInOne: row.delegates === true }),
    staticSummary: row.title,
    priority: { fairnessKey: row.run_id, fairnessWeight: PRIORITY_WEIGHTS[row.priority ?? DEFAULT_PRIORITY] },
    searchAttributes: { [SEARCH_ATTRIBUTES.approved]: [row.input.approved_id], [SEARCH_ATTRIBUTES.status]: ['pending'] },
  });
}

async function startRun(client: Client, row: StartRow): Promise<Delivery> {
  try {
    await start(client, row, { workflowIdReusePolicy: 'REJECT_DUPLICATE' });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  return { state: 'delivered' };
}

/** Only what the validator of the run says is a refusal; a fault of the workflow's code may be gone with the next worker. */
function refusal(error: WorkflowUpdateFailedError): Delivery {
  const { cause } = error;
  const code = cause instanceof ApplicationFailure ? errorCode({ code: cause.type }) : null;
  if (code !== null) return { state: 'refused', code, message: cause?.message ?? '' };
  throw new GimoError('WORKER_LOST', { message: `The run could not take the message: ${cause?.message ?? error.message}`, cause: error });
}

async function sendMessage(client: Client, row: Exclude<OutboxRow, { kind: 'start' }>, id: string): Promise<Delivery> {
  const handle = client.workflow.getHandle(row.run_id);
  const argument = 'decision' in row ? row.decision : row.command;
  try {
    await client.withDeadline(Date.now() + UPDATE_DEADLINE_MS, () => handle.executeUpdate(row.kind, { args: [argument], updateId: id }));
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) return refusal(error);
    if (!(error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) && !isGrpcDeadlineError(error)) throw error;
    await handle.signal(row.kind, argument);
  }
  return { state: 'delivered' };
}

/**
 * Delivers one outbox row to its workflow: a start, or an update that falls back to a signal. Safe to repeat.
 * In: the row and its id. Waits: ≤ 3 s for the update, then one call. Throws: TEMPORAL_UNAVAILABLE.
 */
export async function deliver(client: Client, id: string, row: OutboxRow): Promise<Delivery> {
  try {
    return await (row.kind === 'start' ? startRun(client, row) : sendMessage(client, row, id));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { state: 'gone' };
    if (isGrpcServiceError(error))
      throw new GimoError('TEMPORAL_UNAVAILABLE', { message: `Temporal refused the message: ${error.message}`, cause: error });
    throw error;
  }
}
