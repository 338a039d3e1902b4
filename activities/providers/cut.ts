/** Why and when a call is cut short: the caller stops it, or its time is over. */
export class Cut {
  readonly timeoutMs: number;
  /** Rejects when the call is cut. Never resolves. */
  readonly happened: Promise<never>;
  #why: 'stopped' | 'timeout' | null = null;
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #endsAt: number;
  readonly #onStop = (): void => this.#cut('stopped');

  constructor(caller: AbortSignal, timeoutMs: number) {
    this.timeoutMs = timeoutMs;
    this.#caller = caller;
    this.#endsAt = performance.now() + timeoutMs;
    this.#timer = setTimeout(() => this.#cut('timeout'), timeoutMs);
    const { promise, reject } = Promise.withResolvers<never>();
    this.happened = promise;
    // Nobody may be waiting at that moment; the reason is read from `why`.
    promise.catch(() => undefined);
    this.#controller.signal.addEventListener('abort', () => reject(new Error('cut')), { once: true });
    if (caller.aborted) this.#cut('stopped');
    else caller.addEventListener('abort', this.#onStop, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get why(): 'stopped' | 'timeout' | null {
    return this.#why;
  }

  throwIfCut(): void {
    if (this.#why !== null) throw new Error('cut');
  }

  /** Whole milliseconds until the deadline, at least 1. */
  remainingMs(): number {
    return Math.max(1, Math.ceil(this.#endsAt - performance.now()));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#caller.removeEventListener('abort', this.#onStop);
  }

  #cut(why: 'stopped' | 'timeout'): void {
    this.#why ??= why;
    this.#controller.abort();
  }
}
