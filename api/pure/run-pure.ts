import { GimoError } from '#contract/errors.ts';
import { Lane } from './lane.ts';
import { TASKS, type TaskInput, type TaskName, type TaskOutput } from './tasks.ts';

/** Larger inputs leave the event loop: a plan of 10,000 nodes takes a quarter of a second. */
const INLINE_BYTES = 256 * 1024;
const LONG_MS = 20_000;
const HOSTILE_MS = 2000;

const stopping = (): GimoError => new GimoError('INTERNAL', { message: 'The API is stopping.' });

/** Runs the tasks of tasks.ts: small ones in place, large ones on one thread. */
export class PureTasks {
  readonly #long = new Lane(LONG_MS);

  /** Waits: ≤ 20 s. Throws: what the task throws, TIMEOUT. */
  async run<N extends TaskName>(name: N, input: TaskInput<N>, { sizeBytes }: { sizeBytes: number }): Promise<TaskOutput<N>> {
    if (sizeBytes <= INLINE_BYTES) return (TASKS[name] as (input: TaskInput<N>) => TaskOutput<N>)(input);
    return this.#long.post(name, input) as Promise<TaskOutput<N>>;
  }

  /**
   * For input whose author decides how long it takes: on a thread of its own, so that nobody waits behind it.
   * Waits: ≤ 2 s. Throws: what the task throws, TIMEOUT.
   */
  async runHostile<N extends TaskName>(name: N, input: TaskInput<N>): Promise<TaskOutput<N>> {
    const own = new Lane(HOSTILE_MS);
    try {
      return (await own.post(name, input)) as TaskOutput<N>;
    } finally {
      await own.close(stopping());
    }
  }

  async close(): Promise<void> {
    await this.#long.close(stopping());
  }
}
