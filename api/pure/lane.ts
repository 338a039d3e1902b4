import { Worker } from 'node:worker_threads';
import { GimoError, isErrorCode } from '#contract/errors.ts';
import type { TaskName } from './tasks.ts';
import type { TaskMessage, TaskResult } from './thread.ts';

type Waiting = { resolve: (value: unknown) => void; reject: (error: Error) => void; timer: NodeJS.Timeout };

/** One thread that does one task after another. It is started when first needed, and again after a task that took too long. */
export class Lane {
  readonly #deadlineMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | null = null;
  #lastId = 0;

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  /** Waits: ≤ the deadline. Throws: what the task throws, TIMEOUT. */
  post(name: TaskName, input: unknown): Promise<unknown> {
    this.#lastId += 1;
    const message: TaskMessage = { id: this.#lastId, name, input };
    return new Promise((resolve, reject) => {
      const late = (): void => void this.close(new GimoError('TIMEOUT', { message: `${name} took longer than ${this.#deadlineMs} ms.` }));
      this.#waiting.set(message.id, { resolve, reject, timer: setTimeout(late, this.#deadlineMs) });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
      this.#start().postMessage(message);
    });
  }

  /** Ends the thread; tasks that wait fail with `error`. */
  async close(error: Error): Promise<void> {
    const thread = this.#thread;
    this.#fail(error);
    await thread?.terminate();
  }

  #start(): Worker {
    if (this.#thread !== null) return this.#thread;
    const thread = new Worker(new URL('./thread.ts', import.meta.url));
    thread.unref();
    thread.on('message', (result: TaskResult) => this.#settle(result));
    thread.on('error', (error) => {
      if (thread === this.#thread) this.#fail(error instanceof Error ? error : new Error(String(error)));
    });
    this.#thread = thread;
    return thread;
  }

  #settle(result: TaskResult): void {
    const waiting = this.#waiting.get(result.id);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(result.id);
    if ('value' in result) waiting.resolve(result.value);
    else if (isErrorCode(result.error.code)) waiting.reject(new GimoError(result.error.code, result.error));
    else waiting.reject(new Error(result.error.message));
  }

  #fail(error: Error): void {
    this.#thread = null;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
  }
}
