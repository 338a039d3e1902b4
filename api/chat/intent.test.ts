/** Measures the reading of messages against labelled lines in both languages. The figures are printed. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { INTENTS, type Intent } from '#contract/chat.ts';
import { understand } from './intent.ts';
import { readMessage } from './words.ts';

type Line = { want: string; got: Intent; text: string };

const LEAST_LINES = 200;
const LEAST_PRECISION = 0.9;
const LEAST_OUT_OF_SCOPE = 0.95;

function readLines(name: string): Line[] {
  const file = path.resolve(import.meta.dirname, `../../test/fixtures/chat/${name}.tsv`);
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((row) => {
      const [want = '', text = ''] = row.split('\t');
      return { want, got: understand(text).intent, text };
    });
}

/** Of the lines that were read as this intent, how many have it; 1 when none was. */
function precisionOf(lines: Line[], intent: Intent): number {
  const read = lines.filter(({ got }) => got === intent);
  return read.length === 0 ? 1 : read.filter(({ want }) => want === intent).length / read.length;
}

function recallOf(lines: Line[], intent: Intent): number {
  const meant = lines.filter(({ want }) => want === intent);
  return meant.filter(({ got }) => got === intent).length / meant.length;
}

// verifies: VX-MCP-1
describe.each(['en', 'es'])('labelled lines in %s', (language) => {
  const lines = readLines(language);

  it('are many, and each intent has its share', () => {
    expect(lines.length).toBeGreaterThanOrEqual(LEAST_LINES);
    for (const intent of INTENTS) expect(lines.filter(({ want }) => want === intent).length, intent).toBeGreaterThanOrEqual(20);
    expect(new Set(lines.map(({ text }) => text)).size).toBe(lines.length);
  });

  it('are read with the precision that is asked for', async ({ annotate }) => {
    const figures = INTENTS.map((intent) => ({ intent, precision: precisionOf(lines, intent), recall: recallOf(lines, intent) }));
    const report = figures.map(({ intent, precision, recall }) => `${intent} ${precision.toFixed(3)}/${recall.toFixed(3)}`);
    await annotate(`${language}, precision/recall: ${report.join(', ')}`);
    expect(figures.filter(({ precision }) => precision < LEAST_PRECISION)).toEqual([]);
    expect(precisionOf(lines, 'out_of_scope')).toBeGreaterThanOrEqual(LEAST_OUT_OF_SCOPE);
    expect(recallOf(lines, 'out_of_scope')).toBeGreaterThanOrEqual(LEAST_OUT_OF_SCOPE);
  });

  it('with a negation are never read as an order', () => {
    const orders = new Set<Intent>(['approve', 'spawn', 'repair', 'cancel', 'scan']);
    expect(lines.filter(({ want, got }) => want === 'negated' && orders.has(got))).toEqual([]);
  });
});

/** Written by someone who had not seen the rules; no rule may be made from them. A line that one is made from moves to the other files. */
describe.each(['en', 'es'])('lines in %s that the rules were not made from', (language) => {
  const lines = readLines(`held-out-${language}`);
  const acting: Intent[] = INTENTS.filter((intent) => intent !== 'out_of_scope' && intent !== 'negated');

  it('are read as something only where that is meant, else abstained from', async ({ annotate }) => {
    const report = INTENTS.map((intent) => `${intent} ${precisionOf(lines, intent).toFixed(3)}/${recallOf(lines, intent).toFixed(3)}`);
    const right = lines.filter(({ want, got }) => want === got).length;
    await annotate(`${language}, held out, ${right} of ${lines.length}, precision/recall: ${report.join(', ')}`);
    const known = new Set(readLines(language).map(({ text }) => text.toLowerCase()));
    expect(lines.filter(({ text }) => known.has(text.toLowerCase()))).toEqual([]);
    expect(lines.length).toBeGreaterThanOrEqual(50);
    const taken = lines.filter(({ got }) => acting.includes(got));
    expect(taken.filter(({ want, got }) => want === got).length / taken.length).toBeGreaterThanOrEqual(LEAST_OUT_OF_SCOPE);
    expect(lines.filter(({ want, got }) => want === 'out_of_scope' && got !== want)).toEqual([]);
  });

  it('with a negation are never read as an order', () => {
    const orders = new Set<Intent>(['approve', 'spawn', 'repair', 'cancel', 'scan']);
    expect(lines.filter(({ want, got }) => want === 'negated' && orders.has(got))).toEqual([]);
  });
});

describe('a message', () => {
  it.each(['/approve d_1', '/SCAN', ' /repair src/a.ts'])('with a slash is a command: %s', (text) => {
    expect(understand(text)).toMatchObject({ confidence: 1, intent: text.trim().slice(1).split(' ')[0]?.toLowerCase() });
  });

  it.each(['/negated', '/out_of_scope', '/unknown'])('has no commands for what is no intent: %s', (text) => {
    expect(understand(text).confidence).toBeLessThan(1);
  });

  it('gives its code, paths, ids and diff', () => {
    const message = readMessage('fix `a.b` in src/x.ts as d_01J8ZC5V3N9Q2T4W6Y8B0D2F4H says\n```diff\n--- a/y\n+++ b/y\n```');
    expect(message).toMatchObject({
      code: ['a.b'],
      paths: ['src/x.ts'],
      ids: ['d_01J8ZC5V3N9Q2T4W6Y8B0D2F4H'],
      diff: '--- a/y\n+++ b/y\n',
    });
  });

  it('is read in time whatever it holds', () => {
    for (const text of [
      'a'.repeat(20_000),
      'a/'.repeat(10_000),
      '`'.repeat(20_000),
      'no '.repeat(6000),
      'run test '.repeat(2000),
      '```diff\n'.repeat(2000),
    ])
      expect(INTENTS).toContain(understand(text).intent);
  });
});
