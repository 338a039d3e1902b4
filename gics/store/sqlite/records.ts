import type { Database, Statement } from 'better-sqlite3';
import { GICS_LIMITS, type Collection, type ListQuery, type Where } from '#contract/gics.ts';
import { DEFAULT_LIST_LIMIT, PAGE_BYTES, type StoredPage, type StoredRecord } from '../store.ts';
import { whereSql } from './where.ts';

type Params = (string | number)[];
/** Distinct `where` shapes are few; the limit only keeps a hostile client from filling memory with statements. */
const MAX_STATEMENTS = 500;
const COLUMNS = 'id, rev, value AS json, created_at, updated_at';

/** The table of records: prepared statements and nothing else. Every call is synchronous. */
export class RecordTable {
  readonly #db: Database;
  readonly #cache = new Map<string, Statement<Params>>();
  readonly #get: Statement<[string, string], StoredRecord>;
  readonly #rev: Statement<[string, string], { rev: number }>;
  readonly #insert: Statement<[string, string, string, number, number]>;
  readonly #update: Statement<[string, number, string, string]>;
  readonly #remove: Statement<[string, string]>;

  constructor(db: Database) {
    this.#db = db;
    this.#get = db.prepare(`SELECT ${COLUMNS} FROM records WHERE collection = ? AND id = ?`);
    this.#rev = db.prepare('SELECT rev FROM records WHERE collection = ? AND id = ?');
    this.#insert = db.prepare('INSERT INTO records (collection, id, rev, value, created_at, updated_at) VALUES (?, ?, 1, ?, ?, ?)');
    this.#update = db.prepare('UPDATE records SET rev = rev + 1, value = ?, updated_at = ? WHERE collection = ? AND id = ?');
    this.#remove = db.prepare('DELETE FROM records WHERE collection = ? AND id = ?');
  }

  get(collection: Collection, id: string): StoredRecord | null {
    return this.#get.get(collection, id) ?? null;
  }

  /** 0 when there is no such record. */
  rev(collection: Collection, id: string): number {
    return this.#rev.get(collection, id)?.rev ?? 0;
  }

  getMany(collection: Collection, ids: string[]): (StoredRecord | null)[] {
    const found: (StoredRecord | null)[] = [];
    let bytes = 0;
    for (const id of ids) {
      const record = this.get(collection, id);
      bytes += record === null ? 0 : Buffer.byteLength(record.json);
      if (bytes > PAGE_BYTES && found.length > 0) break;
      found.push(record);
    }
    return found;
  }

  /** Out: the new revision. `rev` is the present one, which the caller has just read in the same transaction. */
  put(target: { collection: Collection; id: string; rev: number }, json: string, at: number): number {
    if (target.rev === 0) this.#insert.run(target.collection, target.id, json, at, at);
    else this.#update.run(json, at, target.collection, target.id);
    return target.rev + 1;
  }

  remove(collection: Collection, id: string): void {
    this.#remove.run(collection, id);
  }

  count(collection: Collection, where: Where): number {
    const { sql, params } = whereSql(collection, where);
    const row = this.#statement(`SELECT count(*) AS n FROM records WHERE ${sql}`).get(...params) as { n: number };
    return row.n;
  }

  list(collection: Collection, query: ListQuery): StoredPage {
    const limit = Math.min(query.limit ?? DEFAULT_LIST_LIMIT, GICS_LIMITS.listLimit);
    const isAscending = query.order === 'asc';
    const { sql, params } = whereSql(collection, query.where ?? {});
    const after = query.cursor === undefined ? '' : `AND id ${isAscending ? '>' : '<'} ?`;
    const statement = this.#statement(
      `SELECT ${COLUMNS} FROM records WHERE ${sql} ${after} ORDER BY id ${isAscending ? 'ASC' : 'DESC'} LIMIT ?`,
    );
    const all: Params = query.cursor === undefined ? [...params, limit + 1] : [...params, query.cursor, limit + 1];
    return page(statement.iterate(...all) as Iterable<StoredRecord>, limit);
  }

  countAll(): Record<string, number> {
    const rows = this.#db.prepare<[], { collection: string; n: number }>(
      'SELECT collection, count(*) AS n FROM records GROUP BY collection',
    );
    return Object.fromEntries(rows.all().map((row) => [row.collection, row.n]));
  }

  #statement(sql: string): Statement<Params> {
    const cached = this.#cache.get(sql);
    if (cached !== undefined) return cached;
    if (this.#cache.size >= MAX_STATEMENTS) this.#cache.clear();
    const made = this.#db.prepare<Params>(sql);
    this.#cache.set(sql, made);
    return made;
  }
}

function page(rows: Iterable<StoredRecord>, limit: number): StoredPage {
  const records: StoredRecord[] = [];
  let bytes = 0;
  for (const row of rows) {
    bytes += Buffer.byteLength(row.json);
    if (records.length === limit || (bytes > PAGE_BYTES && records.length > 0)) return { records, cursor: records.at(-1)?.id ?? null };
    records.push(row);
  }
  return { records, cursor: null };
}
