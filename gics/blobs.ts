import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { GimoError } from '#contract/errors.ts';
import { GICS_LIMITS } from '#contract/gics.ts';

export type BlobPart = { upload: string; offset: number; bytes: Uint8Array };
/** Below the folder of the store. */
export const BLOBS_FOLDER = 'blobs';
const STALE_UPLOAD_MS = 3600_000;

export function blobPath(dir: string, sha256: string): string {
  return path.join(dir, sha256.slice(0, 2), sha256);
}

/** SHA-256 (hex) of a file, read in pieces. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: GICS_LIMITS.blobChunkBytes })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Makes the names in `dir` durable: without it a crash may forget a rename. */
export async function syncDir(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Null when `promise` fails because the file is not there. */
async function orMissing<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Every stored blob, in no order: `sha256` is its name, not yet checked against its bytes. */
export async function* listBlobs(dir: string): AsyncGenerator<{ sha256: string; file: string; size: number }> {
  for (const folder of (await orMissing(readdir(dir))) ?? []) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue;
    for (const sha256 of await readdir(path.join(dir, folder))) {
      const file = path.join(dir, folder, sha256);
      const info = await orMissing(stat(file));
      if (info !== null) yield { sha256, file, size: info.size };
    }
  }
}

/** Content-addressed files. An upload is a file of its own until it is whole, synced and renamed: a name never stands for part of its bytes. */
export class BlobStore {
  readonly #dir: string;
  readonly #uploads: string;

  constructor(dir: string) {
    this.#dir = dir;
    this.#uploads = path.join(dir, 'uploads');
  }

  /** Makes the folders and removes uploads that nobody will finish. */
  async open(): Promise<void> {
    await mkdir(this.#uploads, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#uploads)) {
      const file = path.join(this.#uploads, name);
      const info = await orMissing(stat(file));
      if (info !== null && Date.now() - info.mtimeMs > STALE_UPLOAD_MS) await rm(file, { force: true });
    }
  }

  /** Write a piece of an upload. Repeating a piece is harmless. */
  async writePart(part: BlobPart): Promise<void> {
    if (part.offset + part.bytes.length > GICS_LIMITS.blobBytes)
      throw new GimoError('BODY_TOO_LARGE', { data: { limit: GICS_LIMITS.blobBytes } });
    const file = path.join(this.#uploads, part.upload);
    // 'r+' keeps what is there; the first piece makes the file.
    const handle = (await orMissing(open(file, 'r+'))) ?? (await open(file, 'w', 0o600));
    try {
      await handle.write(part.bytes, 0, part.bytes.length, part.offset);
    } finally {
      await handle.close();
    }
  }

  /** Waits: until the blob and its name are on disk. Throws: BLOB_CORRUPT when the bytes are not those of `sha256`. */
  async finish(upload: string, sha256: string): Promise<{ sha256: string; size: number }> {
    const temp = path.join(this.#uploads, upload);
    const handle = await orMissing(open(temp, 'r+'));
    if (handle === null) return this.#alreadyThere(sha256);
    let size = 0;
    try {
      await handle.sync();
      size = (await handle.stat()).size;
    } finally {
      await handle.close();
    }
    if ((await hashFile(temp)) !== sha256) {
      await rm(temp, { force: true });
      throw new GimoError('BLOB_CORRUPT', { message: 'The uploaded bytes do not have the hash that was announced.' });
    }
    await this.#moveIn(temp, sha256);
    return { sha256, size };
  }

  async stat(sha256: string): Promise<{ size: number } | null> {
    const info = await orMissing(stat(blobPath(this.#dir, sha256)));
    return info === null ? null : { size: info.size };
  }

  /** Bytes `start` to `end` (not included), fewer at the end of the blob; null when there is none. */
  async read(sha256: string, start: number, end: number): Promise<Uint8Array | null> {
    const handle = await orMissing(open(blobPath(this.#dir, sha256), 'r'));
    if (handle === null) return null;
    try {
      const buffer = Buffer.alloc(Math.max(0, Math.min(end - start, GICS_LIMITS.blobChunkBytes)));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  }

  /** Read the whole blob and compare. Throws: BLOB_CORRUPT, NOT_FOUND. */
  async verify(sha256: string): Promise<void> {
    const found = await orMissing(hashFile(blobPath(this.#dir, sha256)));
    if (found === null) throw new GimoError('NOT_FOUND');
    if (found !== sha256) throw new GimoError('BLOB_CORRUPT', { data: { sha256 } });
  }

  async drop(sha256: string): Promise<void> {
    const file = blobPath(this.#dir, sha256);
    if ((await orMissing(stat(file))) === null) return;
    await rm(file, { force: true });
    await syncDir(path.dirname(file));
  }

  async stats(): Promise<{ count: number; bytes: number }> {
    const total = { count: 0, bytes: 0 };
    for await (const { size } of listBlobs(this.#dir)) {
      total.count += 1;
      total.bytes += size;
    }
    return total;
  }

  async #alreadyThere(sha256: string): Promise<{ sha256: string; size: number }> {
    const found = await this.stat(sha256);
    if (found === null) throw new GimoError('BLOB_CORRUPT', { message: 'The upload is not there any more; send it again.' });
    return { sha256, size: found.size };
  }

  async #moveIn(temp: string, sha256: string): Promise<void> {
    const file = blobPath(this.#dir, sha256);
    if ((await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })) !== undefined) await syncDir(this.#dir);
    await rename(temp, file);
    await syncDir(path.dirname(file));
  }
}
