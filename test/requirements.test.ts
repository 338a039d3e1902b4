/** The gate between what was asked for and the tests: `// verifies: ID, ID` above a test or a group of tests. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { REQUIREMENTS } from './requirements.ts';

const ROOT = path.dirname(import.meta.dirname);
const LEFT_OUT = /^(?:\.|node_modules$)/;
const TAG = /^\s*\/\/ verifies: (.+)$/;
const ID = /^[A-Z0-9]+(?:-[A-Z0-9]+)*-\d+[a-z]?$/;
const TEST = /^\s*(?:describe|it|test)(?:\.\w+)*\(/;

type Citation = { id: string; where: string };
type Reading = { citations: Citation[]; faults: string[] };

/** In: a test file. A tag counts only where a test follows it at once: one whose test was deleted is a fault. */
function readTags(file: string, text: string): Reading {
  const lines = text.split('\n');
  const reading: Reading = { citations: [], faults: [] };
  for (const [index, content] of lines.entries()) {
    const list = TAG.exec(content)?.[1];
    if (list === undefined) continue;
    const where = `${file}:${index + 1}`;
    if (!TEST.test(lines[index + 1] ?? '')) reading.faults.push(`${where} stands above no test`);
    for (const id of list.split(', ')) {
      if (ID.test(id)) reading.citations.push({ id, where });
      else reading.faults.push(`${where} names ${id}, which is no id`);
    }
  }
  return reading;
}

function faultsOf(requirements: object, { citations, faults }: Reading): string[] {
  const cited = new Set(citations.map(({ id }) => id));
  const unknown = citations
    .filter(({ id }) => !Object.hasOwn(requirements, id))
    .map(({ id, where }) => `${where} names ${id}, which is not in test/requirements.ts`);
  const untested = Object.keys(requirements)
    .filter((id) => !cited.has(id))
    .map((id) => `${id} is verified by no test`);
  return [...faults, ...unknown, ...untested];
}

function readTree(): Reading {
  const folders = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !LEFT_OUT.test(entry.name));
  const names = folders.flatMap(({ name }) =>
    readdirSync(path.join(ROOT, name), { recursive: true, encoding: 'utf8' }).map((file) => path.join(name, file)),
  );
  const readings = names
    .filter((name) => /\.test\.tsx?$/.test(name))
    .map((name) => readTags(name, readFileSync(path.join(ROOT, name), 'utf8')));
  return { citations: readings.flatMap((one) => one.citations), faults: readings.flatMap((one) => one.faults) };
}

describe('the requirements', () => {
  it('are each verified by a test, and tests name no other', () => {
    expect(faultsOf(REQUIREMENTS, readTree())).toEqual([]);
  });

  it('are complete sentences of work with their source', () => {
    for (const { says, seed } of Object.values(REQUIREMENTS)) expect([says.length > 3, seed.length > 2]).toEqual([true, true]);
  });
});

describe('the gate', () => {
  const one = { 'API-1': {} };

  it('finds a line without a test, and a test of an unknown line', () => {
    const reading = readTags('a.test.ts', ['// verifies: API-2', `it('works', () => {});`].join('\n'));
    expect(faultsOf(one, reading)).toEqual([
      'a.test.ts:1 names API-2, which is not in test/requirements.ts',
      'API-1 is verified by no test',
    ]);
  });

  it('does not count a tag whose test is gone, nor one that is misspelt', () => {
    const reading = readTags('a.test.ts', ['  // verifies: API-1, api 2', '  const x = 1;'].join('\n'));
    expect(faultsOf(one, reading)).toEqual(['a.test.ts:1 stands above no test', 'a.test.ts:1 names api 2, which is no id']);
  });

  it('takes several lines above one group', () => {
    const reading = readTags('a.test.ts', ['// verifies: API-1, SEC-9b, VX-MAN-1', `describe('all', () => {`].join('\n'));
    expect(reading).toEqual({ citations: ['API-1', 'SEC-9b', 'VX-MAN-1'].map((id) => ({ id, where: 'a.test.ts:1' })), faults: [] });
  });
});
