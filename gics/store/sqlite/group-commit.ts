import { SqliteError, type Database, type Statement } from 'better-sqlite3';
import { GimoError } from '#contract/errors.ts';
import { failpoint } from '#platform/failpoints.ts';
import { sqliteErrorCode } from './database.ts';

type Outcome = { ok: true; value: unknown } | { ok: false; error: unknown };
type Job = { run: () => unknown; settle: (outcome: Outcome) => void };

/**
 * Group commit: writes that arrive within one turn of the event loop share one BEGIN IMMEDIATE … COMMIT, and one fsync, and are answered after it.
 * Each has a savepoint of its own, so that one that fails takes nothing else with it.
 */
export class GroupCommit {
  readonly #db: Database;
  readonly #onCommit: () => void;
  readonly #begin: Statement<[]>;
  readonly #commit: Statement<[]>;
  readonly #savepoint: Statement<[]>;
  readonly #release: Statement<[]>;
  readonly #undo: Statement<[]>;
  #queue: Job[] = [];

  constructor(db: Database, onCommit: () => void) {
    this.#db = db;
    this.#onCommit = onCommit;
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#savepoint = db.prepare('SAVEPOINT job');
    this.#release = db.prepare('RELEASE job');
    this.#undo = db.prepare('ROLLBACK TO job');
  }

  /** Waits: until the write is on disk. Throws: what `run` throws, and coded errors of the database. */
  submit<T>(run: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (outcome: Outcome): void => {
        if (outcome.ok) resolve(outcome.value as T);
        else reject(outcome.error);
      };
      this.#queue.push({ run, settle });
      if (this.#queue.length === 1) setImmediate(() => this.flush());
    });
  }

  flush(): void {
    const jobs = this.#queue;
    this.#queue = [];
    if (jobs.length === 0) return;
    const outcomes = this.#tryGroup(jobs) ?? jobs.map((job) => this.#alone(job));
    this.#onCommit();
    for (const [index, job] of jobs.entries()) {
      const outcome = outcomes[index];
      if (outcome !== undefined) job.settle(outcome);
    }
  }

  /** Null when the database itself failed, for instance because the disk is full: then nothing of the group is stored. */
  #tryGroup(jobs: Job[]): Outcome[] | null {
    try {
      return this.#runGroup(jobs);
    } catch {
      // The cause comes back, and is reported, when each job is run alone.
      return null;
    }
  }

  #alone(job: Job): Outcome {
    try {
      const [outcome] = this.#runGroup([job]);
      return outcome ?? { ok: false, error: new GimoError('INTERNAL') };
    } catch (cause) {
      return { ok: false, error: new GimoError(sqliteErrorCode(cause), { cause }) };
    }
  }

  #runGroup(jobs: Job[]): Outcome[] {
    this.#begin.run();
    try {
      const outcomes = jobs.map((job) => this.#runJob(job));
      failpoint('gics.before_commit');
      this.#commit.run();
      failpoint('gics.after_commit');
      return outcomes;
    } finally {
      // SQLite may have rolled back by itself; after a COMMIT there is nothing to undo.
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
    }
  }

  #runJob(job: Job): Outcome {
    this.#savepoint.run();
    try {
      const value = job.run();
      this.#release.run();
      return { ok: true, value };
    } catch (error) {
      const own = ownFault(error);
      if (own === null) throw error;
      this.#undo.run();
      this.#release.run();
      return { ok: false, error: own };
    }
  }
}

/** The fault of one job alone, null when the database failed. A constraint that does not hold undoes one statement, not the transaction. */
function ownFault(error: unknown): GimoError | null {
  if (error instanceof GimoError) return error;
  if (!(error instanceof SqliteError) || !error.code.startsWith('SQLITE_CONSTRAINT')) return null;
  return new GimoError('BAD_REQUEST', { message: 'The value is not JSON.', cause: error });
}
