/** docs/attacks.md names every attack with its test, and every class of attack has some. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const CLASSES = [
  'replay',
  'edit after view',
  'stale or blind hash',
  'self-approval',
  'spoofed identity',
  'quorum by one person',
  'forged GICS record',
  'forged key ring',
  'native start',
  'native signal or update',
  'native reset',
  'agent minting a token',
  'open-input swap',
  'mass assignment',
  'duplicate keys',
  'confusables',
  'hook or config written into the workspace',
  'tool changed after approval',
  'untrusted text decides',
  'private data leaves',
  'a way out that was not granted',
  'other surroundings',
  'a patch of other files',
];
const LEAST = 40;
/** Tests that show that the refusals around them mean something. */
const CONTROLS = [
  'finds a run that the API started, so that the refusals below mean something',
  'stands behind an approval that says so',
  'approves the same again, so that the refusals below mean something',
];
const ROW = /^\| ([^|]+?) +\| ([^|]+?) +\| `([^`]+)` +\|$/gm;
const TITLE = /(?:\b(?:it|test)(?:\.\w+)*\(|\)\()\s*'((?:[^'\\]|\\.)+)'/g;

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const titlesOf = (file: string): string[] => [...read(file).matchAll(TITLE)].map((match) => match[1] ?? '');
const rows = [...read('docs/attacks.md').matchAll(ROW)]
  .map(([, name = '', attack = '', file = '']) => ({ name, attack, file }))
  .filter(({ file }) => file.endsWith('.test.ts'));

describe('the list of attacks', () => {
  it('names tests that exist', () => {
    expect(rows.filter(({ attack, file }) => !titlesOf(file).includes(attack))).toEqual([]);
  });

  it('names every test of the files of attacks', () => {
    const files = ['test/security', 'test/integration'].flatMap((folder) =>
      readdirSync(path.join(ROOT, folder))
        .filter((name) => name.startsWith('attacks-'))
        .map((name) => `${folder}/${name}`),
    );
    const missing = files.flatMap((file) =>
      titlesOf(file).filter((title) => !CONTROLS.includes(title) && !rows.some((row) => row.file === file && row.attack === title)),
    );
    expect(files.length).toBeGreaterThan(4);
    expect(missing).toEqual([]);
  });

  it(`holds at least ${LEAST} attacks, some of each class and of no other`, () => {
    expect(rows.length).toBeGreaterThanOrEqual(LEAST);
    expect([...new Set(rows.map(({ name }) => name))].toSorted()).toEqual(CLASSES.toSorted());
  });
});
