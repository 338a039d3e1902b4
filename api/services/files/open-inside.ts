/**
 * Opens files and folders of a repository so that a link can never lead out of it, also while somebody swaps folders and links:
 * each step starts from a descriptor that is open already, follows no link, and what is judged is what was opened.
 */
import { constants, type Stats } from 'node:fs';
import { lstat, open, opendir, type FileHandle } from 'node:fs/promises';
import { GimoError } from '#contract/errors.ts';
import { refused } from './repo-path.ts';

const { O_RDONLY, O_NOFOLLOW, O_DIRECTORY, O_NONBLOCK, O_NOCTTY } = constants;
const FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK;
const FILE = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
/** macOS: no part of the path may be a link (sys/fcntl.h). */
const O_NOFOLLOW_ANY = 0x2000_0000;
const MAX_ENTRIES = 20_000;

export type Opened = { handle: FileHandle; stat: Stats };

/** In: the real path of the root, and plain parts below it. Throws: NOT_FOUND, PATH_REFUSED. The caller closes the handle. */
export async function openFile(root: string, parts: readonly string[]): Promise<Opened> {
  const opened = await openBelow(root, parts, FILE);
  const wrong = whyNoPlainFile(opened.stat);
  if (wrong === null) return opened;
  await opened.handle.close();
  throw refused(parts.join('/'), wrong);
}

function whyNoPlainFile(stat: Stats): string | null {
  if (stat.isDirectory()) return 'it is a folder';
  if (!stat.isFile()) return 'it is no plain file';
  // The other name may stand anywhere, and so may what is in it.
  return stat.nlink > 1 ? 'it has a second name (a hard link)' : null;
}

async function openFolder(root: string, parts: readonly string[]): Promise<Opened> {
  return openBelow(root, parts, FOLDER);
}

async function openBelow(root: string, parts: readonly string[], flags: number): Promise<Opened> {
  try {
    const handle = process.platform === 'linux' ? await openByDescriptors(root, parts, flags) : await openAtOnce(root, parts, flags);
    return { handle, stat: await handle.stat() };
  } catch (error) {
    throw asRefusal(error, parts.join('/'));
  }
}

async function openByDescriptors(root: string, parts: readonly string[], flags: number): Promise<FileHandle> {
  let at = await open(root, parts.length === 0 ? flags : FOLDER);
  for (const [index, part] of parts.entries()) {
    try {
      const next = await open(`/proc/self/fd/${at.fd}/${part}`, index === parts.length - 1 ? flags : FOLDER);
      await at.close();
      at = next;
    } catch (error) {
      await at.close();
      throw error;
    }
  }
  return at;
}

async function openAtOnce(root: string, parts: readonly string[], flags: number): Promise<FileHandle> {
  if (process.platform !== 'darwin')
    throw new GimoError('REPO_REFUSED', { message: 'Files can be shown on Linux and macOS only.', hint: 'Open them on the machine.' });
  return open([root, ...parts].join('/'), (flags & ~O_NOFOLLOW) | O_NOFOLLOW_ANY);
}

function asRefusal(error: unknown, path: string): unknown {
  if (error instanceof GimoError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG')
    return new GimoError('NOT_FOUND', {
      message: `There is no ${JSON.stringify(path)} in the repository.`,
      hint: 'GET /tree lists what there is.',
    });
  if (code === 'ELOOP') return refused(path, 'it is a link, or lies behind one');
  return refused(path, 'the machine does not let GIMO read it');
}

export type Entry = { name: string; type: 'folder' | 'file' | 'link' | 'other' };

/** Names in a folder, sorted by code point. `stat` looks at one of them without following it. Throws: see openFile, and FILE_TOO_LARGE. */
export async function readFolder<T>(
  root: string,
  parts: readonly string[],
  use: (entries: Entry[], sizeOf: (name: string) => Promise<number | null>) => Promise<T>,
): Promise<T> {
  const folder = await openFolder(root, parts);
  try {
    const place = process.platform === 'linux' ? `/proc/self/fd/${folder.handle.fd}` : [root, ...parts].join('/');
    const entries = await listFolder(place);
    if (process.platform !== 'linux') await isStill(root, parts, folder.stat);
    const sizeOf = async (name: string): Promise<number | null> => {
      const stat = await lstat(`${place}/${name}`).catch(() => null);
      return stat?.isFile() === true ? stat.size : null;
    };
    return await use(entries, sizeOf);
  } finally {
    await folder.handle.close();
  }
}

async function listFolder(place: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of await opendir(place, { bufferSize: 256 })) {
    if (entries.length === MAX_ENTRIES)
      throw new GimoError('FILE_TOO_LARGE', { message: `The folder holds more than ${MAX_ENTRIES} entries.` });
    const type = entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : entry.isSymbolicLink() ? 'link' : 'other';
    entries.push({ name: entry.name, type });
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Where a folder can only be listed by its path, it must be the one that was opened before and after. */
async function isStill(root: string, parts: readonly string[], before: Stats): Promise<void> {
  const { handle, stat } = await openFolder(root, parts);
  await handle.close();
  if (stat.ino !== before.ino || stat.dev !== before.dev) throw refused(parts.join('/'), 'it was replaced while it was read');
}

/** All bytes of an open file. In: how many at most. Out: null when there are more. */
export async function readUpTo(handle: FileHandle, maxBytes: number): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for (;;) {
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.allocUnsafe(256 * 1024), position: null });
    if (bytesRead === 0) return Buffer.concat(parts);
    size += bytesRead;
    if (size > maxBytes) return null;
    parts.push(buffer.subarray(0, bytesRead));
  }
}
