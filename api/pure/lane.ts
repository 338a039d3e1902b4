import { Worker } from 'node:worker_threads';
import { GimoError, isErrorCode } from '#contract/errors.ts';
import type { TaskName } from './tasks.ts';
import type { TaskMessage, ThreadMessage } from './thread.ts';

type Waiting = { name: TaskName; resolve: (value: unknown) => void; reject: (error: Error) => void; timer: NodeJS.Timeout | null };

/** One thread that does one task after another. It is started when first needed, and again after a task that took too long. */
export class Lane {
  readonly #deadlineMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | null = null;
  #isLoaded = false;
  #lastId = 0;

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  /** Waits: until the thread has loaded, then ≤ the deadline. Throws: what the task throws, TIMEOUT. */
  post(name: TaskName, input: unknown): Promise<unknown> {
    this.#lastId += 1;
    const message: TaskMessage = { id: this.#lastId, name, input };
    return new Promise((resolve, reject) => {
      const thread = this.#start();
      this.#waiting.set(message.id, { name, resolve, reject, timer: this.#isLoaded ? this.#deadlineOf(name) : null });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
      thread.postMessage(message);
    });
  }

  #deadlineOf(name: TaskName): NodeJS.Timeout {
    const late = (): void => void this.close(new GimoError('TIMEOUT', { message: `${name} took longer than ${this.#deadlineMs} ms.` }));
    return setTimeout(late, this.#deadlineMs);
  }

  /** On a busy machine loading takes longer than a task may. */
  #loaded(): void {
    this.#isLoaded = true;
    for (const waiting of this.#waiting.values()) waiting.timer = this.#deadlineOf(waiting.name);
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
    thread.on('message', (message: ThreadMessage) => ('loaded' in message ? this.#loaded() : this.#settle(message)));
    thread.on('error', (error) => {
      if (thread === this.#thread) this.#fail(error instanceof Error ? error : new Error(String(error)));
    });
    this.#thread = thread;
    return thread;
  }

  #settle(result: Exclude<ThreadMessage, { loaded: true }>): void {
    const waiting = this.#waiting.get(result.id);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer ?? undefined);
    this.#waiting.delete(result.id);
    if ('value' in result) waiting.resolve(result.value);
    else if (isErrorCode(result.error.code)) waiting.reject(new GimoError(result.error.code, result.error));
    else waiting.reject(new Error(result.error.message));
  }

  #fail(error: Error): void {
    this.#thread = null;
    this.#isLoaded = false;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer ?? undefined);
      reject(error);
    }
    this.#waiting.clear();
  }
}
