import { Worker } from 'node:worker_threads';
import { GimoError, isErrorCode } from '#contract/errors.ts';
import { TASKS, type TaskInput, type TaskName, type TaskOutput } from './tasks.ts';
import type { TaskMessage, TaskResult } from './thread.ts';

/** Larger inputs leave the event loop: a plan of 10,000 nodes takes a quarter of a second. */
const INLINE_BYTES = 256 * 1024;
const DEADLINE_MS = 20_000;

export type PureOptions = {
  sizeBytes: number;
  /** Never in place: the time it takes is up to whoever wrote the input. */
  isHostile?: boolean;
};
type Waiting = { resolve: (value: unknown) => void; reject: (error: Error) => void; timer: NodeJS.Timeout };

/** Runs the tasks of tasks.ts. The thread is started when first needed, and again after a task that took too long. */
export class PureTasks {
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | null = null;
  #lastId = 0;

  /** Waits: ≤ 20 s. Throws: what the task throws, INTERNAL when it takes longer. */
  async run<N extends TaskName>(name: N, input: TaskInput<N>, { sizeBytes, isHostile = false }: PureOptions): Promise<TaskOutput<N>> {
    if (sizeBytes <= INLINE_BYTES && !isHostile) return (TASKS[name] as (input: TaskInput<N>) => TaskOutput<N>)(input);
    return this.#post(name, input) as Promise<TaskOutput<N>>;
  }

  async close(): Promise<void> {
    const thread = this.#thread;
    this.#fail(new GimoError('INTERNAL', { message: 'The API is stopping.' }));
    await thread?.terminate();
  }

  #post(name: TaskName, input: unknown): Promise<unknown> {
    this.#lastId += 1;
    const message: TaskMessage = { id: this.#lastId, name, input };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#stop(new GimoError('INTERNAL', { message: `${name} took too long.` })), DEADLINE_MS);
      this.#waiting.set(message.id, { resolve, reject, timer });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
      this.#start().postMessage(message);
    });
  }

  #start(): Worker {
    if (this.#thread !== null) return this.#thread;
    const thread = new Worker(new URL('./thread.ts', import.meta.url));
    thread.unref();
    thread.on('message', (result: TaskResult) => this.#settle(result));
    thread.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
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

  #stop(error: Error): void {
    void this.#thread?.terminate();
    this.#fail(error);
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
