/**
 * Where the Temporal server comes from: PATH, the cache of earlier starts, the official download, a build with Go.
 * The cache lies outside the clone, so that a fresh clone on a known machine starts in seconds.
 */
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { errorMessage } from '#contract/errors.ts';
import { waitForFileLock } from './file-lock.ts';
import { Refusal } from './refusal.ts';
import { findOnPath, isExecutable, runProgram } from './run-program.ts';
import { archiveUrls, downloadTemporal } from './temporal-download.ts';

/** Later versions cannot be built with `go install` (their module replaces another by a local folder). */
export const TEMPORAL_VERSION = '1.5.1';
const GO_PACKAGE = `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_VERSION}`;
const PROGRESS_EVERY_MS = 5000;
const VERSION_TIMEOUT_MS = 20_000;

export type FindOptions = {
  env: Record<string, string | undefined>;
  /** Told in words what is going on when it takes long. */
  progress: (text: string) => void;
  signal: AbortSignal;
  /** Where the official archive is; the default is its real places. */
  archives?: string[];
};

export function temporalCacheDir(env: Record<string, string | undefined>): string {
  const cache = env['XDG_CACHE_HOME'] || path.join(env['HOME'] || os.homedir(), '.cache');
  return path.join(cache, 'gimo', `temporal-${TEMPORAL_VERSION}`);
}

/** Out: path of a `temporal` that runs. Waits: up to minutes while it is built. Throws: a sentence that says what to install. */
export async function findTemporal(options: FindOptions): Promise<string> {
  const onPath = findOnPath('temporal', options.env['PATH']);
  if (onPath !== null && (await runsHere(onPath))) return onPath;
  const cacheDir = temporalCacheDir(options.env);
  const cached = path.join(cacheDir, 'temporal');
  if (isExecutable(cached) && (await runsHere(cached))) return cached;
  mkdirSync(cacheDir, { recursive: true });
  const onWait = (): void => options.progress('another start is fetching Temporal; waiting for it');
  const release = await waitForFileLock(path.join(cacheDir, 'lock'), onWait, options.signal);
  try {
    if (!isExecutable(cached) || !(await runsHere(cached))) await fetchInto(cacheDir, cached, options);
  } finally {
    release();
  }
  return cached;
}

async function runsHere(file: string): Promise<boolean> {
  return (await runProgram(file, ['--version'], { timeoutMs: VERSION_TIMEOUT_MS })).code === 0;
}

async function fetchInto(cacheDir: string, cached: string, options: FindOptions): Promise<void> {
  const work = mkdtempSync(path.join(cacheDir, 'new-'));
  try {
    const made = await obtain(work, options);
    if (!(await runsHere(made))) throw new Refusal(`The Temporal that was fetched does not run here: install the \`temporal\` command.`);
    chmodSync(made, 0o755);
    renameSync(made, cached);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function obtain(work: string, options: FindOptions): Promise<string> {
  let why: string;
  try {
    return await downloadTemporal(TEMPORAL_VERSION, work, { ...options, archives: options.archives ?? archiveUrls(TEMPORAL_VERSION) });
  } catch (error) {
    options.signal.throwIfAborted();
    why = errorMessage(error);
  }
  const go = findOnPath('go', options.env['PATH']);
  if (go !== null) return buildTemporal(go, work, options);
  throw new Refusal(
    `Temporal was not found and could not be downloaded (${why}): install the \`temporal\` command or Go, or set GIMO_TEMPORAL_ADDRESS to a server of yours.`,
  );
}

/** Measured: 165 s and 250 MB on two cores. */
async function buildTemporal(go: string, work: string, { env, progress, signal }: FindOptions): Promise<string> {
  const startedAt = performance.now();
  const tell = (): void => progress(`building Temporal with go, ${Math.round((performance.now() - startedAt) / 1000)} s, usually 3 min`);
  tell();
  const timer = setInterval(tell, PROGRESS_EVERY_MS);
  try {
    const { code, output } = await runProgram(go, ['install', GO_PACKAGE], { env: { ...env, GOBIN: work }, signal });
    signal.throwIfAborted();
    if (code === 0) return path.join(work, 'temporal');
    const words = output.split('\n').at(-1) ?? '';
    throw new Refusal(`Temporal could not be built (go install ended with ${code}: ${words}): install the \`temporal\` command.`);
  } finally {
    clearInterval(timer);
  }
}
