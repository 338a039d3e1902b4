/** Keeps two commands from installing into one clone at once. The lock lies outside node_modules, which `npm ci` empties. */
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const GIVE_UP_MS = 15 * 60_000;
const POLL_MS = 200;

export function lockFile(root) {
  const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  return path.join(cache, 'gimo', `install-${createHash('sha256').update(root).digest('hex').slice(0, 12)}.lock`);
}

export async function withInstallLock(root, work) {
  const file = lockFile(root);
  mkdirSync(path.dirname(file), { recursive: true });
  const deadline = Date.now() + GIVE_UP_MS;
  while (!tryLock(file)) {
    if (Date.now() > deadline) throw new Error(`Another install has held ${file} for 15 minutes: end it, delete the file and try again.`);
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function tryLock(file) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    // A link appears with its content: nobody can read a lock that has no pid yet.
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    removeStale(file);
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

function removeStale(file) {
  const holder = readPid(file);
  if (holder === null || isAlive(holder)) return;
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
    // Somebody else may have replaced the stale lock by a live one in between: put that back.
    if (readPid(aside) !== holder) linkSync(aside, file);
  } catch {
    // another process was faster; the next try sees what it left
  } finally {
    rmSync(aside, { force: true });
  }
}

function readPid(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return null; // released meanwhile
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
