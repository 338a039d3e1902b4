/**
 * The Ed25519 key that signs decisions, and the ring of public keys that verify them. Private keys stay in the API's
 * process; everything else reads the ring, which keeps every key that ever signed.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { z } from '#contract/zod.ts';
import { writeFileAtomic } from './files.ts';
import type { DataPaths } from './paths.ts';

const Kid = z.string().regex(/^[0-9a-f]{16}$/);
const KeySchema = z.strictObject({ kid: Kid, private_key: z.string().startsWith('-----BEGIN PRIVATE KEY-----') });
const SigningFileSchema = KeySchema.extend({ earlier: z.array(KeySchema).max(15).default([]) });
/** Runs that began before a rotation know the public keys of their start only: so many rotations back they can still be answered. */
const KEPT = 3;
export const KeyRingSchema = z.strictObject({
  keys: z.array(z.strictObject({ kid: Kid, public_key: z.string().regex(/^[0-9a-f]{64}$/), created_at: z.number().int() })),
});
/** `public_key` is the raw 32 bytes as hex, `created_at` in ms. */
export type KeyRing = z.infer<typeof KeyRingSchema>;
type Key = { kid: string; privateKey: KeyObject };
/** `earlier`: keys in use before, newest first. They sign along for runs that began in their time. */
export type SigningKey = Key & { earlier: Key[] };

type KeyPaths = Pick<DataPaths, 'signingKey' | 'keyRing'>;

/** Makes the signing key when there is none, and sees to it that the ring holds its public half. Out: the kid in use. */
export function ensureKeys(paths: KeyPaths): string {
  if (!existsSync(paths.signingKey)) return rotateSigningKey(paths);
  const key = readSigningKey(paths.signingKey);
  addToRing(paths.keyRing, key);
  return key.kid;
}

/** A new signing key; earlier signatures stay verifiable. Out: the new kid. The API signs with it from its next decision on. */
export function rotateSigningKey(paths: KeyPaths): string {
  const before = existsSync(paths.signingKey) ? readSigningKey(paths.signingKey) : null;
  const { privateKey } = generateKeyPairSync('ed25519');
  const key = { kid: kidOf(rawPublicKey(privateKey)), privateKey };
  // The ring first: a signature must never exist before its key can be looked up.
  addToRing(paths.keyRing, key);
  const earlier = before === null ? [] : [before, ...before.earlier].slice(0, KEPT).map(fileForm);
  writeFileAtomic(paths.signingKey, `${JSON.stringify({ ...fileForm(key), earlier })}\n`);
  return key.kid;
}

function fileForm({ kid, privateKey }: Key): z.infer<typeof KeySchema> {
  return { kid, private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** Throws: a sentence that names the file when it is missing, broken or not what its kid says. */
export function readSigningKey(file: string): SigningKey {
  const { earlier, ...current } = parseFile(file, SigningFileSchema);
  return { ...readKey(file, current), earlier: earlier.map((key) => readKey(file, key)) };
}

function readKey(file: string, { kid, private_key: pem }: z.infer<typeof KeySchema>): Key {
  const privateKey = createPrivateKey(pem);
  if (privateKey.asymmetricKeyType !== 'ed25519' || kidOf(rawPublicKey(privateKey)) !== kid) {
    throw new Error(`${file} does not hold the key that its kid names: restore it from a backup.`);
  }
  return { kid, privateKey };
}

/** Throws: a sentence that names the file when it is missing or broken. */
export function readKeyRing(file: string): KeyRing {
  return parseFile(file, KeyRingSchema);
}

/** First 16 hex digits of SHA-256 of the raw public key. */
export function kidOf(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 16);
}

function addToRing(file: string, key: Key): void {
  const ring = existsSync(file) ? readKeyRing(file) : { keys: [] };
  if (ring.keys.some((entry) => entry.kid === key.kid)) return;
  const publicKey = Buffer.from(rawPublicKey(key.privateKey)).toString('hex');
  ring.keys.push({ kid: key.kid, public_key: publicKey, created_at: Date.now() });
  writeFileAtomic(file, `${JSON.stringify(ring, null, 2)}\n`);
}

function rawPublicKey(privateKey: KeyObject): Uint8Array {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return Buffer.from(x ?? '', 'base64url');
}

function parseFile<T>(file: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`${file} cannot be read: restore it from a backup.`, { cause: error });
  }
}
