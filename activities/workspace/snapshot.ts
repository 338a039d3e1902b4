/** The exact content of a working tree as a git tree object, and the way back to it. */
import { copyFile, chmod, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ABSENT, diffTrees, gitList, gitText, runGit } from './git.ts';
import { fileMode, removeTree } from './files.ts';
import { placeOf, type Workspace } from './place.ts';

/** `index` is a file of its own: the index of the workspace only ever holds what HEAD holds. */
export type Snapshot = { tree: string; index: string };

const NULL_ID = /^0+$/;

/** Which files are tracked: everything that the repository does not ignore, and what already is in the index. */
async function addAll(workspace: Workspace, index: string): Promise<void> {
  // Exit code 1: something could not be added (a nested repository without a commit); it is then not part of the snapshot.
  await runGit(placeOf(workspace), ['add', '-A', '--ignore-errors'], { index, accept: [0, 1, 128] });
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
 * Brings the tree back to a snapshot: contents, new and deleted files, links, modes, new folders.
 * What the repository ignores is not part of a snapshot: new ignored files and folders are removed, changed ones stay.
 */
export async function restore(workspace: Workspace, point: RestorePoint): Promise<void> {
  const place = placeOf(workspace);
  const changes = (await changesSince(workspace, point)).filter(({ newMode, oldMode }) => newMode !== oldMode || oldMode !== '160000');
  const modes = new Map(Object.entries(point.modes));
  for (const { path: file } of changes) {
    const full = path.join(workspace.tree, file);
    const mode = await fileMode(full);
    if (mode !== null && !modes.has(file)) modes.set(file, mode);
    await removeTree(full);
  }
  const wanted = changes.filter(({ oldMode, oldBlob }) => oldMode !== ABSENT && !NULL_ID.test(oldBlob)).map(({ path: file }) => file);
  const index = path.join(workspace.gitDir, 'gimo-back');
  await runGit(place, ['read-tree', point.preTree], { index });
  await runGit(place, ['checkout-index', '-f', '-z', '--stdin'], { index, input: wanted.map((file) => `${file}\0`).join('') });
  for (const { path: file, oldMode } of changes) {
    const mode = modes.get(file);
    if (mode === undefined || !oldMode.startsWith('100')) continue;
    await chmod(path.join(workspace.tree, file), oldMode === '100755' ? mode | 0o100 : mode & ~0o111);
  }
  const before = new Set(point.others);
  for (const other of await listOthers(workspace, index)) {
    if (!before.has(other)) await removeTree(path.join(workspace.tree, other));
  }
  await rm(index, { force: true });
}
