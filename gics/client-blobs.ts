import { createHash, randomBytes } from 'node:crypto';
import { GimoError } from '#contract/errors.ts';
import { GICS_LIMITS } from '#contract/gics.ts';
import type { Link } from './link.ts';

const UPLOAD_ID_BYTES = 16;
const { blobBytes, blobChunkBytes } = GICS_LIMITS;

/** Blobs in pieces of at most blobChunkBytes, so that a large one does not hold up other calls of the same connection. */
export class BlobClient {
  readonly #link: Link;
  readonly #timeoutMs: number;

  constructor(link: Link, timeoutMs: number) {
    this.#link = link;
    this.#timeoutMs = timeoutMs;
  }

  async put(bytes: Uint8Array): Promise<{ sha256: string; size: number }> {
    if (bytes.length > blobBytes) throw new GimoError('BODY_TOO_LARGE', { data: { size: bytes.length, limit: blobBytes } });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const present = await this.stat(sha256);
    if (present?.size === bytes.length) return { sha256, size: bytes.length };
    const upload = randomBytes(UPLOAD_ID_BYTES).toString('base64url');
    let offset = 0;
    do {
      const part = bytes.subarray(offset, offset + blobChunkBytes);
      await this.#link.call('blob_part', { upload, offset, bytes: part }, { timeoutMs: this.#timeoutMs });
      offset += part.length;
    } while (offset < bytes.length);
    return this.#link.call('blob_finish', { upload, sha256 }, { timeoutMs: this.#timeoutMs });
  }

  stat(sha256: string): Promise<{ size: number } | null> {
    return this.#link.call('blob_stat', { sha256 }, { timeoutMs: this.#timeoutMs });
  }

  async drop(sha256: string): Promise<void> {
    await this.#link.call('blob_drop', { sha256 }, { timeoutMs: this.#timeoutMs });
  }

  /** The whole blob is checked here, where it arrives; of a range the daemon checks the whole before it sends the first piece. */
  async get(sha256: string, range?: { start: number; end: number }): Promise<Uint8Array | null> {
    const info = await this.stat(sha256);
    if (info === null) return null;
    const start = Math.min(range?.start ?? 0, info.size);
    const end = Math.max(start, Math.min(range?.end ?? info.size, info.size));
    const bytes = await this.#read(sha256, { start, end, verify: range !== undefined });
    if (bytes === null || range !== undefined) return bytes;
    const found = createHash('sha256').update(bytes).digest('hex');
    if (found !== sha256) throw new GimoError('BLOB_CORRUPT', { data: { sha256 } });
    return bytes;
  }

  async #read(sha256: string, range: { start: number; end: number; verify: boolean }): Promise<Uint8Array | null> {
    const whole = new Uint8Array(range.end - range.start);
    let { verify } = range;
    let at = range.start;
    while (at < range.end || verify) {
      const end = Math.min(at + blobChunkBytes, range.end);
      const part = await this.#link.call('blob_read', { sha256, start: at, end, verify }, { timeoutMs: this.#timeoutMs });
      if (part === null) return null;
      if (part.length !== end - at) throw new GimoError('BLOB_CORRUPT', { data: { sha256 } });
      whole.set(part, at - range.start);
      at = end;
      verify = false;
    }
    return whole;
  }
}
