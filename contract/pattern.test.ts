/** The pattern grammar: the examples that docs/plan.md shows, and the laws behind them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandCovers } from './commands/form.ts';
import { escapePattern, isDynamic, pathCovers, wordCovers } from './pattern.ts';

const DOC = readFileSync(path.join(import.meta.dirname, '..', 'docs', 'plan.md'), 'utf8');

/** Rows `| kind | pattern | value | yes or no | … |` of the table; a cell is one code span. */
const ROWS = [...DOC.matchAll(/^\| (word|command|path) +\| `([^`]*)` +\| `([^`]*)` +\| (yes|no) +\|/gm)].map(
  ([, kind, pattern, value, answer]) => ({
    kind: kind ?? '',
    pattern: pattern ?? '',
    value: value ?? '',
    isCovered: answer === 'yes',
  }),
);

function covers(kind: string, pattern: string, value: string): boolean {
  if (kind === 'word') return wordCovers(pattern, value);
  return kind === 'path' ? pathCovers(pattern, value) : commandCovers(pattern.split(' '), value.split(' '));
}

describe('the table of docs/plan.md', () => {
  it('has examples of all three sorts, covered and not', () => {
    for (const kind of ['word', 'command', 'path']) {
      const answers = ROWS.filter((row) => row.kind === kind).map((row) => row.isCovered);
      expect(new Set(answers)).toEqual(new Set([true, false]));
    }
  });

  it.each(ROWS)('$kind: `$pattern` and `$value`: $isCovered', ({ kind, pattern, value, isCovered }) => {
    expect(covers(kind, pattern, value)).toBe(isCovered);
  });
});

describe('patterns', () => {
  const chars = fc.constantFrom('a', 'b', '-', '/', '*', '\\', '.', ' ', 'é');
  const text = fc.string({ unit: chars, maxLength: 12 });

  it('cover the literal text that they were escaped from, and nothing else', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(wordCovers(escapePattern(one), escapePattern(one))).toBe(true);
        expect(wordCovers(escapePattern(one), escapePattern(other))).toBe(one === other);
        expect(isDynamic(escapePattern(one))).toBe(false);
      }),
    );
  });

  it('agree with a regular expression where a value is literal', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 }),
        fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 }),
        (pattern, value) => {
          expect(wordCovers(pattern, value)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(value));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('never let a star at the front become an option', () => {
    fc.assert(fc.property(text, text, (pattern, value) => !wordCovers(`*${pattern}`, `-${escapePattern(value)}`)));
  });

  it('cover only what the wider pattern covers: covering is transitive', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });
    fc.assert(
      fc.property(pattern, pattern, pattern, (a, b, c) => {
        fc.pre(wordCovers(a, b) && wordCovers(b, c));
        expect(wordCovers(a, c)).toBe(true);
      }),
      { numRuns: 300, maxSkipsPerRun: 1000 },
    );
  });

  it('answer in time for texts made to be slow', () => {
    expect(wordCovers(`${'*a'.repeat(200)}b`, 'a'.repeat(20_000))).toBe(false);
  });

  it('cover no path that leaves the workspace', () => {
    fc.assert(fc.property(text, (rest) => !pathCovers('**', `../${rest}`) && !pathCovers('a/**', `a/../${rest}`)));
  });
});
