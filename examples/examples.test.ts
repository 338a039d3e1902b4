/** The shipped plans: each is valid, and its commands do their work on repositories of every shape. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkPlan } from '#contract/plan-check.ts';
import { envelopeOf } from '#contract/plan-envelope.ts';
import type { Plan } from '#contract/plan.ts';
import { ByHand, git } from './test-by-hand.ts';

const FILES = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.yaml'));
const ALLOWED = ['git', 'sh', 'find', 'grep', 'wc', 'sort', 'awk', 'sed', 'head', 'tail', 'test'];
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function load(name: string): Plan {
  const { plan, faults } = checkPlan(parse(readFileSync(path.join(import.meta.dirname, name), 'utf8')));
  expect(faults).toEqual([]);
  if (!plan) throw new Error(`${name} is not valid`);
  return plan;
}

/** A repository with one commit that holds these files. */
function repository(files: Record<string, string | Buffer>): string {
  const root = mkdtempSync(path.join(tmpdir(), 'gimo examples '));
  folders.push(root);
  git(root, 'init', '--quiet');
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), content);
  }
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '--allow-empty', '-m', 'first');
  return root;
}

describe('every shipped plan', () => {
  it.each(FILES)('%s is valid and starts only programs that exist everywhere', (name) => {
    const programs = envelopeOf(load(name)).commands.map(([program]) => program);
    expect(programs.filter((program) => !ALLOWED.includes(program ?? ''))).toEqual([]);
  });

  it.each(FILES)('%s passes values to shells by argument, never inside the script', (name) => {
    const scripts = envelopeOf(load(name))
      .commands.filter(([program, option]) => program === 'sh' && option === '-c')
      .map((argv) => argv[2] ?? '');
    expect(scripts.filter((script) => /(?<!\\)\*/.test(script.replaceAll('\\\\', '')))).toEqual([]);
  });
});

describe('repo-health', () => {
  it('reports on a repository with spaces and other scripts in its names', () => {
    const root = repository({
      'src/main file.py': '# TODO: a marker\nprint(1)\n',
      'tests/test_main.py': 'assert True\n',
      'pyproject.toml': '[project]\n',
      'packages/first one/package.json': '{}\n',
      'packages/größe/Cargo.toml': '[package]\n',
      'not-a-package.json.bak': 'FIXME\n',
    });
    const { nodes } = new ByHand(load('repo-health.yaml'), root).run();
    expect(nodes['packages']?.output).toMatchObject({ lines: ['.', './packages/first one', './packages/größe'] });
    expect(nodes['tests']?.output).toMatchObject({ json: 1 });
    expect(nodes['marker_count']?.output).toMatchObject({ json: 2 });
    const report = readFileSync(path.join(root, 'reports/repo-health.md'), 'utf8');
    expect(report).toContain('| `.` | 6 |');
    expect(report).toContain('| `./packages/first one` | 1 | 3 |');
    expect(report).toContain('| `src/main file.py` | 26 |');
    expect(report).toContain('    src/main file.py:1:# TODO: a marker');
    expect(report).not.toContain('example.invalid');
  });

  it('reports on a repository whose only commit is empty', () => {
    const root = repository({});
    const { nodes } = new ByHand(load('repo-health.yaml'), root).run();
    expect(nodes['inventory']?.output).toMatchObject({ json: { files: 0, bytes: 0 } });
    expect(readFileSync(path.join(root, 'reports/repo-health.md'), 'utf8')).toContain('There are none.');
  });
});

