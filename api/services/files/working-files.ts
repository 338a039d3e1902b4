/**
 * The working copy as git objects, for one diff: files are read through checked descriptors and written, with an index of their own,
 * into a folder that is removed afterwards. Git then compares objects only; it opens no file of the working copy.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { errorCode } from '#contract/errors.ts';
import { ABSENT, gitText, LINK, NESTED_REPOSITORY, runGit, type GitOptions, type TreeChange } from '#platform/git.ts';
import { readInside } from './file-text.ts';
import { GIT_TIMEOUT_MS, type RepoView } from './repo-view.ts';

const MAX_FILE_BYTES = 1024 * 1024;

/** `unread`: changed files that are too large, gone again, or not shown; the diff has nothing of them. */
export type DiffSource = { args: string[]; options: Pick<GitOptions, 'index' | 'objects'>; unread: ReadonlySet<string> };
type Compared = { from: string; to: string | null; changes: readonly TreeChange[] };

/** Waits: for `use`. Throws: what it throws; REPO_REFUSED. */
export async function withWorkingFiles<T>(
  view: RepoView,
  { from, to, changes }: Compared,
  use: (source: DiffSource) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'gimo-diff-'));
  try {
    // An index that holds nothing of the working copy, so that git cannot take a file from there in place of an object.
    const index = path.join(dir, 'index');
    if (to !== null) return await use({ args: [from, to], options: { index }, unread: new Set() });
    const objects = {
      dir,
      alternate: await gitText({ repo: view.root }, ['rev-parse', '--path-format=absolute', '--git-path', 'objects'], limitsOf(view)),
    };
    const unread = await fillIndex(view, { index, objects }, { from, changes }, dir);
    return await use({ args: ['--cached', from], options: { index, objects }, unread });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function limitsOf(view: RepoView): GitOptions {
  return { signal: view.signal, timeoutMs: GIT_TIMEOUT_MS, code: 'REPO_REFUSED' };
}

type Place = Pick<GitOptions, 'index' | 'objects'>;

/** The index of `from`, with what the working copy holds of the changed files. Out: those that could not be read; they keep their old entry. */
async function fillIndex(view: RepoView, place: Place, { from, changes }: Omit<Compared, 'to'>, dir: string): Promise<ReadonlySet<string>> {
  const options = { ...limitsOf(view), ...place };
  await runGit({ repo: view.root }, ['read-tree', from], options);
  const files: { change: TreeChange; copy: string }[] = [];
  const gone = changes.filter(({ newMode }) => newMode === ABSENT);
  const unread = new Set<string>();
  for (const change of changes) {
    if (change.newMode === ABSENT || change.newMode === NESTED_REPOSITORY) continue;
    const copy = path.join(dir, `file-${files.length}`);
    if (change.newMode !== LINK && (await copyInside(view, change.path, copy))) files.push({ change, copy });
    else unread.add(change.path);
  }
  const blobs = await hashed(
    view,
    files.map(({ copy }) => copy),
    options,
  );
  const lines = [
    ...gone.map((change) => `0 ${'0'.repeat(change.oldBlob.length)}\t${change.path}\0`),
    ...files.map(({ change }, at) => `${change.newMode} ${blobs[at] ?? ''}\t${change.path}\0`),
  ];
  await runGit({ repo: view.root }, ['update-index', '-z', '--index-info'], { ...options, input: lines.join('') });
  return unread;
}

/** Out: false when it is too large, gone, or nothing that is shown. */
async function copyInside(view: RepoView, file: string, copy: string): Promise<boolean> {
  try {
    const bytes = await readInside(view.root, file.split('/'), MAX_FILE_BYTES);
    if (bytes !== null) await writeFile(copy, bytes, { mode: 0o600 });
    return bytes !== null;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'NOT_FOUND' || code === 'PATH_REFUSED') return false;
    throw error;
  }
}

async function hashed(view: RepoView, copies: readonly string[], options: GitOptions): Promise<string[]> {
  if (copies.length === 0) return [];
  const input = `${copies.join('\n')}\n`;
  const answer = await gitText({ repo: view.root }, ['hash-object', '-w', '--no-filters', '--stdin-paths'], { ...options, input });
  return answer.split('\n');
}
