/**
 * Refused tokens, counted by the address that sent them. An address that sends too many unknown ones is locked for a while: whoever has
 * no valid credential is turned away there without more ado, while valid ones keep working, so that nobody can lock out others. Locks are
 * records of GICS: every process of the API knows them, and a restart forgets none. Counts are the process's own.
 */
import { isIPv6 } from 'node:net';
import { LIMIT_WINDOW_MS, type Limits } from '#contract/limits.ts';
import type { Gics } from '#contract/gics.ts';
import type { Logger } from '#platform/log.ts';
import { asJson, securityOps, type AuditEntry } from './commit.ts';

const LOCK_MS = 60_000;
const LONGEST_LOCK_MS = 15 * 60_000;
const SECOND_MS = 1000;
/** More addresses than this in a second are recorded as one. */
const MAX_RECORDED = 50;
const MAX_COUNTED = 10_000;
const OTHERS = 'other addresses';

export type SourceLock = { source: string; at: string; until: string; count: number; for_ms: number };
type Count = { since: number; count: number };

/** IPv4 as it is, IPv6 by its /64, since one machine has a whole one of these. */
export function sourceOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...Array.from({ length: tail === undefined ? 0 : 8 - left.length - right.length }, () => '0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

export class Sources {
  readonly #gics: Gics;
  readonly #log: Logger;
  readonly #limits: Limits;
  readonly #onFlood: (count: number) => Promise<void>;
  #counts = new Map<string, Count>();
  #all: Count = { since: 0, count: 0 };
  #refused = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  /** In: what happens when all addresses together sent too many. */
  constructor(gics: Gics, log: Logger, limits: Limits, onFlood: (count: number) => Promise<void>) {
    this.#gics = gics;
    this.#log = log;
    this.#limits = limits;
    this.#onFlood = onFlood;
  }

  /** The lock of an address, null when there is none. Throws: GICS_UNAVAILABLE. */
  async lockOf(source: string): Promise<SourceLock | null> {
    const record = await this.#gics.get<SourceLock>('source_locks', source);
    return record !== null && record.value.until > new Date().toISOString() ? record.value : null;
  }

  /**
   * Notes a refused token. `isGuess`: nobody ever had it; only such count towards a lock. Out: the lock of that address, null when it
   * has none. Throws: GICS_UNAVAILABLE.
   */
  async refused(source: string, isGuess: boolean): Promise<SourceLock | null> {
    this.#record(source);
    const lock = await this.lockOf(source);
    // What comes from a locked address counts no further: one address alone cannot lock everybody's changes.
    if (lock !== null || !isGuess) return lock;
    const [own, all] = [this.#countOf(source), this.#countAll()];
    if (all >= this.#limits.panic) {
      this.#all.count = 0;
      await this.#onFlood(all);
    }
    return own < this.#limits.invalid ? null : this.#lock(source, own);
  }

  /** Writes what is still to be recorded. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#write();
    await this.#writing;
  }

  #countOf(source: string): number {
    if (this.#counts.size >= MAX_COUNTED) this.#counts.clear();
    const count = bump(this.#counts.get(source));
    this.#counts.set(source, count);
    return count.count;
  }

  #countAll(): number {
    this.#all = bump(this.#all);
    return this.#all.count;
  }

  /** Each lock of an address in a row is twice as long as the one before. */
  async #lock(source: string, count: number): Promise<SourceLock> {
    const before = await this.#gics.get<SourceLock>('source_locks', source);
    const now = Date.now();
    const isAgain = before !== null && now - Date.parse(before.value.until) < LONGEST_LOCK_MS;
    const ms = isAgain ? Math.min(LONGEST_LOCK_MS, before.value.for_ms * 2) : LOCK_MS;
    const at = new Date(now).toISOString();
    const lock: SourceLock = { source, at, until: new Date(now + ms).toISOString(), count, for_ms: ms };
    this.#counts.delete(source);
    const entry = entryOf(at, 'source.locked', source, { count, until: lock.until });
    await this.#gics.txn([{ op: 'put', collection: 'source_locks', id: source, value: asJson(lock) }, ...securityOps(entry)]);
    this.#log.warn({ source, until: lock.until }, 'an address was locked: it sent too many unknown tokens');
    return lock;
  }

  /** One entry for each address and second, however many tokens it sent. */
  #record(source: string): void {
    const name = this.#refused.size < MAX_RECORDED || this.#refused.has(source) ? source : OTHERS;
    this.#refused.set(name, (this.#refused.get(name) ?? 0) + 1);
    this.#timer ??= setTimeout(() => this.#write(), SECOND_MS);
  }

  #write(): void {
    this.#timer = null;
    const at = new Date().toISOString();
    const entries = [...this.#refused].map(([source, count]) => entryOf(at, 'token.refused', source, { count }));
    this.#refused.clear();
    if (entries.length === 0) return;
    const work = this.#gics.txn(entries.flatMap(securityOps)).then(
      () => undefined,
      (error: unknown) => this.#log.error({ err: error }, 'refused tokens could not be recorded'),
    );
    this.#writing = Promise.all([this.#writing, work]).then(() => undefined);
  }
}

function bump(count: Count | undefined): Count {
  const now = Date.now();
  return count === undefined || now - count.since >= LIMIT_WINDOW_MS ? { since: now, count: 1 } : { ...count, count: count.count + 1 };
}

function entryOf(at: string, action: string, source: string, detail: AuditEntry['detail'] & object): AuditEntry {
  return { at, actor: 'nobody', action, object: `source:${source}`, correlation_id: '', outcome: 'refused', detail };
}
