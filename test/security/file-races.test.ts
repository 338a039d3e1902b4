/**
 * Reads while another process swaps a folder of the repository with a link that leads out of it. Never may a byte from outside come.
 * `GIMO_TEST_DEEP=1` makes 40,000 reads of it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInside } from '#api/services/files/file-text.ts';
import { readFolder } from '#api/services/files/open-inside.ts';
import { errorCode } from '#contract/errors.ts';
import { startApp, type TestApp } from '../helpers/app.ts';
import { git } from '../helpers/repo.ts';

const READS = process.env['GIMO_TEST_DEEP'] === '1' ? 40_000 : 3000;
const INSIDE = 'inside: what the repository holds';
const OUTSIDE = 'outside: what nobody may see';
let t: TestApp;
let stop: () => Promise<void>;

beforeAll(async () => {
  t = await startApp();
  const outside = path.join(t.store.dir, 'elsewhere');
  for (const dir of [path.join(t.repo, 'swapped/deep'), path.join(outside, 'deep')]) mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(t.repo, 'swapped/deep/file.txt'), INSIDE);
  writeFileSync(path.join(outside, 'deep/file.txt'), OUTSIDE);
  writeFileSync(path.join(outside, 'deep/only-outside.txt'), OUTSIDE);
  git(t.repo, 'add', '-A');
  git(t.repo, 'commit', '--quiet', '-m', 'swapped');
  writeFileSync(path.join(t.repo, 'swapped/deep/file.txt'), `${INSIDE}, changed`);
  symlinkSync(outside, path.join(t.store.dir, 'link'));
  const script = path.resolve(import.meta.dirname, '../fixtures/swapper.ts');
  const places = [path.join(t.repo, 'swapped'), path.join(t.store.dir, 'folder'), path.join(t.store.dir, 'link')];
  const child = spawn(process.execPath, [script, ...places], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  stop = async () => {
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  };
});
afterAll(async () => {
  await stop();
  await t.close();
});

type Counts = { read: number; refused: number };

/** Reads over and over; what is refused must be refused for a reason of the path. */
async function count(times: number, read: () => Promise<string>): Promise<Counts> {
  const counts: Counts = { read: 0, refused: 0 };
  for (let turn = 0; turn < times; turn += 1) {
    try {
      expect(await read()).not.toContain('outside');
      counts.read += 1;
    } catch (error) {
      if (errorCode(error) !== 'NOT_FOUND' && errorCode(error) !== 'PATH_REFUSED') throw error;
      counts.refused += 1;
    }
  }
  return counts;
}

describe('while a folder is swapped with a link that leads out of the repository', () => {
  // verifies: API-10b
  it(
    'no read gives bytes from outside',
    async () => {
      const parts = ['swapped', 'deep', 'file.txt'];
      const counts = await count(READS, async () => String(await readInside(t.repo, parts, 1000)));
      expect(counts.read + counts.refused).toBe(READS);
      expect(Math.min(counts.read, counts.refused), JSON.stringify(counts)).toBeGreaterThan(READS / 1000);
    },
    READS * 10,
  );

  it(
    'no listing names what lies outside',
    async () => {
      const list = (): Promise<string> =>
        readFolder(t.repo, ['swapped', 'deep'], async (entries) => entries.map(({ name }) => name).join(' '));
      const counts = await count(READS / 5, list);
      expect(counts.read).toBeGreaterThan(0);
    },
    READS * 10,
  );

  it('no answer of the API holds any of it', async () => {
    const addresses = [
      '/file?path=swapped/deep/file.txt',
      '/tree?path=swapped/deep',
      '/search?q=what',
      '/search?q=wha.&regex=true',
      '/diff',
    ];
    for (let turn = 0; turn < 60; turn += 1) {
      const answer = await t.get(addresses[turn % addresses.length] ?? '');
      expect(answer.status, answer.text).toBeLessThan(500);
      expect(answer.text).not.toMatch(/outside/);
    }
  }, 120_000);
});
