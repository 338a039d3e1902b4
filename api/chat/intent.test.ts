/**
 * Measures the reading of messages against labelled lines in both languages. The figures are printed. Each lot is read by a scorer
 * that has not learnt from it, else it would only repeat what it was told.
 */
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { INTENTS, type Intent } from '#contract/chat.ts';
import { LANGUAGES, LOTS, readExamples, readLot } from './examples.ts';
import { ORDERS, readerOf, understand, type Reader } from './intent.ts';
import type { Example } from './scorer.ts';

type Line = Example & { got: Intent };

const LEAST_LINES = 200;
const LEAST_PRECISION = 0.9;
const LEAST_OUT_OF_SCOPE = 0.95;
const LEAST_RECALL = 0.7;
/** Of what the scorer has seen. */
const LEAST_SEEN = 0.95;
const LEAST_LINES_OF_LOT = 50;
const LEAST_TAKEN_RIGHT = 0.95;
const TRAINING_MS = 300_000;

/** What lines are labelled with; `unclear` is no meaning but an answer. */
const LABELS = INTENTS.filter((intent) => intent !== 'unclear');
const ACTING = LABELS.filter((intent) => intent !== 'out_of_scope' && intent !== 'negated');

const linesOf = (examples: Example[], read: Reader): Line[] => examples.map((line) => ({ ...line, got: read(line.text).intent }));

/** Of the lines that were read as this intent, how many have it; 1 when none was. */
function precisionOf(lines: Line[], ...intents: Intent[]): number {
  const read = lines.filter(({ got }) => intents.includes(got));
  return read.length === 0 ? 1 : read.filter(({ intent, got }) => intent === got).length / read.length;
}

function recallOf(lines: Line[], intent: Intent): number {
  const meant = lines.filter((line) => line.intent === intent);
  return meant.filter(({ got }) => got === intent).length / meant.length;
}

function report(lines: Line[]): string {
  const right = lines.filter(({ intent, got }) => intent === got).length;
  const unclear = lines.filter(({ got }) => got === 'unclear').length;
  const each = LABELS.map((intent) => `${intent} ${precisionOf(lines, intent).toFixed(3)}/${recallOf(lines, intent).toFixed(3)}`);
  return `${right} of ${lines.length} right, ${unclear} asked back, precision/recall: ${each.join(', ')}`;
}

const deniedAndObeyed = (lines: Line[]): Line[] => lines.filter(({ intent, got }) => intent === 'negated' && ORDERS.has(got));

/** Every lot in one language, read by scorers that learnt from all others. */
async function readApart(): Promise<Map<string, Line[]>> {
  const found = new Map<string, Line[]>();
  for (const lot of LOTS) {
    const others = LOTS.filter((other) => other !== lot);
    const read = await readerOf(others.flatMap((other) => LANGUAGES.flatMap((language) => readLot(other, language))));
    for (const language of LANGUAGES) found.set(`${lot} ${language}`, linesOf(readLot(lot, language), read));
  }
  return found;
}

let apart: Map<string, Line[]>;
beforeAll(async () => void (apart = await readApart()), TRAINING_MS);
const ofLanguage = (language: string): Line[] => LOTS.flatMap((lot) => apart.get(`${lot} ${language}`) ?? []);
const ofLot = (lot: string): Line[] => LANGUAGES.flatMap((language) => apart.get(`${lot} ${language}`) ?? []);

// verifies: VX-MCP-1
describe.each(LANGUAGES)('labelled lines in %s', (language) => {
  it('are many, and each intent has its share', () => {
    const lines = readLot('main', language);
    expect(lines.length).toBeGreaterThanOrEqual(LEAST_LINES);
    for (const label of LABELS) expect(lines.filter(({ intent }) => intent === label).length, label).toBeGreaterThanOrEqual(20);
    expect(new Set(lines.map(({ text }) => text)).size).toBe(lines.length);
  });

  it('that the scorer has not seen are read with the precision that is asked for', async ({ annotate }) => {
    const lines = ofLanguage(language);
    await annotate(`${language}, all lots: ${report(lines)}`);
    const figures = LABELS.map((intent) => ({ intent, precision: precisionOf(lines, intent) }));
    expect(figures.filter(({ precision }) => precision < LEAST_PRECISION)).toEqual([]);
    expect(precisionOf(lines, 'out_of_scope')).toBeGreaterThanOrEqual(LEAST_OUT_OF_SCOPE);
    // What is not surely out of scope is asked back.
    expect(recallOf(lines, 'out_of_scope')).toBeGreaterThanOrEqual(LEAST_RECALL);
  });

  it('that it has seen are read right', async ({ annotate }) => {
    const lines: Line[] = [];
    for (const line of readLot('main', language)) lines.push({ ...line, got: (await understand(line.text)).intent });
    await annotate(`${language}, seen: ${report(lines)}`);
    for (const intent of LABELS) {
      expect(precisionOf(lines, intent), intent).toBeGreaterThanOrEqual(LEAST_SEEN);
      expect(recallOf(lines, intent), intent).toBeGreaterThanOrEqual(LEAST_SEEN);
    }
  });

  it('with a negation are never read as an order', () => {
    expect(deniedAndObeyed(ofLanguage(language))).toEqual([]);
  });
});

