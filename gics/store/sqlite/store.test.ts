import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { COLLECTIONS, type GicsOp } from '#contract/gics.ts';
import { describeStore } from '../conformance.ts';
import { easyStore } from '../easy-store.ts';
import { RESERVE_BYTES, SpaceGuard } from '../space.ts';
import { DATABASE_FILE, openDatabase } from './database.ts';
import { SCHEMA_VERSION } from './migrations.ts';
import { openSqliteStore, SqliteStore } from './store.ts';
import { whereSql } from './where.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'gics-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describeStore('SQLite', async () => {
  const store = openSqliteStore(dir);
  return { store, dispose: () => store.close() };
});

const put = (id: string, size = 0): GicsOp => ({ op: 'put', collection: 'runs', id, value: { text: 'x'.repeat(size) } });

describe('the directory of a SQLite store', () => {
  test('is refused while another store has it, and free again after that one is closed', async () => {
    const first = openSqliteStore(dir);
    expect(() => openSqliteStore(dir)).toThrow(expect.objectContaining({ code: 'GICS_LOCKED' }));
    await first.close();
    await openSqliteStore(dir).close();
  });

  test('is refused when a newer version wrote it, and is not locked by the attempt', async () => {
    await openSqliteStore(dir).close();
    const db = new Database(path.join(dir, DATABASE_FILE));
    db.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(() => openSqliteStore(dir)).toThrow(expect.objectContaining({ code: 'GICS_DATA_NEWER' }));
    }
    db.pragma(`user_version = ${SCHEMA_VERSION}`);
    db.close();
    await openSqliteStore(dir).close();
  });

  test('is refused when its database is no database', () => {
    writeFileSync(path.join(dir, DATABASE_FILE), 'x'.repeat(5000));
    expect(() => openSqliteStore(dir)).toThrow(expect.objectContaining({ code: 'GICS_CORRUPT' }));
  });

  // verifies: ARC-7
  test('keeps everything over a close', async () => {
    const first = openSqliteStore(dir);
    await easyStore(first).txn(put('a'), { op: 'append', stream: 's', items: [{ data: 1 }] });
    await first.close();
    const second = openSqliteStore(dir);
    expect(await easyStore(second).ids('runs')).toEqual(['a']);
    expect(await easyStore(second).txn({ op: 'append', stream: 's', items: [{ data: 2 }] })).toEqual([{ offsets: [2] }]);
    await second.close();
  });
});

describe('a SQLite store without space', () => {
  test('refuses writes below the reserve, but deletes and cancels', async () => {
    let free = RESERVE_BYTES;
    const space = new SpaceGuard(() => free);
    const store = new SqliteStore({ db: openDatabase(path.join(dir, DATABASE_FILE)), space, onClose: () => undefined });
    const easy = easyStore(store);
    await easy.txn(put('a'));
    free = RESERVE_BYTES - 1;
    await expect.poll(() => easy.txn(put('b')).catch((error: unknown) => error)).toMatchObject({ code: 'GICS_FULL' });
    const audit: GicsOp = { op: 'append', stream: 'audit', items: [{ data: 'cancel' }] };
    await easy.txn(
      { op: 'put', collection: 'cancels', id: 'r', value: {} },
      { op: 'append', stream: 'cancel', items: [{ data: 'r' }] },
      audit,
    );
    await easy.txn({ op: 'delete', collection: 'runs', id: 'a' });
    expect(await easy.ids('runs')).not.toContain('a');
    free = RESERVE_BYTES;
    await expect.poll(() => easy.txn(put('b')).catch((error: unknown) => error)).toEqual([{ rev: expect.any(Number) }]);
    await store.close();
  });

  test('fails only the write that does not fit when SQLite itself finds the disk full', async () => {
    const db = openDatabase(path.join(dir, DATABASE_FILE));
    db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true })) + 20}`);
    const store = new SqliteStore({ db, space: new SpaceGuard(() => RESERVE_BYTES), onClose: () => undefined });
    const easy = easyStore(store);
    const outcomes = await Promise.allSettled([easy.txn(put('a')), easy.txn(put('big', 500_000)), easy.txn(put('c'))]);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'GICS_FULL' } },
      { status: 'fulfilled' },
    ]);
    expect(await easy.ids('runs')).toEqual(['c', 'a']);
    await easy.txn({ op: 'delete', collection: 'runs', id: 'a' });
    await store.close();
  });
});

describe('an indexed field', () => {
  const fields = Object.entries(COLLECTIONS).flatMap(([collection, names]) => names.map((field) => ({ collection, field })));
  test.for(fields)('$field of $collection is found by its index', ({ collection, field }) => {
    const db = openDatabase(path.join(dir, DATABASE_FILE));
    const { sql, params } = whereSql(collection as keyof typeof COLLECTIONS, { [field]: 'x' });
    const plan = db
      .prepare(`EXPLAIN QUERY PLAN SELECT * FROM records WHERE ${sql} AND id < ? ORDER BY id DESC LIMIT 9`)
      .all(...params, 'z');
    expect(plan).toMatchObject([{ detail: expect.stringContaining(`records_${collection}_${field}`) }]);
    db.close();
  });
});
