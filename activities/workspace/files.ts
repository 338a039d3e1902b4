import { chmod, lstat, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** Writes a small file so that it is there, whole, after a crash or a power cut. */
export async function writeDurably(file: string, text: string): Promise<void> {
  const draft = `${file}.new`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  const folder = await open(path.dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Gives the owner access to every folder below, without following links. */
async function openFolders(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => null);
  if (found === null || !found.isDirectory()) return;
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await openFolders(path.join(folder, entry.name));
}

/** Removes a file or folder with all it holds, also where a process took away the rights to do so. Links are removed, not followed. */
export async function removeTree(target: string): Promise<void> {
  try {
    await rm(target, { recursive: true, force: true });
  } catch {
    await openFolders(target);
    await rm(target, { recursive: true, force: true });
  }
}

/** Permission bits of a regular file, null for anything else. */
export async function fileMode(file: string): Promise<number | null> {
  const found = await lstat(file).catch(() => null);
  return found?.isFile() === true ? found.mode & 0o777 : null;
}
