/** Short workflows that somebody waits for: what only the worker can do for the API, and its failures with their codes. */
import { ERRORS } from '#contract/error-table.ts';
import { errorCode, errorMessage, GimoError, isErrorCode, type ErrorCode } from '#contract/errors.ts';
import { TASK_QUEUES } from '#contract/messages.ts';
import type { ErrorInfo } from '#contract/run-state.ts';
import type { Core } from '../deps.ts';
import { readPresence } from './settings.ts';

export function errorInfo(code: ErrorCode, message?: string, hint?: string): ErrorInfo {
  const row = ERRORS[code];
  return { code, message: message ?? row.sentence, hint: hint ?? row.hint, retryable: row.retryable, attempt: 1 };
}

export function infoOf(error: unknown): ErrorInfo {
  const code = errorCode(error) ?? codeInCauses(error);
  if (error instanceof GimoError) return errorInfo(error.code, error.message, error.hint);
  if (code !== null) return errorInfo(code, errorMessage(error));
  return errorInfo('TIMEOUT', 'The provider did not write a plan in time.', 'Check it with GET /ops/provider/health, then try again.');
}

/** What failed in the worker, with the code that it gave it. */
export function workerError(error: unknown): GimoError {
  const { code, message, hint } = infoOf(error);
  return new GimoError(isErrorCode(code) ? code : 'INTERNAL', { message, hint, cause: error });
}

/** Failures of a workflow carry their code as `type` in the chain of causes. */
function codeInCauses(error: unknown): ErrorCode | null {
  for (let at: unknown = error; typeof at === 'object' && at !== null; at = 'cause' in at ? at.cause : null) {
    if ('type' in at && isErrorCode(at.type)) return at.type;
  }
  return null;
}

/** Runs a short workflow. Waits: until `deadline` (epoch ms). Throws: WORKER_LOST when no worker is alive, and what the workflow throws. */
export async function runShort<T>(
  core: Core,
  { type, id, args, deadline }: { type: string; id: string; args: unknown[]; deadline: number },
): Promise<T> {
  if ((await readPresence(core)) === null)
    throw new GimoError('WORKER_LOST', { message: 'No worker is running.', hint: 'It restarts by itself; /ready shows its state.' });
  const { client } = core.temporal;
  return client.withDeadline(deadline, async () => {
    const handle = await client.workflow.start(type, {
      workflowId: id,
      taskQueue: TASK_QUEUES.general,
      args,
      workflowRunTimeout: deadline - Date.now(),
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
    return (await handle.result()) as T;
  });
}
