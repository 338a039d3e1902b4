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

/** What lines are labelled with; `unclear` is no meaning but an answer. */
const LABELS = INTENTS.filter((intent) => intent !== 'unclear');
const ORDERS: ReadonlySet<Intent> = new Set<Intent>(['approve', 'spawn', 'repair', 'cancel', 'scan']);

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

function report(lines: Line[]): string {
  const right = lines.filter(({ want, got }) => want === got).length;
  const unclear = lines.filter(({ got }) => got === 'unclear').length;
  const each = LABELS.map((intent) => `${intent} ${precisionOf(lines, intent).toFixed(3)}/${recallOf(lines, intent).toFixed(3)}`);
  return `${right} of ${lines.length} right, ${unclear} asked back, precision/recall: ${each.join(', ')}`;
}

// verifies: VX-MCP-1
describe.each(['en', 'es'])('labelled lines in %s', (language) => {
  const lines = readLines(language);

  it('are many, and each intent has its share', () => {
    expect(lines.length).toBeGreaterThanOrEqual(LEAST_LINES);
    for (const intent of LABELS) expect(lines.filter(({ want }) => want === intent).length, intent).toBeGreaterThanOrEqual(20);
    expect(new Set(lines.map(({ text }) => text)).size).toBe(lines.length);
  });

  it('are read with the precision that is asked for', async ({ annotate }) => {
    const figures = LABELS.map((intent) => ({ intent, precision: precisionOf(lines, intent), recall: recallOf(lines, intent) }));
    await annotate(`${language}: ${report(lines)}`);
    expect(figures.filter(({ precision }) => precision < LEAST_PRECISION)).toEqual([]);
    expect(precisionOf(lines, 'out_of_scope')).toBeGreaterThanOrEqual(LEAST_OUT_OF_SCOPE);
    // What is not surely out of scope is asked back.
    expect(recallOf(lines, 'out_of_scope')).toBeGreaterThanOrEqual(LEAST_PRECISION);
  });

  it('with a negation are never read as an order', () => {
    expect(lines.filter(({ want, got }) => want === 'negated' && ORDERS.has(got))).toEqual([]);
  });
});

/**
 * Written and measured before anything was learnt from them: the rules became better by what the lots before the last one showed,
 * never by the last one. docs/adr/0045 has the first figures of each, and says who wrote them.
 */
const LOTS = ['held-out', 'held-out-2', 'held-out-3', 'held-out-4', 'held-out-5'];
const LEAST_LINES_OF_LOT = 50;
const LEAST_TAKEN_RIGHT = 0.85;

describe.each(LOTS)('lines of %s, that no rule repeats', (lot) => {
  const byLanguage = ['en', 'es'].map((language) => ({ language, lines: readLines(`${lot}-${language}`) }));
  const lines = byLanguage.flatMap((one) => one.lines);
  const acting: Intent[] = LABELS.filter((intent) => intent !== 'out_of_scope' && intent !== 'negated');

  it('are read as something only where that is meant, else abstained from', async ({ annotate }) => {
    for (const { language, lines: some } of byLanguage) {
      await annotate(`${lot} ${language}: ${report(some)}`);
      expect(some.length).toBeGreaterThanOrEqual(LEAST_LINES_OF_LOT);
    }
    const taken = lines.filter(({ got }) => acting.includes(got));
    expect(taken.filter(({ want, got }) => want === got).length / taken.length).toBeGreaterThanOrEqual(LEAST_TAKEN_RIGHT);
    expect(precisionOf(lines, 'out_of_scope')).toBeGreaterThanOrEqual(LEAST_OUT_OF_SCOPE);
  });

  it('are not among the lines that rules are made from', () => {
    const known = new Set(['en', 'es'].flatMap((language) => readLines(language).map(({ text }) => text.toLowerCase())));
    expect(lines.filter(({ text }) => known.has(text.toLowerCase()))).toEqual([]);
  });

  it('with a negation are never read as an order', () => {
    expect(lines.filter(({ want, got }) => want === 'negated' && ORDERS.has(got))).toEqual([]);
  });
});

describe('a message', () => {
  it.each(['/approve d_1', '/SCAN', ' /repair src/a.ts'])('with a slash is a command: %s', (text) => {
    expect(understand(text)).toMatchObject({ confidence: 1, intent: text.trim().slice(1).split(' ')[0]?.toLowerCase() });
  });

  it.each(['/negated', '/out_of_scope', '/unknown'])('has no commands for what is no intent: %s', (text) => {
    expect(understand(text).confidence).toBeLessThan(1);
  });

  it.each([
    'neer run `rm -rf /`',
    'aoid running the build',
    'nucna ejecuta `rm -rf /`',
    'evta ejecutar el build',
    'refarin from running `make all`',
  ])('with a mistyped negation is no order: %s', (text) => expect(understand(text).intent).toBe('negated'));

  it.each([
    ['staus of the runs', 'status'],
    ['cancle the run', 'cancel'],
    ['ejcuta `npm test`', 'spawn'],
    ['analzia el repositroio', 'scan'],
  ])('is read although it is mistyped: %s', (text, intent) => expect(understand(text).intent).toBe(intent));

  it.each(['shall we have pasta', 'the stage was under white light', 'la cosa va de fiesta'])(
    'of everyday words is not mended: %s',
    (text) => expect(understand(text).intent).toBe('out_of_scope'),
  );

  it.each(['the provider', 'the repository and its drafts', 'el borrador y el script'])(
    'that only names things of ours is asked back: %s',
    (text) => expect(understand(text).intent).toBe('unclear'),
  );

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
