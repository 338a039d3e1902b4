import type { LogEntry } from '#contract/run-state.ts';

/** The log lines of one run that this page has seen, from reads and from the stream, in order and each once. */
export class LogStore {
  #entries = new Map<number, LogEntry>();
  #sorted: readonly LogEntry[] = [];
  readonly #listeners = new Set<() => void>();

  /** Lines may come twice and in any order. */
  merge(entries: readonly LogEntry[]): void {
    const fresh = entries.filter((entry) => !this.#entries.has(entry.seq) && entry.text !== '');
    if (fresh.length === 0) return;
    for (const { seq, at, node, level, text } of fresh) this.#entries.set(seq, { seq, at, node, level, text });
    this.#sorted = [...this.#entries.values()].toSorted((a, b) => a.seq - b.seq);
    for (const listener of this.#listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly lines = (): readonly LogEntry[] => this.#sorted;
}
