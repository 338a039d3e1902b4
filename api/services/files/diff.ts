/** Diffs, made by git from objects alone: files of the working copy are read here first, through checked descriptors. */
import { GimoError } from '#contract/errors.ts';
import type { DiffView } from '#contract/routes/repo.ts';
import { gitList, gitText, runGit, type TreeChange } from '#platform/git.ts';
import { redactCounted } from '#platform/redact.ts';
import type { Core } from '../../deps.ts';
import { fault } from '../../plugins/problem.ts';
import { GIT_TIMEOUT_MS, isHidden, oneOfFew, pathspec, viewRepo, visibleParts, type RepoView } from './repo-view.ts';
import { withWorkingFiles, type DiffSource } from './working-files.ts';

const MAX_TEXT_BYTES = 1024 * 1024;
const FIXED = ['--no-ext-diff', '--no-textconv', '--no-color', '--no-renames', '--full-index', '--src-prefix=a/', '--dst-prefix=b/'];
const STATUS: Record<string, DiffView['files'][number]['status']> = { A: 'added', D: 'deleted', T: 'type changed' };

export type DiffQuery = {
  from: string;
  to?: string | undefined;
  path: string;
  context: number;
  limit: number;
  cursor?: string | undefined;
};
type Change = TreeChange & { status: string };

/** One page of changed files and their diff. Throws: BAD_REQUEST, NOT_FOUND for an unknown commit, PATH_REFUSED, REPO_REFUSED, RATE_LIMITED. */
export async function readDiff(core: Core, query: DiffQuery, signal: AbortSignal): Promise<{ diff: DiffView; next: string | null }> {
  const view = await viewRepo(core, signal);
  await visibleParts(view, query.path);
  const offset = offsetOf(query.cursor);
  return oneOfFew(async () => {
    const from = await commitOf(view, query.from);
    const to = query.to === undefined ? null : await commitOf(view, query.to);
    const changes = await changesOf(view, from, to, query.path);
    const page = changes.slice(offset, offset + query.limit);
    const next = offset + query.limit < changes.length ? String(offset + query.limit) : null;
    const shown = await withWorkingFiles(view, { from, to, changes: page }, (source) => diffOf(view, source, page, query.context));
    return { diff: { from, to, ...shown }, next };
  });
}

function offsetOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (/^\d{1,9}$/.test(cursor)) return Number(cursor);
  throw new GimoError('BAD_REQUEST', { faults: [fault('query.cursor', 'is not one that an answer gave')] });
}

async function commitOf({ root, signal }: RepoView, name: string): Promise<string> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
  const { exitCode, stdout } = await runGit({ repo: root }, args, {
    accept: [0, 1, 128],
    signal,
    timeoutMs: GIT_TIMEOUT_MS,
    code: 'REPO_REFUSED',
  });
  if (exitCode === 0) return stdout.toString('utf8').trim();
  throw new GimoError('NOT_FOUND', {
    message: `The repository has no commit ${JSON.stringify(name)}.`,
    hint: 'Name a branch, a tag or a commit.',
  });
}

/** Where time alone does not tell, git compares contents, and would run the filters of the repository on them: settings that name none. */
async function withoutFilters({ root, signal }: RepoView): Promise<string[]> {
  const args = ['config', '-z', '--name-only', '--get-regexp', String.raw`^filter\..*\.(clean|smudge|process|required)$`];
  const names = await gitList({ repo: root }, args, { accept: [0, 1], signal, timeoutMs: GIT_TIMEOUT_MS, code: 'REPO_REFUSED' });
  return [...new Set(names)].flatMap((name) => ['-c', name.endsWith('.required') ? `${name}=false` : `${name}=`]);
}

/** Changed files that may be shown. */
async function changesOf(view: RepoView, from: string, to: string | null, below: string): Promise<Change[]> {
  const command = to === null ? [...(await withoutFilters(view)), 'diff-index', from] : ['diff-tree', '-r', from, to];
  const args = [...command, '--raw', '-z', '--no-renames', '--full-index', '--', ...pathspec(below)];
  const options = { signal: view.signal, timeoutMs: GIT_TIMEOUT_MS, code: 'REPO_REFUSED' } as const;
  const parts = await gitList({ repo: view.root }, args, options);
  const changes: Change[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [oldMode = '', newMode = '', oldBlob = '', newBlob = '', status = ''] = (parts[at] ?? '').slice(1).split(' ');
    changes.push({ path: parts[at + 1] ?? '', oldMode, newMode, oldBlob, newBlob, status });
  }
  return changes.filter(({ path }) => !isHidden(view, path.split('/')));
}

type Shown = Pick<DiffView, 'files' | 'text' | 'redactions' | 'truncated'>;

async function diffOf(view: RepoView, { args, options, unread }: DiffSource, page: readonly Change[], context: number): Promise<Shown> {
  if (page.length === 0) return { files: [], text: '', redactions: 0, truncated: false };
  const paths = page.map(({ path }) => `:(literal)${path}`);
  const limits = { ...options, signal: view.signal, timeoutMs: GIT_TIMEOUT_MS };
  const numbers = await gitText({ repo: view.root }, ['diff', ...FIXED, '--numstat', '-z', ...args, '--', ...paths], limits);
  const counts = new Map(numbers.split('\0').map((line) => parseCount(line)));
  // What git only takes for changed because of its time has no lines in the diff.
  const changed = page.filter(({ path }) => counts.has(path) || unread.has(path));
  const { stdout, isCut } = await runGit({ repo: view.root }, ['diff', ...FIXED, `-U${context}`, ...args, '--', ...paths], {
    ...limits,
    maxBytes: MAX_TEXT_BYTES,
  });
  const { text, count } = redactCounted(stdout.toString('utf8'));
  const files = changed.map(({ path, status }) => ({
    path,
    status: STATUS[status] ?? 'modified',
    ...(counts.get(path) ?? { added: null, removed: null }),
  }));
  return { files, text, redactions: count, truncated: isCut };
}

function parseCount(line: string): [string, { added: number | null; removed: number | null }] {
  const [added = '', removed = '', ...path] = line.split('\t');
  const numberOf = (digits: string): number | null => (/^\d+$/.test(digits) ? Number(digits) : null);
  return [path.join('\t'), { added: numberOf(added), removed: numberOf(removed) }];
}
