/** What must hold before anything is started; each failure is one sentence that says what to do. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import type { Config } from '#platform/config.ts';
import { makeDataDirs } from '#platform/paths.ts';
import { Refusal, sentenceOf } from './refusal.ts';
import { findOnPath } from './run-program.ts';

const LEAST_FREE_BYTES = 64 * 1024 * 1024;
/** sun_path holds 104 bytes on macOS, 108 on Linux, with the zero at the end. */
const LONGEST_SOCKET_PATH = 103;

export function checkMachine(config: Config, pathList: string | undefined): void {
  if (findOnPath('git', pathList) === null) throw new Refusal('git was not found: install it and start again.');
  if (!existsSync(config.repo)) throw new Refusal(`The repository ${config.repo} does not exist: name another with --repo DIR.`);
}

/** Out: what plans cannot do there, null when there is a repository with a commit. */
export function repoWarning({ repo }: Pick<Config, 'repo'>): string | null {
  const { status } = spawnSync('git', ['rev-parse', '--verify', '--quiet', 'HEAD'], { cwd: repo, stdio: 'ignore' });
  if (status === 0) return null;
  return `${repo} is no git repository with a commit, so plans that touch files will be refused: name another with --repo DIR`;
}

/** Makes the data directory when it is missing. */
export function checkDataDir(config: Config): void {
  const { paths } = config;
  try {
    makeDataDirs(paths);
    for (const dir of [paths.data, paths.ops, paths.keys, paths.gics, paths.logs]) accessSync(dir, constants.W_OK);
  } catch (error) {
    const why = sentenceOf(error);
    throw new Refusal(`The data directory ${paths.data} cannot be written (${why}): make it writable, or choose another with --data DIR.`, {
      cause: error,
    });
  }
  const excess = Buffer.byteLength(paths.gicsSocket) - LONGEST_SOCKET_PATH;
  if (excess > 0) {
    throw new Refusal(
      `The path ${paths.data} is ${excess} characters too long for the sockets in it: choose a shorter one with --data DIR.`,
    );
  }
  const { bavail, bsize } = statfsSync(paths.data);
  if (bavail * bsize < LEAST_FREE_BYTES) {
    throw new Refusal(`The disk of ${paths.data} is full: free some space, or choose another directory with --data DIR.`);
  }
}
