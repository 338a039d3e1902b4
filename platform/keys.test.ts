import { sign, verify, createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureKeys, kidOf, readKeyRing, readSigningKey, rotateSigningKey } from './keys.ts';

let dir: string;
let paths: { signingKey: string; keyRing: string };
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-keys-'));
  paths = { signingKey: path.join(dir, 'signing.json'), keyRing: path.join(dir, 'keyring.json') };
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A key as a verifier builds it from the ring: 32 raw bytes. */
function publicKeyFromRing(kid: string) {
  const entry = readKeyRing(paths.keyRing).keys.find((key) => key.kid === kid);
  const raw = Buffer.from(entry?.public_key ?? '', 'hex');
  expect(kidOf(raw)).toBe(kid);
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' });
}

describe('signing keys', () => {
  it('are made once, readable by the owner only, and verify through the ring', () => {
    const kid = ensureKeys(paths);
    expect(ensureKeys(paths)).toBe(kid);
    const key = readSigningKey(paths.signingKey);
    const message = Buffer.from('a decision');
    expect(verify(null, message, publicKeyFromRing(kid), sign(null, message, key.privateKey))).toBe(true);
    expect([paths.signingKey, paths.keyRing].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
  });

  it('keep the old public key in the ring after a rotation', () => {
    const first = ensureKeys(paths);
    const second = rotateSigningKey(paths);
    expect(readKeyRing(paths.keyRing).keys.map((key) => key.kid)).toEqual([first, second]);
    expect(readSigningKey(paths.signingKey).kid).toBe(second);
  });

  it('of before sign along for three rotations', () => {
    const kids = [ensureKeys(paths), ...Array.from({ length: 4 }, () => rotateSigningKey(paths))];
    const { kid, earlier } = readSigningKey(paths.signingKey);
    expect([kid, ...earlier.map((key) => key.kid)]).toEqual(kids.toReversed().slice(0, 4));
    expect(readKeyRing(paths.keyRing).keys.map((key) => key.kid)).toEqual(kids);
    expect(statSync(paths.signingKey).mode & 0o777).toBe(0o600);
  });

  it('come back into a ring that was lost', () => {
    const kid = ensureKeys(paths);
    rmSync(paths.keyRing);
    ensureKeys(paths);
    expect(readKeyRing(paths.keyRing).keys.map((key) => key.kid)).toEqual([kid]);
  });

  it('are refused when the file names another key', () => {
    ensureKeys(paths);
    const other = { signingKey: path.join(dir, 'other.json'), keyRing: paths.keyRing };
    rotateSigningKey(other);
    const pem = readSigningKey(other.signingKey).privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(paths.signingKey, JSON.stringify({ kid: readSigningKey(paths.signingKey).kid, private_key: pem }));
    expect(() => readSigningKey(paths.signingKey)).toThrow('does not hold the key that its kid names');
  });

  it('name the file that is broken', () => {
    writeFileSync(paths.keyRing, '{"keys":');
    expect(() => readKeyRing(paths.keyRing)).toThrow(`${paths.keyRing} cannot be read`);
  });
});
