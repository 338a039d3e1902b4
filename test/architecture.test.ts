import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packagesBehind, RULES, violations, type Sources } from './architecture-rules.ts';

/** Modules of `contract/` are shared by all runs of a worker, so what they keep must say nothing of a run. */
const KEEPS = /^(?:export )?(?:let|var) |^(?:export )?const \w+[^=\n]* = new (?:Map|Set|WeakMap|WeakSet)(?:<[^>]*>+)?\(\)/m;
/** Texts of the lists of an envelope as long as that is there; a budget that each evaluation sets first, and compiled expressions by their source. */
const MAY_KEEP = ['contract/envelope.ts', 'contract/expression.ts'];

const ROOT = path.dirname(import.meta.dirname);
const FOLDERS = [...Object.keys(RULES), 'test', 'bench'];
const sources = readSources();

function readSources(): Sources {
  const names = FOLDERS.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  );
  const kept = names.filter((name) => /\.(?:ts|tsx|mjs)$/.test(name) && !/\/(?:node_modules|dist)\//.test(name));
  return new Map(kept.map((name) => [name, readFileSync(path.join(ROOT, name), 'utf8')]));
}

/** What is wrong with the tree with one more file, or one replaced. */
function withFile(name: string, text: string): string[] {
  return violations(new Map([...sources, [name, text]]));
}

describe('the architecture', () => {
  it('has no import, package, environment access or file size that the rules forbid', () => {
    expect(violations(sources)).toEqual([]);
  });

  it('keeps the store and its database out of everything that talks to GICS through its client', () => {
    const heavy = packagesBehind('gics/client.ts', sources).filter((name) => name.startsWith('better-sqlite3'));
    expect(heavy).toEqual([]);
  });

  it('keeps no state in modules that all runs share', () => {
    const keeping = [...sources].filter(([name, text]) => /^contract\/(?!.*\.test\.)/.test(name) && KEEPS.test(text));
    expect(keeping.map(([name]) => name)).toEqual(MAY_KEEP);
  });

  it('keeps Fastify and Temporal out of the MCP server that the command line shares with the API', () => {
    expect(packagesBehind('api/mcp/server.ts', sources).filter((name) => /fastify|temporal/.test(name))).toEqual([]);
  });
});

describe('the rules', () => {
  it('find a forbidden folder, also when the import is of a type only', () => {
    expect(withFile('contract/planted.ts', `import type { Config } from '#platform/config.ts';\n`)).toContain(
      'contract/planted.ts → platform/config.ts is not allowed',
    );
  });

  it('find a forbidden folder behind an allowed file', () => {
    const files = new Map([
      ['worker/planted.ts', `import '#activities/middle.ts';\n`],
      ['activities/middle.ts', `export * from '#api/end.ts';\n`],
      ['api/end.ts', 'export const end = 1;\n'],
    ]);
    expect(violations(files)).toEqual([
      'activities/middle.ts → api/end.ts is not allowed',
      'worker/planted.ts → activities/middle.ts → api/end.ts is not allowed',
    ]);
  });

  it('find a forbidden file of GICS, and allow its client', () => {
    const files = new Map([
      ['api/good.ts', `import '#gics/client.ts';\n`],
      ['api/bad.ts', `const store = await import('#gics/store.ts');\nexport { store };\n`],
      ['gics/client.ts', `import './store.ts';\n`],
      ['gics/store.ts', 'export {};\n'],
    ]);
    expect(violations(files)).toEqual(['api/bad.ts → gics/store.ts is not allowed']);
  });

  it('find packages that do not run there, and Node where there is none', () => {
    expect(
      withFile('workflows/planted.ts', `import fs from 'node:fs';\nimport fastify from 'fastify';\nexport { fs, fastify };\n`),
    ).toEqual([
      'workflows/planted.ts imports node:fs, but workflows does not run in Node',
      'workflows/planted.ts imports the package fastify',
    ]);
    expect(withFile('contract/planted.ts', `import { z } from 'zod';\nexport { z };\n`)).toEqual([
      'contract/planted.ts imports zod; only contract/zod.ts may',
    ]);
  });

  it('find code that imports what only tests may use', () => {
    const files = new Map([
      ['api/planted.ts', `import './test-server.ts';\n`],
      ['api/test-server.ts', `import 'vitest';\n`],
    ]);
    expect(violations(files)).toEqual(['api/planted.ts → api/test-server.ts is not allowed']);
  });

  it('find environment access and files that are too long', () => {
    expect(withFile('api/planted.ts', `export const port = process.env['PORT'];\n`)).toEqual(['api/planted.ts reads process.env']);
    expect(withFile('api/planted.ts', '// line\n'.repeat(251))).toEqual(['api/planted.ts has 251 lines, more than 250']);
  });
});