describe('mass-edit', () => {
  const run = (root: string, inputs = {}) => {
    const { nodes } = new ByHand(load('mass-edit.yaml'), root).run(inputs);
    return { found: nodes['find_files']?.output, summary: nodes['summary']?.output, report: nodes['report']?.output };
  };

  it('puts the license of the repository on top of files that name none, and rolls back what it would have changed otherwise', () => {
    const latin1 = Buffer.from([0x2f, 0x2f, 0x67, 0x72, 0xfc, 0x6e, 0x0a]);
    const root = repository({
      'package.json': '{\n  "license": "MIT"\n}\n',
      'src/a b.ts': 'export {};',
      'tool.sh': '#!/bin/sh\necho "a"\n',
      'latin.js': latin1,
      'windows.c': 'int x;\r\nint y;\r\n',
      'named.py': '# SPDX-License-Identifier: ISC\n',
      'vendor/theirs.go': 'package theirs\n',
      'notes.md': 'no source\n',
    });
    const { summary, report } = run(root);
    expect(summary).toEqual({
      license: 'MIT',
      found: 4,
      changed: ['src/a b.ts', 'tool.sh'],
      rolled_back: ['latin.js', 'windows.c'],
      failed: [],
    });
    expect(report).toBe('Changed 2 of 4 files: MIT.\nChanged: src/a b.ts\nChanged: tool.sh\nRolled back: latin.js\nRolled back: windows.c');
    expect(readFileSync(path.join(root, 'src/a b.ts'), 'utf8')).toBe('// SPDX-License-Identifier: MIT\nexport {};');
    expect(readFileSync(path.join(root, 'tool.sh'), 'utf8')).toBe('#!/bin/sh\n# SPDX-License-Identifier: MIT\necho "a"\n');
    expect(readFileSync(path.join(root, 'latin.js'))).toEqual(latin1);
  });

  it.each([
    ['MIT', 'package.json', '{"name": "one line", "license": "MIT"}\n'],
    ['MIT OR Apache-2.0', 'Cargo.toml', '[package]\nname = "x"\nlicense = "MIT OR Apache-2.0"\n'],
    ['ISC', 'pyproject.toml', '[project]\nlicense = "ISC"\n'],
    ['', 'package.json', '{"license": "UNLICENSED"}\n'],
  ])('reads %s in %s', (name, file, text) => {
    expect(run(repository({ [file]: text })).summary).toMatchObject({ license: name });
  });

  it.each([
    ['Apache-2.0', 'Apache License\n                           Version 2.0, January 2004\n'],
    ['MIT', 'Copyright\n\nPermission is hereby granted, free of charge, to any person\n'],
    ['BSD-2-Clause', 'Redistribution and use in source and binary forms\n'],
    ['BSD-3-Clause', 'Redistribution and use in source and\nbinary forms\n\nNeither the name of\n'],
    ['MPL-2.0', 'Mozilla Public License Version 2.0\n'],
  ])('knows %s by the text of the license', (name, text) => {
    expect(run(repository({ LICENSE: text })).summary).toMatchObject({ license: name });
  });

  it('keeps to the pattern, the limit and the license that it is given', () => {
    const root = repository({ 'a.ts': 'a\n', 'b.ts': 'b\n', 'c.sh': 'c\n' });
    const { found, summary } = run(root, { pattern: '*.ts', limit: 1, license: 'EUPL-1.2' });
    expect(found).toMatchObject({ lines: ['a.ts'] });
    expect(summary).toMatchObject({ license: 'EUPL-1.2', found: 1, changed: ['a.ts'] });
  });

  it('says plainly why nothing was changed, and what to give instead', () => {
    const nothing = { changed: [], rolled_back: [], failed: [], found: 0 };
    const unknown = run(repository({ 'a.ts': 'a\n', 'package.json': '{ "license": "SEE LICENSE IN terms.txt" }\n' }));
    expect(unknown.summary).toEqual({ license: '', ...nothing });
    expect(unknown.report).toMatch(/^Nothing was changed: no license was found in .* Run it again with the input license/);
    const clean = run(repository({}), { license: 'MIT' });
    expect(clean.summary).toEqual({ license: 'MIT', ...nothing });
    expect(clean.report).toMatch(/^Nothing was changed: .* the pattern \* matches .* Run it again with another pattern\.$/);
  });
});

describe('first-seen', () => {
  const history = (...contents: string[]): string => {
    const root = repository({ 'a.txt': 'nothing\n' });
    for (const [at, content] of contents.entries()) {
      writeFileSync(path.join(root, 'a.txt'), content);
      git(root, 'commit', '--quiet', '--all', '-m', `change ${at}`);
    }
    return root;
  };
  const report = (root: string, text: string): unknown => new ByHand(load('first-seen.yaml'), root).run({ text }).nodes['report']?.output;

  it('finds the commit since which a text is there, wherever in the history it is', () => {
    const states = Array.from({ length: 9 }, (_, at) => `state ${at}`);
    for (const from of [0, 1, 4, 7, 8])
      expect(report(history(...states.map((state, at) => (at < from ? state : `${state} it's here`))), "it's here")).toMatch(
        new RegExp(`^\`it's here\` is in the files since [0-9a-f]+ \\d{4}-\\d\\d-\\d\\d change ${from}, one of 10 commits\\.$`),
      );
  });

  it('names the first commit for what was always there, and says when a text is nowhere', () => {
    expect(report(history(), 'nothing')).toMatch(/first, one of 1 commits/);
    expect(report(history('a', 'b'), 'gone')).toBe('`gone` is in no file.');
  });
});

describe('review', () => {
  it('gives the model the changes and writes its answer', () => {
    const root = repository({ 'a.txt': 'hello\n' });
    const { nodes } = new ByHand(load('review.yaml'), root).run();
    expect(nodes['changes']?.output).toMatchObject({ stdout: expect.stringContaining('+hello') });
    expect(readFileSync(path.join(root, 'reports/review.md'), 'utf8')).toMatch(/## Review\n\na review of \d+ characters/);
  });
});
