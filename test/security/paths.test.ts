/** Thousands of hostile paths against the routes that show files: no answer may come from outside, and none may be a failure of ours. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileView } from '#contract/routes/repo.ts';
import { startApp, type TestApp } from '../helpers/app.ts';
import { makePaths } from './path-corpus.ts';

const MARKER = 'a marker that lies outside';
const SHOWN = new Set(['README.md', 'src/index.js', 'package.json', 'src/deep/util.js', 'test/index.test.js']);
const CORPUS = makePaths(3200, 5);
let t: TestApp;

beforeAll(async () => {
  t = await startApp();
  const outside = path.join(t.store.dir, 'outside');
  mkdirSync(outside);
  writeFileSync(path.join(outside, 'marker.txt'), MARKER);
  symlinkSync(outside, path.join(t.repo, 'away'));
  symlinkSync(path.join(outside, 'marker.txt'), path.join(t.repo, 'alias.txt'));
  symlinkSync('loop', path.join(t.repo, 'loop'));
});
afterAll(() => t.close());

const once = (path: string): string => encodeURIComponent(path.toWellFormed());
const every = <T>(items: readonly T[], step: number): T[] => items.filter((_item, index) => index % step === 0);

async function expectHarmless(address: string): Promise<{ status: number; text: string }> {
  const { status, text } = await t.get(address);
  expect(status, `${address.slice(0, 200)}: ${text.slice(0, 300)}`).toBeLessThan(500);
  expect(text).not.toContain(MARKER);
  expect(text).not.toContain('root:x:0');
  return { status, text };
}

describe('hostile paths', () => {
  // verifies: API-10b
  it('never show a file but those of the repository', async () => {
    expect(CORPUS.length).toBeGreaterThanOrEqual(5000);
    const shown: string[] = [];
    for (const path of CORPUS) {
      const { status, text } = await expectHarmless(`/file?path=${once(path)}`);
      if (status === 200) shown.push((JSON.parse(text) as FileView).path);
    }
    expect([...new Set(shown)].filter((name) => !SHOWN.has(name))).toEqual([]);
    expect(shown.length).toBeGreaterThan(0);
  }, 180_000);

  it('never list a folder from outside', async () => {
    for (const path of every(CORPUS, 12)) await expectHarmless(`/tree?path=${once(path)}`);
  }, 180_000);

  it('limit a search and a diff to the repository', async () => {
    for (const path of every(CORPUS, 120)) {
      await expectHarmless(`/search?q=marker&path=${once(path)}`);
      await expectHarmless(`/diff?path=${once(path)}`);
    }
  }, 180_000);

  it('mean nothing when they are encoded twice', async () => {
    for (const path of every(CORPUS, 15).filter((path) => path.includes('/')))
      expect((await expectHarmless(`/file?path=${encodeURIComponent(once(path))}`)).status).not.toBe(200);
  }, 120_000);
});
