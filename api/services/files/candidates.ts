/** Names of files that may hold a text. They may be wrong: each is looked at again. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GimoError } from '#contract/errors.ts';
import { gitList } from '#platform/git.ts';
import { DEFAULT_PATH } from '#platform/paths.ts';
import type { SearchQuery } from './search.ts';
import { listFiles, pathspec, type RepoView } from './repo-view.ts';

const run = promisify(execFile);
const MAX_NAMES_BYTES = 32 * 1024 * 1024;
const RIPGREP = [
  '--no-config',
  '--files-with-matches',
  '--null',
  '--hidden',
  '--no-messages',
  '--no-require-git',
  '--max-filesize=2M',
  '--glob=!.git',
];

/** Throws: REPO_REFUSED, STOPPED, TIMEOUT. Waits: ≤ `timeoutMs`; ends when the caller is gone. */
export async function candidates(view: RepoView, query: SearchQuery, timeoutMs: number): Promise<string[]> {
  const found = await ripgrep(view, query, timeoutMs);
  if (found !== null) return found;
  // Git's own expressions can take for ever, so for those every file is a candidate.
  return query.regex === true ? listFiles(view, query.path) : gitGrep(view, query, timeoutMs);
}

/** Out: null when there is no ripgrep, or when it does not understand the expression. */
async function ripgrep({ root, signal }: RepoView, query: SearchQuery, timeoutMs: number): Promise<string[] | null> {
  const how = [query.regex === true ? '--engine=default' : '--fixed-strings', ...(query.ignore_case === true ? ['--ignore-case'] : [])];
  const args = [...RIPGREP, ...how, `--regexp=${query.q}`, '--', `./${query.path}`];
  const options = {
    cwd: root,
    env: { PATH: `${DEFAULT_PATH}:/opt/homebrew/bin` },
    signal,
    timeout: timeoutMs,
    maxBuffer: MAX_NAMES_BYTES,
    killSignal: 'SIGKILL',
  } as const;
  try {
    return namesOf((await run('rg', args, options)).stdout);
  } catch (error) {
    if (signal.aborted) throw new GimoError('STOPPED');
    const { code, stdout } = error as { code?: unknown; stdout?: string };
    return code === 1 ? namesOf(stdout ?? '') : null;
  }
}

function namesOf(stdout: string): string[] {
  return stdout
    .split('\0')
    .filter((name) => name !== '')
    .map((name) => name.replace(/^(?:\.\/)+/, ''))
    .sort();
}

async function gitGrep({ root, signal }: RepoView, query: SearchQuery, timeoutMs: number): Promise<string[]> {
  const how = ['-l', '-z', '-I', '--no-color', '--untracked', '--exclude-standard', '--fixed-strings', '--no-recurse-submodules'];
  const args = ['grep', ...how, ...(query.ignore_case === true ? ['--ignore-case'] : []), '-e', query.q, '--', ...pathspec(query.path)];
  return gitList({ repo: root }, args, { accept: [0, 1], signal, timeoutMs, code: 'REPO_REFUSED' });
}
