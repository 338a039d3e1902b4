/** The keys that payloads of Temporal are encrypted with. All that ever were stay in the file: histories that were written with them may still be read. */
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { z } from '#contract/zod.ts';
import { writeFileAtomic } from './files.ts';

const KEY_BYTES = 32;
const KID_BYTES = 8;
/** Another process may have rotated: so often the file is looked at. */
const LOOK_EVERY_MS = 1000;
const MOST_KEYS = 64;
const KeySchema = z.strictObject({ kid: z.string().regex(/^[0-9a-f]{16}$/), key: z.base64() });
/** The first is the one in use. */
const FileSchema = z.strictObject({ keys: z.array(KeySchema).min(1).max(MOST_KEYS) });

/** A cipher takes a key object in a third of the time that it takes for bytes. */
export type PayloadKey = { kid: string; key: KeyObject };

/** Makes a key when there is none. */
export function ensurePayloadKey(file: string): void {
  if (!existsSync(file)) rotatePayloadKey(file);
}

/** A new key for what is written from now on. Out: its id. */
export function rotatePayloadKey(file: string): string {
  const before = existsSync(file) ? readFile(file) : [];
  const key = { kid: randomBytes(KID_BYTES).toString('hex'), key: randomBytes(KEY_BYTES).toString('base64') };
  const earlier = before.map((one) => ({ kid: one.kid, key: one.key.export().toString('base64') }));
  writeFileAtomic(file, `${JSON.stringify({ keys: [key, ...earlier].slice(0, MOST_KEYS) })}\n`);
  return key.kid;
}

function readFile(file: string): PayloadKey[] {
  try {
    return FileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).keys.map(({ kid, key }) => ({
      kid,
      key: createSecretKey(key, 'base64'),
    }));
  } catch (error) {
    throw new Error(`${file} cannot be read: restore it from a backup.`, { cause: error });
  }
}

export class PayloadKeys {
  readonly #file: string;
  #keys: PayloadKey[] = [];
  #readAtMs = 0;
  #lookedAtMs = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** The key in use. Throws: a sentence that names the file when it is missing or broken. */
  current(): PayloadKey {
    this.#look(Date.now() - this.#lookedAtMs > LOOK_EVERY_MS);
    const [key] = this.#keys;
    if (key === undefined) throw new Error(`${this.#file} holds no key.`);
    return key;
  }

  /** Null when there is none of this id, also not in the file as it is now. */
  find(kid: string): KeyObject | null {
    const known = this.#keys.find((key) => key.kid === kid);
    if (known !== undefined) return known.key;
    this.#look(true);
    return this.#keys.find((key) => key.kid === kid)?.key ?? null;
  }

  #look(isDue: boolean): void {
    if (!isDue) return;
    this.#lookedAtMs = Date.now();
    const { mtimeMs } = statSync(this.#file);
    if (mtimeMs === this.#readAtMs) return;
    this.#keys = readFile(this.#file);
    this.#readAtMs = mtimeMs;
  }
}
