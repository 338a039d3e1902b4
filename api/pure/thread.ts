/** The thread of run-pure.ts: one task after another. */
import { parentPort } from 'node:worker_threads';
import { errorCode, errorMessage, GimoError } from '#contract/errors.ts';
import { TASKS, type TaskName } from './tasks.ts';

export type TaskMessage = { id: number; name: TaskName; input: unknown };
type TaskResult = { id: number; value: unknown } | { id: number; error: { code: string | null; message: string; hint: string } };
export type ThreadMessage = { loaded: true } | TaskResult;

parentPort?.on('message', ({ id, name, input }: TaskMessage) => {
  let result: TaskResult;
  try {
    result = { id, value: (TASKS[name] as (input: unknown) => unknown)(input) };
  } catch (error) {
    const hint = error instanceof GimoError ? error.hint : '';
    result = { id, error: { code: errorCode(error), message: errorMessage(error), hint } };
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  parentPort?.postMessage(result);
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
parentPort?.postMessage({ loaded: true } satisfies ThreadMessage);
