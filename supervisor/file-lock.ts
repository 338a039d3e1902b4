/** A lock that a crash cannot leave behind: the file names its holder by pid and start time, and a dead holder's lock is taken over. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from '#contract/zod.ts';
import { isSameProcess, processStartTime, type ProcessName } from '#platform/processes.ts';

const HolderSchema = z.object({ pid: z.number().int(), start_time: z.string() });
const POLL_MS = 200;

/** Out: null when a living process holds the lock, else its release. */
export function tryFileLock(file: string): (() => void) | null {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, start_time: processStartTime(process.pid) ?? '' }), { mode: 0o600 });
  try {
    if (link(own, file)) return () => rmSync(file, { force: true });
    if (!removeStale(file)) return null;
    return link(own, file) ? () => rmSync(file, { force: true }) : null;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Waits until the lock is free, telling `onWait` once. */
export async function waitForFileLock(file: string, onWait: () => void, signal: AbortSignal): Promise<() => void> {
  let release = tryFileLock(file);
  if (release === null) onWait();
  while (release === null) {
    await sleep(POLL_MS, undefined, { signal });
    release = tryFileLock(file);
  }
  return release;
}

/** A link appears together with its content, so nobody reads a lock that names no holder yet. */
function link(own: string, file: string): boolean {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function removeStale(file: string): boolean {
  const holder = readHolder(file);
  if (holder !== null && isSameProcess(holder)) return false;
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
    const moved = readHolder(aside);
    // Another process may have put a live lock there since we looked: give it back.
    if (moved !== null && isSameProcess(moved)) linkSync(aside, file);
  } catch {
    // another process was faster; the caller's next try decides
  } finally {
    rmSync(aside, { force: true });
  }
  return true;
}

function readHolder(file: string): ProcessName | null {
  try {
    return HolderSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null; // released meanwhile, or nothing that this program wrote
  }
}
