import { CANCEL_STREAM, type Gics } from '#contract/gics.ts';
import type { Logger } from '#platform/log.ts';

/** Cancels older than this many cannot concern an effect that runs now. */
const REMEMBERED = 5000;

type Watch = { controller: AbortController; users: number };

/**
 * Stops reach running effects through a stream of GICS, because heartbeats deliver a cancel seconds late.
 * `signal` is aborted as soon as the run is cancelled, also when that was before the effect began.
 */
export class Stops {
  readonly #gics: Gics;
  readonly #log: Logger;
  readonly #end = new AbortController();
  #cancelled = new Set<string>();
  #watches = new Map<string, Watch>();

  constructor(gics: Gics, log: Logger) {
    this.#gics = gics;
    this.#log = log;
  }

  /** Waits: until what was cancelled before is known. Then follows the stream until `close`. */
  async start(): Promise<void> {
    const { last } = await this.#gics.info(CANCEL_STREAM);
    const from = Math.max(1, last - REMEMBERED);
    const past = last === 0 ? [] : await this.#gics.read<{ run_id: string }>(CANCEL_STREAM, { from, limit: 1000 });
    for (const entry of past) this.#cancelled.add(entry.data.run_id);
    void this.#follow((past.at(-1)?.offset ?? 0) + 1);
  }

  async #follow(from: number): Promise<void> {
    try {
      for await (const entry of this.#gics.tail<{ run_id: string }>(CANCEL_STREAM, { from, signal: this.#end.signal }))
        this.#cancel(entry.data.run_id);
    } catch (error) {
      if (!this.#end.signal.aborted) this.#log.error({ err: error }, 'the cancel stream ended; heartbeats still deliver cancels');
    }
  }

  #cancel(runId: string): void {
    this.#cancelled.add(runId);
    this.#watches.get(runId)?.controller.abort(new Error('the run was cancelled'));
  }

  /** A signal for one effect of this run; `release` when the effect has ended. */
  watch(runId: string): { signal: AbortSignal; release: () => void } {
    const watch = this.#watches.get(runId) ?? { controller: new AbortController(), users: 0 };
    this.#watches.set(runId, watch);
    watch.users++;
    if (this.#cancelled.has(runId)) watch.controller.abort(new Error('the run was cancelled'));
    const release = (): void => {
      watch.users--;
      if (watch.users === 0) this.#watches.delete(runId);
    };
    return { signal: watch.controller.signal, release };
  }

  close(): void {
    this.#end.abort();
  }
}
