/** The content of a file as it may be shown. */
import { createHash } from 'node:crypto';
import { redactCounted } from '#platform/redact.ts';
import { openFile, readUpTo } from './open-inside.ts';

/** Git looks at as much to tell text from the rest. */
const LOOKED_AT_BYTES = 8000;

/** `text` has masks in place of secrets, on the same lines; null when it is binary. */
export type FileText = { sha256: string; sizeBytes: number; text: string | null; redactions: number };

/** Out: null when it is larger than `maxBytes`. Throws: NOT_FOUND, PATH_REFUSED. */
export async function readFileText(root: string, parts: readonly string[], maxBytes: number): Promise<FileText | null> {
  const bytes = await readInside(root, parts, maxBytes);
  if (bytes === null) return null;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const text = textOf(bytes);
  if (text === null) return { sha256, sizeBytes: bytes.length, text: null, redactions: 0 };
  const { text: shown, count } = redactCounted(text);
  return { sha256, sizeBytes: bytes.length, text: shown, redactions: count };
}

/** The bytes of a plain file below the root. Out: null when there are more than `maxBytes`. Throws: NOT_FOUND, PATH_REFUSED. */
export async function readInside(root: string, parts: readonly string[], maxBytes: number): Promise<Buffer | null> {
  const { handle } = await openFile(root, parts);
  try {
    return await readUpTo(handle, maxBytes);
  } finally {
    await handle.close();
  }
}

/** Out: null for what is no UTF-8 or holds zero bytes. */
function textOf(bytes: Buffer): string | null {
  if (bytes.subarray(0, LOOKED_AT_BYTES).includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