describe.each(LOTS)('lines of %s, read by a scorer that has not seen them', (lot) => {
  it('are read as something only where that is meant, else abstained from', async ({ annotate }) => {
    for (const language of LANGUAGES) {
      const lines = apart.get(`${lot} ${language}`) ?? [];
      await annotate(`${lot} ${language}: ${report(lines)}`);
      expect(lines.length).toBeGreaterThanOrEqual(LEAST_LINES_OF_LOT);
    }
    expect(precisionOf(ofLot(lot), ...ACTING)).toBeGreaterThanOrEqual(LEAST_TAKEN_RIGHT);
    expect(precisionOf(ofLot(lot), 'out_of_scope')).toBeGreaterThanOrEqual(LEAST_OUT_OF_SCOPE);
  });
});

/** The last lot: written and measured once, and nothing was ever learnt from it. docs/adr/0032 has its first figures. */
describe('lines that nothing was learnt from', () => {
  const unseen = LANGUAGES.map((language) => ({
    language,
    examples: readExamples(path.resolve(import.meta.dirname, `../../test/fixtures/chat/lot-12-${language}.tsv`)),
  }));

  it('are read as something only where that is meant, and a negation never as an order', async ({ annotate }) => {
    const all: Line[] = [];
    for (const { language, examples } of unseen) {
      const lines: Line[] = [];
      for (const line of examples) lines.push({ ...line, got: (await understand(line.text)).intent });
      await annotate(`lot-12 ${language}: ${report(lines)}`);
      all.push(...lines);
    }
    expect(precisionOf(all, ...ACTING)).toBeGreaterThanOrEqual(LEAST_TAKEN_RIGHT);
    expect(precisionOf(all, 'out_of_scope')).toBeGreaterThanOrEqual(LEAST_OUT_OF_SCOPE);
    expect(deniedAndObeyed(all)).toEqual([]);
  });

  it('are not among those that it learns from', () => {
    const known = new Set(
      LOTS.flatMap((lot) => LANGUAGES.flatMap((language) => readLot(lot, language).map(({ text }) => text.toLowerCase()))),
    );
    expect(unseen.flatMap(({ examples }) => examples.filter(({ text }) => known.has(text.toLowerCase())))).toEqual([]);
  });
});

describe('a message', () => {
  it.each(['/approve d_1', '/SCAN', ' /repair src/a.ts'])('with a slash is a command: %s', async (text) => {
    expect(await understand(text)).toMatchObject({ confidence: 1, intent: text.trim().slice(1).split(' ')[0]?.toLowerCase() });
  });

  it.each([
    ['scan', 'scan'],
    ['Repair!', 'repair'],
    ['escanea', 'scan'],
    ['¡ayuda!', 'help'],
  ])('of one word that names a command is that command: %s', async (text, intent) => {
    expect(await understand(text)).toMatchObject({ intent, confidence: 1 });
  });

  it.each(['/negated', '/out_of_scope', '/unknown'])('has no commands for what is no intent: %s', async (text) => {
    expect((await understand(text)).confidence).toBeLessThan(1);
  });

  it.each(['the repository and its drafts', 'el repositorio y el script', 'neer run `rm -rf /`', 'nucna ejecuta `rm -rf /`'])(
    'that names no deed, or is denied with a typing error, is no order: %s',
    async (text) => expect(ORDERS).not.toContain((await understand(text)).intent),
  );

  it('is read in time whatever it holds', async () => {
    for (const text of [
      'a'.repeat(20_000),
      'a/'.repeat(10_000),
      '`'.repeat(20_000),
      'no '.repeat(6000),
      'run test '.repeat(2000),
      '```diff\n'.repeat(2000),
    ])
      expect(INTENTS).toContain((await understand(text)).intent);
  });
});
