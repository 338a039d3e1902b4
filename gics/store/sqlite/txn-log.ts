import type { Database, Statement } from 'better-sqlite3';
import type { GicsOpResult } from '#contract/gics.ts';
import { TXN_MEMORY_MS } from '../store.ts';

const PURGE_EVERY_MS = 1000;
const PURGE_ROWS_MIN = 100;

/** Remembers the results of transactions by the id that their client gave them, so that a re-sent one is answered and not repeated. */
export class TxnLog {
  readonly #find: Statement<[string], { result: string }>;
  readonly #insert: Statement<[string, number, string]>;
  readonly #purge: Statement<[number, number]>;
  #insertedSincePurge = 0;
  #purgedAt = 0;

  constructor(db: Database) {
    this.#find = db.prepare('SELECT result FROM txns WHERE id = ?');
    this.#insert = db.prepare('INSERT INTO txns (id, at, result) VALUES (?, ?, ?)');
    this.#purge = db.prepare(
      'DELETE FROM txns WHERE seq IN (SELECT seq FROM (SELECT seq, at FROM txns ORDER BY seq LIMIT ?) WHERE at < ?)',
    );
  }

  find(id: string): GicsOpResult[] | null {
    const row = this.#find.get(id);
    return row === undefined ? null : (JSON.parse(row.result) as GicsOpResult[]);
  }

  remember(id: string, results: GicsOpResult[], at: number): void {
    this.#insert.run(id, at, JSON.stringify(results));
    this.#insertedSincePurge += 1;
    // Twice what came in: the table cannot outgrow its ten minutes, and no commit pays for a long purge.
    if (at - this.#purgedAt < PURGE_EVERY_MS) return;
    this.#purge.run(PURGE_ROWS_MIN + 2 * this.#insertedSincePurge, at - TXN_MEMORY_MS);
    this.#insertedSincePurge = 0;
    this.#purgedAt = at;
  }
}
