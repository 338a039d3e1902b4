import { COLLECTIONS } from '#contract/gics.ts';
import { GimoError } from '#contract/errors.ts';
import type { Database } from 'better-sqlite3';

/** Numbered steps: entry n brings a database from version n to n + 1. Never change one that was released; add the next. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE records (
     collection TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, value TEXT NOT NULL CHECK (json_valid(value)),
     created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, PRIMARY KEY (collection, id)) STRICT;
   CREATE TABLE streams (
     id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, first INTEGER NOT NULL, last INTEGER NOT NULL, hash TEXT) STRICT;
   CREATE TABLE entries (
     stream INTEGER NOT NULL, "offset" INTEGER NOT NULL, at INTEGER NOT NULL, key TEXT,
     data TEXT NOT NULL CHECK (json_valid(data)), prev TEXT, hash TEXT, PRIMARY KEY (stream, "offset")) STRICT;
   CREATE UNIQUE INDEX entries_key ON entries (stream, key) WHERE key IS NOT NULL;
   CREATE TABLE txns (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, result TEXT NOT NULL) STRICT;`,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

export function schemaVersion(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

/** Refuses what a newer version wrote. Throws: GICS_DATA_NEWER. */
export function refuseNewer(db: Database): void {
  const found = schemaVersion(db);
  if (found <= SCHEMA_VERSION) return;
  throw new GimoError('GICS_DATA_NEWER', { data: { found, known: SCHEMA_VERSION } });
}

/** Brings the database to SCHEMA_VERSION, each step in its own transaction, and makes the indexes that COLLECTIONS asks for. */
export function migrate(db: Database): void {
  refuseNewer(db);
  for (let version = schemaVersion(db); version < SCHEMA_VERSION; version += 1) {
    const sql = MIGRATIONS[version] ?? '';
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${version + 1}`);
    }).immediate();
  }
  for (const [collection, fields] of Object.entries(COLLECTIONS)) {
    for (const field of fields) {
      db.exec(
        `CREATE INDEX IF NOT EXISTS records_${collection}_${field} ON records (json_extract(value, '$.${field}'), id) WHERE collection = '${collection}'`,
      );
    }
  }
}
