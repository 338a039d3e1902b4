import { SqliteError, type Database, type Statement } from 'better-sqlite3';
import { chainHash } from '#contract/audit-chain.ts';
import { GimoError } from '#contract/errors.ts';
import { CHAIN_GENESIS, GICS_LIMITS, isChained, type StreamInfo } from '#contract/gics.ts';
import { PAGE_BYTES, parseJson, type ReadOptions, type StoredEntry } from '../store.ts';

type Head = { id: number; first: number; last: number; hash: string | null };
type EntryRow = { offset: number; at: number; key: string | null; json: string; prev: string | null; hash: string | null };
type Item = { key?: string; json: string };
type NewEntry = [stream: number, offset: number, at: number, key: string | null, json: string, prev: string | null, hash: string | null];

const COLUMNS = '"offset", at, key, data AS json, prev, hash';

/** The tables of streams: heads and entries. Every call is synchronous. */
export class StreamTable {
  readonly #db: Database;
  readonly #head: Statement<[string], Head>;
  readonly #open: Statement<[string], Head>;
  readonly #advance: Statement<[number, string | null, number]>;
  readonly #hasKey: Statement<[number, string], { one: 1 }>;
  readonly #insert: Statement<NewEntry>;
  readonly #forward: Statement<[number, number, number], EntryRow>;
  readonly #backward: Statement<[number, number, number], EntryRow>;

  constructor(db: Database) {
    this.#db = db;
    this.#head = db.prepare('SELECT id, first, last, hash FROM streams WHERE name = ?');
    this.#open = db.prepare('INSERT INTO streams (name, first, last) VALUES (?, 1, 0) RETURNING id, first, last, hash');
    this.#advance = db.prepare('UPDATE streams SET last = ?, hash = ? WHERE id = ?');
    this.#hasKey = db.prepare('SELECT 1 AS one FROM entries WHERE stream = ? AND key = ?');
    this.#insert = db.prepare('INSERT INTO entries (stream, "offset", at, key, data, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?)');
    this.#forward = db.prepare(`SELECT ${COLUMNS} FROM entries WHERE stream = ? AND "offset" >= ? ORDER BY "offset" LIMIT ?`);
    this.#backward = db.prepare(`SELECT ${COLUMNS} FROM entries WHERE stream = ? AND "offset" <= ? ORDER BY "offset" DESC LIMIT ?`);
  }

  /** Out: the offset of each item, null for one whose key the stream already holds. Throws: BAD_REQUEST for text that has no canonical form. */
  append(stream: string, items: Item[], at: number): (number | null)[] {
    const head = this.#head.get(stream) ?? this.#open.get(stream);
    if (head === undefined) throw new GimoError('INTERNAL', { message: `Stream ${stream} could not be opened.` });
    const chained = isChained(stream);
    let { last, hash } = head;
    const offsets = items.map((item) => {
      if (item.key !== undefined && this.#hasKey.get(head.id, item.key) !== undefined) return null;
      last += 1;
      const prev = chained ? (hash ?? CHAIN_GENESIS) : null;
      if (prev !== null) hash = linkHash({ stream, offset: last, at, prev }, item.json);
      this.#store(chained, [head.id, last, at, item.key ?? null, item.json, prev, hash]);
      return last;
    });
    if (last > head.last) this.#advance.run(last, hash, head.id);
    return offsets;
  }

  /** Throws: AUDIT_UNAVAILABLE for a link of a chain that the database refuses; nothing of its transaction is kept then. */
  #store(isLink: boolean, row: NewEntry): void {
    try {
      this.#insert.run(...row);
    } catch (cause) {
      if (isLink && cause instanceof SqliteError && cause.code.startsWith('SQLITE_CONSTRAINT'))
        throw new GimoError('AUDIT_UNAVAILABLE', { cause });
      throw cause;
    }
  }

  read(stream: string, options: ReadOptions): StoredEntry[] {
    const head = this.#head.get(stream);
    if (head === undefined) return [];
    const limit = Math.min(options.limit ?? GICS_LIMITS.streamReadLimit, GICS_LIMITS.streamReadLimit);
    const rows =
      options.tailFirst === true
        ? this.#backward.iterate(head.id, options.from ?? head.last, limit)
        : this.#forward.iterate(head.id, options.from ?? 1, limit);
    return collect(rows);
  }

  info(stream: string): StreamInfo {
    const head = this.#head.get(stream);
    return { stream, first: head?.first ?? 1, last: head?.last ?? 0, hash: head?.hash ?? null };
  }

  drop(stream: string): void {
    const head = this.#head.get(stream);
    if (head === undefined) return;
    this.#db.prepare('DELETE FROM entries WHERE stream = ?').run(head.id);
    this.#db.prepare('DELETE FROM streams WHERE id = ?').run(head.id);
  }

  countAll(): number {
    return this.#db.prepare<[], { n: number }>('SELECT count(*) AS n FROM streams').get()?.n ?? 0;
  }
}

function linkHash(link: { stream: string; offset: number; at: number; prev: string }, json: string): string {
  try {
    return chainHash({ ...link, data: parseJson(json) });
  } catch (cause) {
    throw new GimoError('BAD_REQUEST', { message: `The data for ${link.stream} has no canonical form.`, cause });
  }
}

function collect(rows: Iterable<EntryRow>): StoredEntry[] {
  const entries: StoredEntry[] = [];
  let bytes = 0;
  for (const { prev, hash, ...entry } of rows) {
    bytes += Buffer.byteLength(entry.json);
    if (bytes > PAGE_BYTES && entries.length > 0) break;
    entries.push(prev === null || hash === null ? entry : { ...entry, prev, hash });
  }
  return entries;
}
