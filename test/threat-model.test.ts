import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.dirname(import.meta.dirname);
const TEXT = readFileSync(path.join(ROOT, 'docs/threat-model.md'), 'utf8');
const POINTS = Array.from({ length: 10 }, (_, index) => `ASI${String(index + 1).padStart(2, '0')}`);

describe('docs/threat-model.md', () => {
  const sections = TEXT.split(/^## /m).filter((section) => section.startsWith('ASI'));

  it('walks all ten points, each with what is done, its proof, and what is not promised', () => {
    expect(sections.map((section) => section.slice(0, 5))).toEqual(POINTS);
    for (const section of sections)
      for (const part of ['**What is done.**', '**Proof.**', '**Not promised.**'])
        expect(section.includes(part), `${section.slice(0, 30)} ${part}`).toBe(true);
  });

  it('names tests that are there, at least three for each point', () => {
    const named = sections.map((section) => [...section.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, file = '']) => file));
    expect(named.flat().filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
    expect(named.filter((files) => files.length < 3)).toEqual([]);
  });
});
