/**
 * Git as trusted code calls it: no hooks, no file-system monitor, no filter, no configuration of the machine or the user, no prompt.
 * A workspace is always addressed by its git directory and its tree, never found by looking around: what a node plants in the tree
 * (`.git`, a nested repository) is data.
 */
import { spawn } from 'node:child_process';
import { buffer, text } from 'node:stream/consumers';
import { GimoError, type ErrorCode } from '#contract/errors.ts';
import { DEFAULT_PATH } from '../process/launch.ts';

/** A workspace of ours, or a repository of the operator. */
export type GitPlace = { gitDir: string; tree: string; mark?: string } | { repo: string };

export type GitOptions = {
  input?: string | Buffer;
  /** Another index than the one of the git directory. */
  index?: string;
  /** Exit codes that are answers, not failures (0). */
  accept?: number[];
  /** The code of the error when git fails (WORKSPACE_FAILED). */
  code?: ErrorCode;
};

export type GitAnswer = { exitCode: number; stdout: Buffer; stderr: string };

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

/** Run git once. Throws: `options.code` with what git said, when it exits with a code that is not accepted. */
export async function runGit(place: GitPlace, args: string[], options: GitOptions = {}): Promise<GitAnswer> {
  const index: Record<string, string> = options.index === undefined ? {} : { GIT_INDEX_FILE: options.index };
  const child = spawn('git', [...SAFE_SETTINGS, ...placeArgs(place), ...args], {
    env: { ...SAFE_ENV, ...index, ...markEnv(place) },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // Git may fail before it has read its input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? -1));
  });
  const [stdout, stderr, exitCode] = await Promise.all([buffer(child.stdout), text(child.stderr), ended]);
  if (!(options.accept ?? [0]).includes(exitCode)) throw gitFailure(args, stderr, options.code ?? 'WORKSPACE_FAILED');
  return { exitCode, stdout, stderr };
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
