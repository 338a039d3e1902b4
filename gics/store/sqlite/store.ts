import { statSync } from 'node:fs';
import path from 'node:path';
import type { Database } from 'better-sqlite3';
import { GimoError } from '#contract/errors.ts';
import { isChained, type Collection, type GicsOpResult, type ListQuery, type StreamInfo, type Where } from '#contract/gics.ts';
import { freeBytes, isEssential, SpaceGuard } from '../space.ts';
import type { ReadOptions, Store, StoredEntry, StoredPage, StoredRecord, StoreOp, StoreStats } from '../store.ts';
import { applyOps, type Tables } from './apply.ts';
import { DATABASE_FILE, lockDirectory, openDatabase } from './database.ts';
import { GroupCommit } from './group-commit.ts';
import { SCHEMA_VERSION } from './migrations.ts';
import { RecordTable } from './records.ts';
import { StreamTable } from './streams.ts';
import { TxnLog } from './txn-log.ts';

type Listener = (streams: ReadonlySet<string>) => void;
export type SqliteStoreOptions = { freeBytes?: () => number };
type Parts = { db: Database; space: SpaceGuard; onClose: () => void };

/** Open the store of a directory and lock that directory. Throws: GICS_LOCKED, GICS_DATA_NEWER, GICS_CORRUPT. */
export function openSqliteStore(dir: string, options: SqliteStoreOptions = {}): Store {
  const unlock = lockDirectory(dir);
  try {
    const space = new SpaceGuard(options.freeBytes ?? (() => freeBytes(dir)));
    return new SqliteStore({ db: openDatabase(path.join(dir, DATABASE_FILE)), space, onClose: unlock });
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Records and streams in one SQLite database, which belongs to the store from here on. */
export class SqliteStore implements Store {
  readonly #db: Database;
  readonly #space: SpaceGuard;
  readonly #onClose: () => void;
  readonly #tables: Tables;
  readonly #txns: TxnLog;
  readonly #group: GroupCommit;
  readonly #listeners = new Set<Listener>();
  #appended = new Set<string>();

  constructor(parts: Parts) {
    this.#db = parts.db;
    this.#space = parts.space;
    this.#onClose = parts.onClose;
    this.#tables = { records: new RecordTable(parts.db), streams: new StreamTable(parts.db) };
    this.#txns = new TxnLog(parts.db);
    this.#group = new GroupCommit(parts.db, () => this.#notify());
  }

  async get(collection: Collection, ids: string[]): Promise<(StoredRecord | null)[]> {
    return this.#tables.records.getMany(collection, ids);
  }

  async list(collection: Collection, query: ListQuery): Promise<StoredPage> {
    return this.#tables.records.list(collection, query);
  }

  async count(collection: Collection, where: Where): Promise<number> {
    return this.#tables.records.count(collection, where);
  }

  txn(txnId: string, ops: StoreOp[]): Promise<GicsOpResult[]> {
    return this.#group.submit(() => this.#apply(txnId, ops));
  }

  async read(stream: string, options: ReadOptions): Promise<StoredEntry[]> {
    return this.#tables.streams.read(stream, options);
  }

  async info(stream: string): Promise<StreamInfo> {
    return this.#tables.streams.info(stream);
  }

  async dropStream(stream: string): Promise<void> {
    if (isChained(stream))
      throw new GimoError('FORBIDDEN', { message: `Stream ${stream} is append-only and hash-chained: it is never dropped.` });
    await this.#group.submit(() => this.#tables.streams.drop(stream));
  }

  onAppend(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async stats(): Promise<StoreStats> {
    const { records, streams } = this.#tables;
    return { schema: SCHEMA_VERSION, records: records.countAll(), streams: streams.countAll(), db_bytes: statSync(this.#db.name).size };
  }

  async close(): Promise<void> {
    this.#group.flush();
    this.#db.pragma('wal_checkpoint(TRUNCATE)');
    this.#db.close();
    this.#onClose();
  }

  #apply(txnId: string, ops: StoreOp[]): GicsOpResult[] {
    const known = this.#txns.find(txnId);
    if (known !== null) return known;
    if (!isEssential(ops)) this.#space.require();
    const results = applyOps(this.#tables, ops, this.#appended);
    this.#txns.remember(txnId, results, Date.now());
    return results;
  }

  #notify(): void {
    const appended = this.#appended;
    if (appended.size === 0) return;
    this.#appended = new Set();
    for (const listener of this.#listeners) listener(appended);
  }
}
