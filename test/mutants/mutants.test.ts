import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { breakLine } from './break-line.ts';
import { MUTANTS } from './mutants.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

describe('the breaks of `npm run test:mutants`', () => {
  it('are at least three for each promise', () => {
    const promises = Map.groupBy(MUTANTS, ({ promise }) => promise);
    expect([...promises].filter(([, own]) => own.length < 3)).toEqual([]);
    expect([...promises.keys()].toSorted()).toEqual(['G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8', 'G9']);
  });

  it('break lines that are there, and name tests that are there', () => {
    const gone = MUTANTS.filter((mutant) => breakLine(readFileSync(path.join(ROOT, mutant.file), 'utf8'), mutant) === null);
    expect(gone.map(({ file, old }) => `${file}: ${old}`)).toEqual([]);
    expect(MUTANTS.filter(({ test }) => !existsSync(path.join(ROOT, test)))).toEqual([]);
  });
});
