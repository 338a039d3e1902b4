/** docs/failures.md: a promise without a test, or a test that is not there, is no promise. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const ROOT = path.dirname(import.meta.dirname);
const PROMISES = Array.from({ length: 12 }, (_none, at) => `G${at + 1}`);
const rows = readFileSync(path.join(ROOT, 'docs/failures.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| G\d/.test(line))
  .map((line) => {
    const [, promise = '', , proof = ''] = line.split('|').map((cell) => cell.trim());
    return { line, promise, files: [...proof.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '') };
  });

it('has a line for every promise', () => {
  expect([...new Set(rows.map(({ promise }) => promise))]).toEqual(PROMISES);
});

it('names for each line tests that exist', () => {
  expect(rows.filter(({ files }) => files.length === 0).map(({ line }) => line)).toEqual([]);
  const files = rows.flatMap((row) => row.files);
  expect(files.filter((file) => !file.endsWith('.test.ts') || !existsSync(path.join(ROOT, file)))).toEqual([]);
});
