/**
 * Git as trusted code calls it: no hooks, no file-system monitor, no filter, no configuration of the machine or the user, no prompt.
 * A workspace is always addressed by its git directory and its tree, never found by looking around: what a node plants in the tree
 * (`.git`, a nested repository) is data.
 */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { GimoError, type ErrorCode } from '#contract/errors.ts';
import { DEFAULT_PATH } from './paths.ts';

/** A workspace of ours, or a repository of the operator. */
export type GitPlace = { gitDir: string; tree: string; mark?: string } | { repo: string };

export type GitOptions = {
  input?: string | Buffer;
  /** Another index than the one of the git directory. */
  index?: string;
  /** Where new objects go; those of the repository stay readable. */
  objects?: { dir: string; alternate: string };
  /** Exit codes that are answers, not failures (0). */
  accept?: number[];
  /** The code of the error when git fails (WORKSPACE_FAILED). */
  code?: ErrorCode;
  /** Ends git; so does the time limit. */
  signal?: AbortSignal;
  timeoutMs?: number;
  /** Git is ended when it has written more; the answer is then cut, and that is no failure. */
  maxBytes?: number;
};

export type GitAnswer = { exitCode: number; stdout: Buffer; stderr: string; isCut: boolean };

const SAFE_SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'protocol.ext.allow=never',
  'submodule.recurse=false',
  'diff.ignoreSubmodules=all',
  'commit.gpgSign=false',
  'core.quotePath=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'fetch.writeCommitGraph=false',
  'advice.addEmbeddedRepo=false',
  'transfer.fsckObjects=true',
].flatMap((setting) => ['-c', setting]);

const SAFE_ENV = {
  PATH: `${DEFAULT_PATH}:/opt/homebrew/bin`,
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_AUTHOR_NAME: 'GIMO',
  GIT_AUTHOR_EMAIL: 'gimo@localhost',
  GIT_COMMITTER_NAME: 'GIMO',
  GIT_COMMITTER_EMAIL: 'gimo@localhost',
};

function placeArgs(place: GitPlace): string[] {
  return 'repo' in place ? ['-C', place.repo] : ['-C', place.tree, `--git-dir=${place.gitDir}`, `--work-tree=${place.tree}`];
}

/** The process mark of the git calls on one workspace: a later worker ends those that outlived theirs. */
function markEnv(place: GitPlace): Record<string, string> {
  return 'repo' in place || place.mark === undefined ? {} : { GIMO_EFFECT: place.mark };
}

function envOf(place: GitPlace, { index, objects }: GitOptions): Record<string, string> {
  return {
    ...SAFE_ENV,
    ...markEnv(place),
    ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
    ...(objects === undefined ? {} : { GIT_OBJECT_DIRECTORY: objects.dir, GIT_ALTERNATE_OBJECT_DIRECTORIES: objects.alternate }),
  };
}

function throwIfStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new GimoError('STOPPED');
}

/** What comes until `maxBytes`; then `end` is called and the rest is dropped. */
async function readUpTo(stream: Readable, maxBytes: number, end: () => void): Promise<{ bytes: Buffer; isCut: boolean }> {
  const parts: Buffer[] = [];
  let left = maxBytes;
  for await (const part of stream as AsyncIterable<Buffer>) {
    if (left > 0) parts.push(part.subarray(0, left));
    left -= part.length;
    if (left < 0) end();
  }
  return { bytes: Buffer.concat(parts), isCut: left < 0 };
}

/** Run git once. Throws: `options.code` with what git said, when it exits with a code that is not accepted; TIMEOUT; STOPPED. */
export async function runGit(place: GitPlace, args: string[], options: GitOptions = {}): Promise<GitAnswer> {
  const { signal, timeoutMs, maxBytes = Number.POSITIVE_INFINITY } = options;
  throwIfStopped(signal);
  const child = spawn('git', [...SAFE_SETTINGS, ...placeArgs(place), ...args], {
    env: envOf(place, options),
    stdio: ['pipe', 'pipe', 'pipe'],
    killSignal: 'SIGKILL',
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
  });
  const kill = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', kill, { once: true });
  // Git may fail before it has read its input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', (error) =>
      reject(new GimoError(options.code ?? 'WORKSPACE_FAILED', { message: `git could not be started: ${error.message}`, cause: error })),
    );
    child.once('close', (code) => resolve(code ?? -1));
  });
  const [{ bytes, isCut }, stderr, exitCode] = await Promise.all([readUpTo(child.stdout, maxBytes, kill), text(child.stderr), ended]);
  signal?.removeEventListener('abort', kill);
  throwIfStopped(signal);
  if (child.signalCode === 'SIGKILL' && !isCut && timeoutMs !== undefined)
    throw new GimoError('TIMEOUT', { message: `git ${args[0] ?? ''} took longer than ${timeoutMs} ms.` });
  if (!isCut && !(options.accept ?? [0]).includes(exitCode)) throw gitFailure(args, stderr, options.code ?? 'WORKSPACE_FAILED');
  return { exitCode, stdout: bytes, stderr, isCut };
}

function gitFailure(args: string[], stderr: string, code: ErrorCode): GimoError {
  const said = stderr.trim().slice(0, 2000) || 'nothing';
  return new GimoError(code, { message: `git ${args[0] ?? ''} failed; it said: ${said}`, data: { git: said } });
}

/** The answer as text without the line end. */
export async function gitText(place: GitPlace, args: string[], options: GitOptions = {}): Promise<string> {
  return (await runGit(place, args, options)).stdout.toString('utf8').trim();
}

/** The answer as a list of what git separates by zero bytes (`-z`). */
export async function gitList(place: GitPlace, args: string[], options: GitOptions = {}): Promise<string[]> {
  const list = (await runGit(place, args, options)).stdout.toString('utf8').split('\0');
  return list.filter((part) => part !== '');
}

/** One changed file between two trees; an absent side has mode 000000. */
export type TreeChange = { path: string; oldMode: string; newMode: string; oldBlob: string; newBlob: string };

export const ABSENT = '000000';
export const EXECUTABLE = '100755';
export const LINK = '120000';
export const NESTED_REPOSITORY = '160000';

export async function diffTrees(place: GitPlace, from: string, to: string): Promise<TreeChange[]> {
  const parts = await gitList(place, ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--full-index', from, to]);
  const changes: TreeChange[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [oldMode = '', newMode = '', oldBlob = '', newBlob = ''] = (parts[at] ?? '').slice(1).split(' ');
    changes.push({ path: parts[at + 1] ?? '', oldMode, newMode, oldBlob, newBlob });
  }
  return changes;
}
