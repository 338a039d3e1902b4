import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCheckpoints } from '#cli/verify-checkpoints.ts';
import { checkExport } from '#cli/verify-export.ts';
import type { NamedHead } from '#cli/verify-log.ts';
import { leafOf } from '#contract/audit-chain.ts';
import { MerkleTree } from '#contract/merkle.ts';
import { checkpointName } from '#platform/checkpoint-files.ts';
import { rounds } from '../helpers/deep.ts';
import { exportOf, makeEntries, makeSigner, manipulate, signHead } from './audit-forger.ts';
import { randomOf } from './random.ts';

const ROUNDS = rounds({ quick: 400, deep: 10_000 });
const SEED = 26;

const own = makeSigner('1111111111111111');
const other = makeSigner('2222222222222222');
const stranger = makeSigner('3333333333333333');
/** Both of ours; the stranger's is not among them. */
const ring = [own.publicKey, other.publicKey];
const entries = makeEntries(24, randomOf(SEED));
const log = { entries, head: signHead(entries, own) };
const earlier = [signHead(entries.slice(0, 9), own), signHead(entries.slice(0, 17), other)];
const kept: NamedHead[] = [...earlier, log.head].map((head) => ({ name: `checkpoint ${head.seq}`, head }));

const isWhole = (text: string, heads = kept): boolean => checkExport(text, ring, heads).every(({ ok }) => ok);

// verifies: PRIN-2
describe('an export of the audit log', () => {
  it('that nobody touched is whole', () => {
    expect(checkExport(exportOf(log), ring, kept)).toEqual([
      { name: 'audit chain', ok: true, count: 24, bad: null },
      { name: 'checkpoints', ok: true, count: 3, bad: null },
      { name: 'signed head', ok: true, count: 1, bad: null },
    ]);
  });

  it(
    `shows each of ${ROUNDS} random manipulations: cut off, written anew, in another order, under another key, in other bytes`,
    { timeout: 900_000 },
    () => {
      const random = randomOf(SEED);
      const hows = new Set<string>();
      for (let round = 0; round < ROUNDS; round++) {
        const { how, text } = manipulate({ log, earlier, own, other, stranger }, random);
        hows.add(how);
        expect(isWhole(text), `seed ${SEED}, round ${round}: ${how}`).toBe(false);
      }
      expect(hows.size).toBeGreaterThan(100);
    },
  );

  it('that was cut off where it once really ended shows by a later checkpoint alone, and not for whoever asks as of then', () => {
    const [first] = earlier;
    if (first === undefined) throw new Error('there is no earlier head');
    const text = exportOf({ entries: entries.slice(0, first.seq), head: first });
    expect(checkExport(text, ring, kept).map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(isWhole(text, kept.slice(0, 1))).toBe(true);
  });
});

describe('a checkpoint in a file', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-checkpoints-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const file = path.join(dir, checkpointName(log.head.seq));
  const tree = new MerkleTree();
  for (const { hash } of entries) tree.append(leafOf(hash));
  const text = `${JSON.stringify({ head: log.head, peaks: tree.peaks })}\n`;
  const isSound = (changed: string): boolean => {
    writeFileSync(file, changed);
    try {
      const heads = readCheckpoints({ named: [dir], usual: [], asOf: undefined });
      return heads.length === 1 && isWhole(exportOf(log), heads);
    } catch {
      return false;
    }
  };

  it('is taken as it was written, and in no other bytes', { timeout: 120_000 }, () => {
    expect(isSound(text)).toBe(true);
    const random = randomOf(SEED);
    for (let round = 0; round < rounds({ quick: 200, deep: 2000 }); round++) {
      const at = random.below(text.length);
      const changed = text.slice(0, at) + random.text('0123456789abcdef{}":, ', 1) + text.slice(at + 1);
      expect(changed === text || !isSound(changed), `${at}: ${changed}`).toBe(true);
    }
  });
});
