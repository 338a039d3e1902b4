import { mkdirSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { GimoError, type ErrorCode } from '#contract/errors.ts';
import { migrate } from './migrations.ts';

export const DATABASE_FILE = 'gics.sqlite';
export const LOCK_FILE = 'lock.sqlite';
const CACHE_KIB = 64 * 1024;
const CHECKPOINT_PAGES = 4000;
const JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024;

/** The code of what SQLite throws. A full disk is the caller's to wait for; anything else that is not damage is a fault of ours. */
export function sqliteErrorCode(error: unknown): ErrorCode {
  const code = error instanceof Database.SqliteError ? error.code : '';
  if (code === 'SQLITE_FULL') return 'GICS_FULL';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return 'GICS_CORRUPT';
  return 'INTERNAL';
}

/**
 * Take the directory for this process alone. The lock is one that the kernel holds on an open file, so it ends with the process, however that dies.
 * Out: a function that lets it go. Throws: GICS_LOCKED.
 */
export function lockDirectory(dir: string): () => void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const db = new Database(path.join(dir, LOCK_FILE), { timeout: 0 });
  try {
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    throw new GimoError('GICS_LOCKED', { data: { dir }, cause });
  }
  return () => db.close();
}

/** Open (or make) the database for writing. Throws: GICS_DATA_NEWER, GICS_CORRUPT. */
export function openDatabase(file: string): Database.Database {
  const db = new Database(file);
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma(`cache_size = -${CACHE_KIB}`);
    db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    db.pragma(`journal_size_limit = ${JOURNAL_LIMIT_BYTES}`);
    db.pragma('cell_size_check = ON');
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    if (error instanceof Database.SqliteError) throw new GimoError(sqliteErrorCode(error), { cause: error });
    throw error;
  }
}
