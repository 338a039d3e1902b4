/** What of the active repository may be seen: one question for all four routes. */
import path from 'node:path';
import { GimoError } from '#contract/errors.ts';
import { gitList, runGit } from '#platform/git.ts';
import type { Core } from '../../deps.ts';
import { hiddenBecause, parsePath, refused } from './repo-path.ts';

export const GIT_TIMEOUT_MS = 5000;
const MAX_WORK = 4;

/** The active repository while one request looks at it. `signal` ends with the caller. */
export type RepoView = { root: string; dataParts: readonly string[] | null; signal: AbortSignal };

/** Throws: REPO_REFUSED when there is no repository. */
export async function viewRepo(core: Core, signal: AbortSignal): Promise<RepoView> {
  const { path: root } = await core.repo.head();
  const relative = path.relative(root, core.config.paths.data);
  const isInside = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  return { root, dataParts: isInside ? relative.split(path.sep) : null, signal };
}

/** Our own data, whatever it is called. */
function isOurs({ dataParts }: RepoView, parts: readonly string[]): boolean {
  return dataParts !== null && dataParts.every((part, index) => parts[index] === part);
}

export function isHidden(view: RepoView, parts: readonly string[]): boolean {
  return hiddenBecause(parts) !== null || isOurs(view, parts);
}

/** In: a path of a query. Out: its parts. Throws: BAD_REQUEST; PATH_REFUSED for what is hidden by its name or ignored by git. */
export async function visibleParts(view: RepoView, text: string): Promise<string[]> {
  const parts = parsePath(text);
  const why = hiddenBecause(parts) ?? (isOurs(view, parts) ? 'GIMO keeps its data there' : null);
  if (why !== null) throw refused(text, why);
  if (parts.length > 0 && (await ignoredOf(view, [text])).size > 0) throw refused(text, 'git ignores it');
  return parts;
}

/** Which of these paths git ignores. Throws: PATH_REFUSED, REPO_REFUSED when git cannot say. */
export async function ignoredOf({ root, signal }: RepoView, paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set();
  const input = paths.map((file) => `./${file}\0`).join('');
  const { exitCode, stdout, stderr } = await runGit({ repo: root }, ['check-ignore', '-z', '--stdin'], {
    input,
    accept: [0, 1, 128],
    signal,
    timeoutMs: GIT_TIMEOUT_MS,
    code: 'REPO_REFUSED',
  });
  if (exitCode === 128 && /symbolic link|submodule/.test(stderr))
    throw refused(paths[0] ?? '', 'it lies behind a link or in a repository of its own');
  if (exitCode === 128) throw new GimoError('REPO_REFUSED', { message: `git cannot read the repository: ${stderr.trim().slice(0, 500)}` });
  const names = stdout
    .toString('utf8')
    .split('\0')
    .filter((file) => file !== '');
  return new Set(names.map((file) => file.replace(/^\.\//, '')));
}

/** Files that git knows or would add, below a folder. */
export async function listFiles({ root, signal }: RepoView, below: string): Promise<string[]> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate', '--', ...pathspec(below)];
  return gitList({ repo: root }, args, { signal, timeoutMs: GIT_TIMEOUT_MS, code: 'REPO_REFUSED' });
}

export function pathspec(below: string): string[] {
  return below === '' ? ['.'] : [`:(literal)${below}`];
}

let working = 0;

/** Search and diff take more than a moment, so only a few run at once. Throws: RATE_LIMITED. */
export async function oneOfFew<T>(work: () => Promise<T>): Promise<T> {
  if (working >= MAX_WORK) throw new GimoError('RATE_LIMITED', { message: `${MAX_WORK} searches and diffs run already.` });
  working += 1;
  try {
    return await work();
  } finally {
    working -= 1;
  }
}
