import { setTimeout as delay } from 'node:timers/promises';
import type { RunShare } from '#contract/priority.ts';

type Waiting = { key: string; size: number; start: number; go: () => void };

/**
 * Work of many runs in one process: at most `room` at once, and who has to wait is served in proportion to the weights of the runs
 * (start-time fair queueing). What a run asks for begins, on a clock that goes on with the work that is served, where the one before
 * ended; so a run that asks rarely is next, and one of four times the weight gets four times the work.
 */
export class FairTurns {
  readonly #room: number;
  readonly #mostMs: number;
  #clock = 0;
  #inUse = 0;
  #waiting: Waiting[] = [];
  /** Where what the run asked for last ends; only of those that are ahead of the clock. */
  #ends = new Map<string, number>();

  /** In: how much work at once; how long anybody waits at most. */
  constructor(room: number, mostMs: number) {
    this.#room = room;
    this.#mostMs = mostMs;
  }

  /** Waits: for room, in turn. Out: what `work` gives. Throws: what it throws. */
  async run<T>({ key, weight }: RunShare, size: number, work: () => Promise<T>): Promise<T> {
    const start = Math.max(this.#clock, this.#ends.get(key) ?? 0);
    this.#ends.set(key, start + size / weight);
    if (this.#waiting.length > 0 || !this.#hasRoomFor(size)) await this.#turn({ key, size, start });
    else this.#begin(start, size);
    try {
      return await work();
    } finally {
      this.#inUse -= size;
      this.#admit();
    }
  }

  /** One that is larger than all the room goes alone. */
  #hasRoomFor(size: number): boolean {
    return this.#inUse === 0 || this.#inUse + size <= this.#room;
  }

  #begin(start: number, size: number): void {
    this.#inUse += size;
    this.#clock = Math.max(this.#clock, start);
    for (const [key, end] of this.#ends) if (end <= this.#clock) this.#ends.delete(key);
  }

  async #turn(asked: Omit<Waiting, 'go'>): Promise<void> {
    const given = Promise.withResolvers<void>();
    const waiting: Waiting = { ...asked, go: given.resolve };
    this.#waiting.push(waiting);
    const patience = new AbortController();
    const over = delay(this.#mostMs, undefined, { signal: patience.signal, ref: false }).then(
      () => this.#serve(waiting),
      () => undefined, // its turn came
    );
    await Promise.race([given.promise, over]);
    patience.abort();
  }

  #admit(): void {
    for (;;) {
      const next = this.#waiting.reduce<Waiting | null>((first, one) => (first === null || one.start < first.start ? one : first), null);
      if (next === null || !this.#hasRoomFor(next.size)) return;
      this.#serve(next);
    }
  }

  #serve(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    this.#begin(waiting.start, waiting.size);
    waiting.go();
  }
}
