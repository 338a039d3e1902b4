import { existsSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { verifyChain, type ChainEntry } from '#contract/audit-chain.ts';
import { errorMessage } from '#contract/errors.ts';
import { CHAIN_GENESIS, isChained } from '#contract/gics.ts';
import type { DataPaths } from '#platform/paths.ts';
import { checkpointFaults, readCheckpoints, type NamedCheckpoint } from './checkpoints.ts';
import { BLOBS_FOLDER, hashFile, listBlobs } from './blobs.ts';
import { DATABASE_FILE } from './store/sqlite/database.ts';
import { parseJson } from './store/store.ts';
import type { Answers } from './wire.ts';

/** `faults` are sentences that name the place; `checked` counts what was looked at. */
export type VerifyReport = Answers['verify'];
type HeadRow = {
  id: number;
  name: string;
  first: number;
  last: number;
  hash: string | null;
  n: number;
  low: number | null;
  high: number | null;
};
type LinkRow = { offset: number; at: number; data: string; prev: string; hash: string };

const HEADS = `SELECT s.id, s.name, s.first, s.last, s.hash, count(e."offset") AS n, min(e."offset") AS low, max(e."offset") AS high
  FROM streams s LEFT JOIN entries e ON e.stream = s.id GROUP BY s.id`;

/** Check the database, the audit chain with its checkpoints, that no stream has a gap, and every blob's hash. Safe beside a running daemon. Never throws for damage: it is reported. */
export async function verifyStore(paths: Pick<DataPaths, 'gics' | 'checkpoints' | 'keyRing'>): Promise<VerifyReport> {
  const report: VerifyReport = { ok: true, faults: [], checked: { records: 0, streams: 0, chained: 0, blobs: 0 } };
  const database = path.join(paths.gics, DATABASE_FILE);
  const checkpoints = readCheckpoints(paths.checkpoints);
  verifyDatabase(database, report);
  verifyCheckpoints(checkpoints, database, paths.keyRing, report);
  for await (const { sha256, file } of listBlobs(path.join(paths.gics, BLOBS_FOLDER))) {
    if ((await hashFile(file)) !== sha256) report.faults.push(`Blob ${sha256} does not have its hash.`);
    add(report, 'blobs', 1);
  }
  report.ok = report.faults.length === 0;
  return report;
}

function add(report: VerifyReport, what: string, count: number): void {
  report.checked[what] = (report.checked[what] ?? 0) + count;
}

function verifyDatabase(file: string, report: VerifyReport): void {
  if (!existsSync(file)) {
    report.faults.push('There is no database.');
    return;
  }
  try {
    const db = new Database(file, { readonly: true });
    try {
      // One transaction is one snapshot: a daemon may be writing meanwhile.
      db.transaction(() => verifySnapshot(db, report))();
    } finally {
      db.close();
    }
  } catch (error) {
    report.faults.push(`The database cannot be read: ${errorMessage(error)}`);
  }
}

function verifyCheckpoints(found: readonly NamedCheckpoint[], database: string, keyRing: string, report: VerifyReport): void {
  if (found.length > 0) add(report, 'checkpoints', found.length);
  try {
    report.faults.push(...checkpointFaults(found, database, keyRing));
  } catch (error) {
    report.faults.push(`The checkpoints cannot be compared with the log: ${errorMessage(error)}`);
  }
}

function verifySnapshot(db: Database.Database, report: VerifyReport): void {
  const integrity = db.prepare<[], string>('PRAGMA integrity_check').pluck().all();
  for (const line of integrity) if (line !== 'ok') report.faults.push(`Integrity: ${line}`);
  add(report, 'records', db.prepare<[], number>('SELECT count(*) FROM records').pluck().get() ?? 0);
  const orphans = db.prepare<[], number>('SELECT count(*) FROM entries WHERE stream NOT IN (SELECT id FROM streams)').pluck().get() ?? 0;
  if (orphans > 0) report.faults.push(`${orphans} entries belong to no stream.`);
  for (const head of db.prepare<[], HeadRow>(HEADS).all()) {
    add(report, 'streams', 1);
    if (!isGapless(head)) report.faults.push(`Stream ${head.name} has a gap: ${head.n} entries between ${head.first} and ${head.last}.`);
    if (isChained(head.name)) verifyLinks(db, head, report);
  }
}

function isGapless(head: HeadRow): boolean {
  if (head.n !== head.last - head.first + 1) return false;
  return head.n === 0 || (head.low === head.first && head.high === head.last);
}

function verifyLinks(db: Database.Database, head: HeadRow, report: VerifyReport): void {
  const rows = db.prepare<[number], LinkRow>('SELECT "offset", at, data, prev, hash FROM entries WHERE stream = ? ORDER BY "offset"');
  let lastHash: string | null = null;
  function* entries(): Generator<ChainEntry> {
    for (const { data, ...row } of rows.iterate(head.id)) {
      lastHash = row.hash;
      add(report, 'chained', 1);
      yield { stream: head.name, ...row, data: parseJson(data) };
    }
  }
  const { ok, first_bad } = verifyChain(entries(), CHAIN_GENESIS);
  if (!ok) report.faults.push(`The chain of ${head.name} is broken at offset ${first_bad}.`);
  else if (lastHash !== head.hash) report.faults.push(`The chain of ${head.name} does not end in the hash that the stream was left with.`);
}
