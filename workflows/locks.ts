import { CancelledFailure } from '@temporalio/workflow';

type Waiter = { mode: 'read' | 'write'; grant: () => void; refuse: (error: Error) => void };

/**
 * Queues in order of asking. Woken one by one, because `condition` would look at every waiter after every activation
 * and make a fan-out quadratic. `stop` refuses all who wait: a run is cancelled as a whole.
 */
class Turns {
  #waiting: Waiter[] = [];
  #isStopped = false;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  get first(): Waiter | undefined {
    return this.#waiting[0];
  }

  wait(mode: 'read' | 'write' = 'write'): Promise<void> {
    if (this.#isStopped) return Promise.reject(new CancelledFailure('the run was stopped'));
    return new Promise((resolve, reject) => this.#waiting.push({ mode, grant: resolve, refuse: reject }));
  }

  grantFirst(): void {
    this.#waiting.shift()?.grant();
  }

  stop(): void {
    this.#isStopped = true;
    for (const waiter of this.#waiting.splice(0)) waiter.refuse(new CancelledFailure('the run was stopped'));
  }
}

/** At most `limit` holders. */
export class Semaphore {
  readonly #limit: number;
  readonly #turns = new Turns();
  #kept = new Set<string>();
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Keeps a place for a holder that goes on from the segment before and will enter again. */
  keep(id: string): void {
    this.#kept.add(id);
    this.#held++;
  }

  /** Null when a place was free and is taken, else the promise of one: most callers never wait, and a promise costs more than the check. */
  enter(id: string): Promise<void> | null {
    if (this.#kept.delete(id)) return null;
    if (this.#held >= this.#limit) return this.#turns.wait();
    this.#held++;
    return null;
  }

  /** A holder hands its place over, so that nobody slips in between. */
  leave(): void {
    if (this.#turns.isEmpty) this.#held--;
    else this.#turns.grantFirst();
  }

  stop(): void {
    this.#turns.stop();
  }
}

/** Writers alone, readers together. */
export class ReadWriteLock {
  readonly #turns = new Turns();
  #readers = 0;
  #hasWriter = false;
  #kept = new Set<string>();
  #holders = new Map<string, 'read' | 'write'>();

  #isFree(mode: 'read' | 'write'): boolean {
    return !this.#hasWriter && (mode === 'read' || this.#readers === 0);
  }

  #enter(mode: 'read' | 'write'): void {
    if (mode === 'write') this.#hasWriter = true;
    else this.#readers++;
  }

  /** Null when it holds nothing. */
  modeOf(id: string): 'read' | 'write' | null {
    return this.#holders.get(id) ?? null;
  }

  /** Keeps the lock for a holder that goes on from the segment before and will acquire it again. */
  keep(id: string, mode: 'read' | 'write'): void {
    this.#kept.add(id);
    this.#holders.set(id, mode);
    this.#enter(mode);
  }

  async acquire(mode: 'read' | 'write', id: string): Promise<() => void> {
    if (this.#kept.delete(id)) return () => this.#release(mode, id);
    if (this.#turns.isEmpty && this.#isFree(mode)) this.#enter(mode);
    else await this.#turns.wait(mode);
    this.#holders.set(id, mode);
    return () => this.#release(mode, id);
  }

  #release(mode: 'read' | 'write', id: string): void {
    this.#holders.delete(id);
    if (mode === 'write') this.#hasWriter = false;
    else this.#readers--;
    this.#admit();
  }

  #admit(): void {
    for (let next = this.#turns.first; next && this.#isFree(next.mode); next = this.#turns.first) {
      this.#enter(next.mode);
      this.#turns.grantFirst();
    }
  }

  stop(): void {
    this.#turns.stop();
  }
}
