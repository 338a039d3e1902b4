import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GimoError } from '#contract/errors.ts';
import { GroupCommit } from './group-commit.ts';

let db: Database.Database;
let group: GroupCommit;
let commits: number;
beforeEach(() => {
  db = new Database(':memory:');
  db.pragma('foreign_keys = ON');
  db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)');
  commits = 0;
  group = new GroupCommit(db, () => (commits += 1));
});
afterEach(() => db.close());

const insert =
  (id: number, parent: number | null = null) =>
  () =>
    db.prepare('INSERT INTO t VALUES (?, ?)').run(id, parent).changes;
const stored = (): unknown[] => db.prepare('SELECT id FROM t ORDER BY id').pluck().all();

describe('group commit', () => {
  test('commits the writes of one turn together', async () => {
    expect(await Promise.all([group.submit(insert(1)), group.submit(insert(2))])).toEqual([1, 1]);
    expect([stored(), commits]).toEqual([[1, 2], 1]);
  });

  test('fails a job that throws, after undoing what it wrote, and no other', async () => {
    const bad = (): never => {
      insert(2)();
      throw new GimoError('GICS_CONFLICT');
    };
    const outcomes = await Promise.allSettled([group.submit(insert(1)), group.submit(bad), group.submit(insert(3))]);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'GICS_CONFLICT' } },
      { status: 'fulfilled' },
    ]);
    expect(stored()).toEqual([1, 3]);
  });

  test('answers no job whose commit fails, and commits those that can be', async () => {
    // The deferred reference is only looked at by COMMIT.
    const outcomes = await Promise.allSettled([group.submit(insert(1)), group.submit(insert(2, 99)), group.submit(insert(3))]);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'INTERNAL' } },
      { status: 'fulfilled' },
    ]);
    expect(stored()).toEqual([1, 3]);
  });

  test('goes on after a fault of the database', async () => {
    const broken = (): unknown => db.exec('INSERT INTO nowhere VALUES (1)');
    await expect(group.submit(broken)).rejects.toMatchObject({ code: 'INTERNAL' });
    await group.submit(insert(1));
    expect(stored()).toEqual([1]);
  });
});
