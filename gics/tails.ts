import { GICS_LIMITS } from '#contract/gics.ts';
import type { Store, StoredEntry } from './store/store.ts';

/** A tail that waited this long is answered with nothing, so that both sides notice a dead connection. */
export const TAIL_PARK_MS = 20_000;

type Wake = () => void;
export type TailRequest = { stream: string; from: number; limit: number };

/**
 * Tails by long poll: a request is answered with the entries from its offset on, or parked until there are some.
 * Nothing is buffered for a slow reader: it asks again from its own offset when it is ready.
 */
export class Tails {
  readonly #store: Store;
  readonly #parked = new Map<string, Set<Wake>>();
  readonly #stopListening: () => void;

  constructor(store: Store) {
    this.#store = store;
    this.#stopListening = store.onAppend((streams) => {
      for (const stream of streams) for (const wake of this.#parked.get(stream) ?? []) wake();
    });
  }

  /** Waits: for an entry, the signal, or TAIL_PARK_MS; then answers what there is. */
  async next(request: TailRequest, call: { signal: AbortSignal; ready: () => Promise<void> }): Promise<StoredEntry[]> {
    const from = Math.max(1, request.from);
    const limit = Math.min(request.limit, GICS_LIMITS.streamReadLimit);
    const deadline = AbortSignal.any([call.signal, AbortSignal.timeout(TAIL_PARK_MS)]);
    while (!deadline.aborted) {
      await call.ready();
      // Waiting begins before reading, or an append in between would be missed.
      const grown = this.#wait(request.stream, deadline);
      const entries = await this.#store.read(request.stream, { from, limit });
      if (entries.length > 0) {
        grown.end();
        return entries;
      }
      await grown.done;
    }
    return [];
  }

  close(): void {
    this.#stopListening();
    for (const wakes of this.#parked.values()) for (const wake of wakes) wake();
  }

  #wait(stream: string, signal: AbortSignal): { done: Promise<void>; end: Wake } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wakes = this.#parked.get(stream) ?? new Set<Wake>();
    this.#parked.set(stream, wakes);
    const end = (): void => {
      wakes.delete(end);
      if (wakes.size === 0 && this.#parked.get(stream) === wakes) this.#parked.delete(stream);
      signal.removeEventListener('abort', end);
      resolve();
    };
    wakes.add(end);
    signal.addEventListener('abort', end);
    return { done: promise, end };
  }
}
