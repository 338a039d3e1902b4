/** What a patch would make of the files, worked out in git's object store alone: the tree is not touched. */
import { createHash } from 'node:crypto';
import { lstat, copyFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { GimoError, errorCode } from '#contract/errors.ts';
import { ABSENT, LINK, NESTED_REPOSITORY, diffTrees, gitText, runGit, type TreeChange } from '#platform/git.ts';
import { checkNamed, namedBy, outside, type FileChange, type PatchRules } from './patch-named.ts';
import { PRE_INDEX } from './recover.ts';
import { takeSnapshot, type Snapshot } from './snapshot.ts';
import { placeOf, type Workspace } from './place.ts';

export type PatchPlan = { before: Snapshot; afterTree: string; afterIndex: string; changes: TreeChange[] };

const AFTER_INDEX = 'gimo-after';

/** Refuses what does not name a plain place inside the workspace. */
export function checkPatchPath(file: string): void {
  const parts = file.split('/');
  if (file === '' || file.includes('\0') || file.includes('\\')) throw outside(file, 'that is no path');
  if (path.posix.isAbsolute(file)) throw outside(file, 'paths are relative to the workspace');
  if (parts.some((part) => part === '' || part === '.' || part === '..'))
    throw outside(file, 'it leads out of the workspace or is not plain');
  if (parts.some((part) => part.toLowerCase() === '.git')) throw outside(file, 'that is the repository itself');
}

/** Refuses a file below a link: what it points to may lie outside. */
async function checkParents(workspace: Workspace, file: string): Promise<void> {
  const parts = file.split('/');
  for (let count = 1; count < parts.length; count += 1) {
    const folder = parts.slice(0, count).join('/');
    const found = await lstat(path.join(workspace.tree, folder)).catch(() => null);
    if (found?.isSymbolicLink() === true) throw outside(file, `${folder} is a link`);
  }
}

async function checkChange(workspace: Workspace, change: TreeChange): Promise<void> {
  checkPatchPath(change.path);
  await checkParents(workspace, change.path);
  if (change.newMode === NESTED_REPOSITORY) throw outside(change.path, 'a patch cannot add a nested repository');
  if (change.newMode === LINK) throw outside(change.path, 'a patch makes no links');
  const isThere = (await lstat(path.join(workspace.tree, change.path)).catch(() => null)) !== null;
  if (change.oldMode === ABSENT && isThere) {
    throw new GimoError('PATCH_PRECONDITION', {
      message: `${change.path} exists already (the repository ignores it), but the patch creates it.`,
    });
  }
}

async function applyDiff(workspace: Workspace, diff: string, index: string): Promise<void> {
  const input = diff.endsWith('\n') ? diff : `${diff}\n`;
  try {
    await runGit(placeOf(workspace), ['apply', '--cached', '--whitespace=nowarn', '-'], { index, input, code: 'PATCH_FAILED' });
  } catch (error) {
    if (errorCode(error) !== 'PATCH_FAILED' || !(error instanceof Error)) throw error;
    if (!/invalid path|beyond a symbolic link|outside repository/.test(error.message)) throw error;
    throw new GimoError('OUTSIDE_ENVELOPE', { message: `The patch leaves the workspace. ${error.message}`, cause: error });
  }
}

async function modesIn(workspace: Workspace, index: string): Promise<Map<string, string>> {
  const lines = (await runGit(placeOf(workspace), ['ls-files', '-z', '-s'], { index })).stdout.toString('utf8').split('\0');
  return new Map(lines.map((line) => [line.slice(line.indexOf('\t') + 1), line.slice(0, 6)] as const));
}

async function applyFiles(workspace: Workspace, files: FileChange[], index: string): Promise<void> {
  const place = placeOf(workspace);
  const modes = await modesIn(workspace, index);
  const nullId = '0'.repeat(workspace.base.length);
  const lines: string[] = [];
  for (const { path: file, content } of files) {
    const parts = file.split('/');
    const blocked = parts
      .slice(0, -1)
      .map((_, count) => parts.slice(0, count + 1).join('/'))
      .find((folder) => modes.has(folder));
    if (blocked !== undefined) throw outside(file, `${blocked} is not a folder`);
    if (content === null) {
      if (!modes.has(file)) throw new GimoError('PATCH_PRECONDITION', { message: `The patch deletes ${file}, which does not exist.` });
      lines.push(`0 ${nullId}\t${file}\0`);
      continue;
    }
    const blob = await gitText(place, ['hash-object', '-w', '--no-filters', '--stdin'], { input: content });
    lines.push(`${modes.get(file) === '100755' ? '100755' : '100644'} ${blob}\t${file}\0`);
  }
  await runGit(place, ['update-index', '-z', '--index-info'], { index, input: lines.join(''), code: 'PATCH_FAILED' });
}

async function blobAt(workspace: Workspace, tree: string, file: string): Promise<Buffer | null> {
  const answer = await runGit(placeOf(workspace), ['cat-file', 'blob', `${tree}:${file}`], { accept: [0, 128] });
  return answer.exitCode === 0 ? answer.stdout : null;
}

/** Throws: PATCH_PRECONDITION naming every file that is not what the patch was made for. */
async function checkHashes(workspace: Workspace, tree: string, hashes: Record<string, string | null>): Promise<void> {
  const wrong: string[] = [];
  for (const [file, expected] of Object.entries(hashes)) {
    const content = await blobAt(workspace, tree, file);
    const actual = content === null ? null : createHash('sha256').update(content).digest('hex');
    if (actual !== (expected?.toLowerCase() ?? null)) wrong.push(`${file} is ${actual ?? 'absent'}, expected ${expected ?? 'absent'}`);
  }
  if (wrong.length > 0)
    throw new GimoError('PATCH_PRECONDITION', { message: `Files are not what the patch was made for: ${wrong.join('; ')}.` });
}

/**
 * Out: the content before (a snapshot), the tree after, the files that differ.
 * Throws: DIFF_REFUSED, PATCH_PRECONDITION, PATCH_FAILED, OUTSIDE_ENVELOPE. The working tree is as before in every case.
 */
export async function planPatch(workspace: Workspace, { base_hashes: hashes = {}, mayWrite, ...content }: PatchRules): Promise<PatchPlan> {
  const named = namedBy(content);
  const shown = [...Object.keys(hashes), ...('files' in content ? named.paths : [])];
  for (const file of shown) {
    checkPatchPath(file);
    await checkParents(workspace, file);
  }
  const before = await takeSnapshot(workspace, PRE_INDEX, shown);
  await checkHashes(workspace, before.tree, hashes);
  const afterIndex = path.join(workspace.gitDir, AFTER_INDEX);
  await rm(afterIndex, { force: true });
  await copyFile(before.index, afterIndex);
  if ('diff' in content) await applyDiff(workspace, content.diff, afterIndex);
  else await applyFiles(workspace, content.files, afterIndex);
  const afterTree = await gitText(placeOf(workspace), ['write-tree'], { index: afterIndex });
  const changes = await diffTrees(placeOf(workspace), before.tree, afterTree);
  for (const change of changes) checkNamed(change, named, mayWrite);
  for (const change of changes) await checkChange(workspace, change);
  return { before, afterTree, afterIndex, changes };
}

export type FileSnapshot = {
  path: string;
  /** null: the file does not exist. */ content: Buffer | null;
  /** Git's mode, like 100755. */ mode: string | null;
};

/** The files that the plan touches, as they are before it. */
export async function contentsBefore(workspace: Workspace, plan: PatchPlan): Promise<FileSnapshot[]> {
  return Promise.all(
    plan.changes.map(async ({ path: file, oldMode, oldBlob }) => {
      if (oldMode === ABSENT) return { path: file, content: null, mode: null };
      return { path: file, content: (await runGit(placeOf(workspace), ['cat-file', 'blob', oldBlob])).stdout, mode: oldMode };
    }),
  );
}
