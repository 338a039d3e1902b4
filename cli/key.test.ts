import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { signDecision } from '#api/services/decisions.ts';
import { verifyDecision, type Decision } from '#contract/decision.ts';
import { ensureKeys, readKeyRing, readSigningKey } from '#platform/keys.ts';
import { dataPaths, makeDataDirs, type DataPaths } from '#platform/paths.ts';
import { gimo } from './test-api.ts';

let dir: string;
let paths: DataPaths;
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-key-'));
  paths = dataPaths(dir);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function signed(subject: 'draft' | 'gate'): Decision {
  return signDecision(
    { signingKey: () => readSigningKey(paths.signingKey) },
    {
      subject,
      subject_id: 'x',
      verdict: 'approve',
      choice: null,
      hash: '0'.repeat(64),
      packet_hash: null,
      envelope: null,
      by: 'admin:0123456789ab',
      comment: '',
      expires_at: null,
    },
  );
}

it('gimo key rotate signs with a new key; a run of before can still be answered, and old decisions stay valid', async () => {
  makeDataDirs(paths);
  const before = ensureKeys(paths);
  const [old, ringBefore] = [signed('draft'), readKeyRing(paths.keyRing).keys];
  const { code, stdout } = await gimo(['key', 'rotate', '--data', dir, '--json']);
  expect([code, JSON.parse(stdout)]).toEqual([0, { kid: readSigningKey(paths.signingKey).kid }]);
  expect(readSigningKey(paths.signingKey).kid).not.toBe(before);
  const ring = readKeyRing(paths.keyRing).keys;
  const [draft, gate] = [signed('draft'), signed('gate')];
  expect([old, draft, gate].map((decision) => verifyDecision(decision, ring))).toEqual([true, true, true]);
  expect([old, draft, gate].map((decision) => verifyDecision(decision, ringBefore))).toEqual([true, false, true]);
});

it('gimo key rotate refuses a folder that is no data directory', async () => {
  const { code, stderr } = await gimo(['key', 'rotate', '--data', path.join(dir, 'nothing')]);
  expect([code, stderr]).toEqual([2, expect.stringContaining('has no signing key yet')]);
});
