/** Who was shown what, and since when: the time from there to a decision tells whether approvals are still read. Kept by this process alone. */
import type { Actor } from '../deps.ts';

const MOST = 10_000;

export class Views {
  /** The least recently shown first. */
  readonly #firstAt = new Map<string, number>();

  /** In: the hash of what was shown; of something that has changed since it is another. */
  shown({ label }: Pick<Actor, 'label'>, hash: string): void {
    const key = `${label} ${hash}`;
    const firstAt = this.#firstAt.get(key) ?? Date.now();
    this.#firstAt.delete(key);
    this.#firstAt.set(key, firstAt);
    const [oldest] = this.#firstAt.keys();
    if (this.#firstAt.size > MOST && oldest !== undefined) this.#firstAt.delete(oldest);
  }

  /** For the audit entry of a decision: how long ago it was first shown to whoever decides, nothing when that is not known. */
  since({ label }: Pick<Actor, 'label'>, hash: string): { viewed_ms?: number } {
    const firstAt = this.#firstAt.get(`${label} ${hash}`);
    return firstAt === undefined ? {} : { viewed_ms: Math.max(0, Date.now() - firstAt) };
  }
}
