/** The exact content of a working tree as a git tree object, and the way back to it. */
import { chmod, copyFile, lstat, rm, unlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ABSENT, NESTED_REPOSITORY, diffTrees, gitList, gitText, runGit } from '#platform/git.ts';
import { fileMode, removeTree } from './files.ts';
import { placeOf, type Workspace } from './place.ts';

/** `index` is a file of its own: the index of the workspace only ever holds what HEAD holds. */
export type Snapshot = { tree: string; index: string };

/**
 * Takes nested repositories out of an index. For one that is in it, `git add` runs `git status` inside of it, with the configuration and so the
 * programs that whoever made it put there.
 */
async function dropNested(workspace: Workspace, index: string): Promise<void> {
  const place = placeOf(workspace);
  const nested = (await gitList(place, ['ls-files', '-z', '-s'], { index })).filter((line) => line.startsWith(NESTED_REPOSITORY));
  if (nested.length === 0) return;
  const lines = nested.map((line) => `0 ${'0'.repeat(workspace.base.length)}\t${line.slice(line.indexOf('\t') + 1)}\0`);
  await runGit(place, ['update-index', '-z', '--index-info'], { index, input: lines.join('') });
}

/** Brings an index to what is in the tree: every file that the repository does not ignore or that is in the index already. */
async function addAll(workspace: Workspace, index: string): Promise<void> {
  await dropNested(workspace, index);
  // Exit code 1 or 128: something could not be added (a nested repository without a commit); it is then not part of the snapshot.
  await runGit(placeOf(workspace), ['add', '-A', '--ignore-errors'], { index, accept: [0, 1, 128] });
  await dropNested(workspace, index);
}

/** In: name of the private index, files that count although they may be ignored. */
export async function takeSnapshot(workspace: Workspace, name: string, forced: string[]): Promise<Snapshot> {
  const index = path.join(workspace.gitDir, name);
  const place = placeOf(workspace);
  await copyFile(path.join(workspace.gitDir, 'index'), index);
  await addAll(workspace, index);
  const present = await Promise.all(forced.map(async (file) => ({ file, mode: await fileMode(path.join(workspace.tree, file)) })));
  const paths = present.filter(({ mode }) => mode !== null).map(({ file }) => file);
  if (paths.length > 0)
    await runGit(place, ['update-index', '--add', '-z', '--stdin'], { index, input: paths.map((file) => `${file}\0`).join('') });
  return { tree: await gitText(place, ['write-tree'], { index }), index };
}

/** Ignored files and empty folders, as far as git lists them: whole folders where nothing in them is tracked. */
export async function listOthers(workspace: Workspace, index: string): Promise<string[]> {
  return gitList(placeOf(workspace), ['ls-files', '-z', '-o', '--directory'], { index });
}

export type RestorePoint = {
  preTree: string;
  preIndex: string;
  /** Answer of listOthers. */
  others: string[];
  /** Permission bits of files that git would give back with its own. */
  modes: Record<string, number>;
};

async function changesSince(workspace: Workspace, point: RestorePoint): ReturnType<typeof diffTrees> {
  const index = path.join(workspace.gitDir, 'gimo-now');
  const place = placeOf(workspace);
  if (existsSync(point.preIndex)) await copyFile(point.preIndex, index);
  else await runGit(place, ['read-tree', point.preTree], { index });
  await addAll(workspace, index);
  const tree = await gitText(place, ['write-tree'], { index });
  await rm(index, { force: true });
  return diffTrees(place, point.preTree, tree);
}

/**
 * Removes links in the place of folders of the snapshot, so that no path below leads out of the tree. Git does not list such a link when the
 * repository ignores it.
 */
async function removeLinksAbove(workspace: Workspace, file: string): Promise<void> {
  const parts = file.split('/');
  for (let count = 1; count < parts.length; count += 1) {
    const folder = path.join(workspace.tree, ...parts.slice(0, count));
    const found = await lstat(folder).catch(() => null);
    if (found?.isSymbolicLink() === true) await unlink(folder);
  }
}

/**
 * Brings the tree back to a snapshot: contents, new and deleted files, links, modes, new folders.
 * Of permission bits git only sees the executable one: others that somebody else changed meanwhile stay changed.
 * What the repository ignores is not part of a snapshot: new ignored files and folders are removed, changed ones stay,
 * as does what is inside of nested repositories.
 */
export async function restore(workspace: Workspace, point: RestorePoint): Promise<void> {
  const place = placeOf(workspace);
  const changes = await changesSince(workspace, point);
  const modes = new Map(Object.entries(point.modes));
  for (const { path: file, oldMode } of changes) {
    await removeLinksAbove(workspace, file);
    const full = path.join(workspace.tree, file);
    const mode = await fileMode(full);
    // Where only the content changed, the permission bits are still those of before.
    const isSameKind = mode !== null && oldMode === ((mode & 0o100) === 0 ? '100644' : '100755');
    if (isSameKind && !modes.has(file)) modes.set(file, mode);
    await removeTree(full);
  }
  const wanted = changes.filter(({ oldMode }) => oldMode !== ABSENT).map(({ path: file }) => file);
  const index = path.join(workspace.gitDir, 'gimo-back');
  await runGit(place, ['read-tree', point.preTree], { index });
  await runGit(place, ['checkout-index', '-f', '-z', '--stdin'], { index, input: wanted.map((file) => `${file}\0`).join('') });
  for (const file of wanted) {
    const mode = modes.get(file);
    if (mode !== undefined && (await fileMode(path.join(workspace.tree, file))) !== null)
      await chmod(path.join(workspace.tree, file), mode);
  }
  const before = new Set(point.others);
  for (const other of await listOthers(workspace, index)) {
    if (!before.has(other)) await removeTree(path.join(workspace.tree, other));
  }
  await rm(index, { force: true });
}
