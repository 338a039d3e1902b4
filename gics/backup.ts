import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import { GimoError } from '#contract/errors.ts';
import { CHECKPOINT_FILE } from '#platform/checkpoint-files.ts';
import type { DataPaths } from '#platform/paths.ts';
import { makeDataDirs } from '#platform/paths.ts';
import { BLOBS_FOLDER, blobPath, hashFile, listBlobs, syncDir } from './blobs.ts';
import { BACKUP_LAYOUT, MANIFEST_FILE, verifyBackup, type Manifest } from './manifest.ts';
import { DATABASE_FILE, LOCK_FILE, lockDirectory } from './store/sqlite/database.ts';
import { SCHEMA_VERSION } from './store/sqlite/migrations.ts';
import { VERSION } from '#platform/version.ts';
import type { Answers } from './wire.ts';

/** More pages than any database has: the copy is made in one step, so that writers cannot make it start again and again. */
const ALL_PAGES = 0x7fffffff;

/**
 * Copy what cannot be made again: the GICS database, blobs, Temporal's database, keys, signed heads of the audit log. Safe beside running daemons.
 * The folder gets its name when it is whole. In: a `target` that does not exist. Throws: CONFLICT, NOT_FOUND.
 */
export async function backup(paths: DataPaths, target: string): Promise<Answers['backup']> {
  const final = path.resolve(target);
  if (existsSync(final))
    throw new GimoError('CONFLICT', { message: 'The target of the backup exists already.', hint: 'Name a new folder.' });
  const database = path.join(paths.gics, DATABASE_FILE);
  if (!existsSync(database)) throw new GimoError('NOT_FOUND', { message: 'There is no GICS database in this data directory.' });
  const partial = `${final}.partial-${process.pid}`;
  try {
    const { files } = await fill(paths, database, partial);
    await rename(partial, final);
    await syncDir(path.dirname(final));
    return { target: final, files: files.length, bytes: files.reduce((sum, file) => sum + file.size, 0) };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function fill(paths: DataPaths, database: string, partial: string): Promise<Manifest> {
  await mkdir(partial, { recursive: true, mode: 0o700 });
  // Before the database: the log that is copied then holds all that they cover.
  await copyCheckpoints(paths.checkpoints, path.join(partial, BACKUP_LAYOUT.checkpoints));
  // The database goes before blobs: every blob that it names was stored before it was named.
  await copyDatabase(database, path.join(partial, BACKUP_LAYOUT.database));
  if (existsSync(paths.temporalDb)) await copyDatabase(paths.temporalDb, path.join(partial, BACKUP_LAYOUT.temporal));
  await copyKeys(paths.keys, path.join(partial, BACKUP_LAYOUT.keys));
  await copyBlobs(path.join(paths.gics, BLOBS_FOLDER), path.join(partial, BACKUP_LAYOUT.blobs));
  return writeManifest(partial);
}

/**
 * Put a backup into an empty data directory, after checking it.
 * Throws: GICS_CORRUPT for a damaged backup, CONFLICT for a directory with data, GICS_LOCKED, GICS_DATA_NEWER, NOT_FOUND.
 */
export async function restore(dir: string, paths: DataPaths): Promise<{ files: number; created_at: number }> {
  const { faults, manifest } = await verifyBackup(dir);
  if (faults.length > 0)
    throw new GimoError('GICS_CORRUPT', { message: `The backup is damaged: ${faults.join(' ')}`, hint: 'Use another backup.' });
  await refuseData(paths);
  makeDataDirs(paths);
  const unlock = lockDirectory(paths.gics);
  try {
    for (const file of manifest.files) await copyDurably(path.join(dir, file.path), restoredPath(paths, file.path));
  } finally {
    unlock();
  }
  return { files: manifest.files.length, created_at: manifest.created_at };
}

async function refuseData(paths: DataPaths): Promise<void> {
  const names = [...(await listNames(paths.gics)), ...(await listNames(paths.keys)), ...(await listNames(paths.checkpoints))].filter(
    (name) => !name.startsWith(LOCK_FILE),
  );
  if (names.length === 0 && !existsSync(paths.temporalDb)) return;
  throw new GimoError('CONFLICT', {
    message: 'The data directory is not empty.',
    hint: 'Restore into a new directory, or move this one away.',
  });
}

const listNames = async (dir: string): Promise<string[]> => (existsSync(dir) ? readdir(dir) : []);

function restoredPath(paths: DataPaths, file: string): string {
  if (file === BACKUP_LAYOUT.database) return path.join(paths.gics, DATABASE_FILE);
  if (file === BACKUP_LAYOUT.temporal) return paths.temporalDb;
  if (file.startsWith(`${BACKUP_LAYOUT.keys}/`)) return path.join(paths.keys, path.relative(BACKUP_LAYOUT.keys, file));
  if (file.startsWith(`${BACKUP_LAYOUT.blobs}/`)) return path.join(paths.gics, BLOBS_FOLDER, path.relative(BACKUP_LAYOUT.blobs, file));
  if (file.startsWith(`${BACKUP_LAYOUT.checkpoints}/`)) return path.join(paths.checkpoints, path.basename(file));
  throw new GimoError('GICS_CORRUPT', { message: `The backup holds a file that does not belong there: ${file}` });
}

/** SQLite's online backup; the copy is one plain file without a write-ahead log. */
async function copyDatabase(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true, mode: 0o700 });
  const source = new Database(from, { readonly: true });
  try {
    await source.backup(to, { progress: () => ALL_PAGES });
  } finally {
    source.close();
  }
  const copy = new Database(to);
  copy.pragma('journal_mode = DELETE');
  copy.close();
}

async function copyBlobs(from: string, to: string): Promise<void> {
  for await (const { sha256, file } of listBlobs(from)) await copyDurably(file, blobPath(to, sha256));
}

async function copyKeys(from: string, to: string): Promise<void> {
  for (const file of await listFiles(from)) await copyDurably(path.join(from, file), path.join(to, file));
}

/** A newer head takes the place of the one before, also while they are copied. */
async function copyCheckpoints(from: string, to: string): Promise<void> {
  for (const file of await listFiles(from)) {
    if (!CHECKPOINT_FILE.test(file)) continue;
    await copyDurably(path.join(from, file), path.join(to, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

async function copyDurably(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true, mode: 0o700 });
  await copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  await syncFile(to);
  await syncDir(path.dirname(to));
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Files below `dir`, relative to it, with `/` between the parts. */
async function listFiles(dir: string): Promise<string[]> {
  if (!existsSync(dir)) return [];
  const found = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)));
  return files.map((file) => file.split(path.sep).join('/')).sort();
}

async function writeManifest(dir: string): Promise<Manifest> {
  const files: Manifest['files'] = [];
  for (const file of await listFiles(dir)) {
    const full = path.join(dir, file);
    files.push({ path: file, size: (await stat(full)).size, sha256: await hashFile(full) });
  }
  const versions = { gimo: VERSION, node: process.version, schema: SCHEMA_VERSION };
  const manifest: Manifest = { format: 1, created_at: Date.now(), versions, files };
  const file = path.join(dir, MANIFEST_FILE);
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
  await syncFile(file);
  await syncDir(dir);
  return manifest;
}
