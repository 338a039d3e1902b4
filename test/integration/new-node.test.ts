/** A new kind of node begins with everything that the checks ask for. Tried on a copy of the sources. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
let copy = '';

beforeAll(() => {
  copy = mkdtempSync(path.join(os.tmpdir(), 'gimo-new-node-'));
  for (const name of execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0'))
    if (name !== '') cpSync(path.join(ROOT, name), path.join(copy, name));
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const node = (...argv: string[]): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: copy, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
};
const passes = (...argv: string[]): void => {
  const { status, output } = node(...argv);
  expect([status, status === 0 ? '' : output]).toEqual([0, '']);
};

describe('npm run new:node', () => {
  it('writes a kind that has its place in every table, and that types, format and tests accept', { timeout: 400_000 }, () => {
    const { output } = node('bin/new-node.mjs', 'token_deploy');
    expect(output).toContain('contract/nodes/token-deploy.ts');
    expect(output).toContain('npm run replay:record');
    const scenes = readFileSync(path.join(copy, 'test/replay/scenes-kinds.ts'), 'utf8');
    expect(scenes).toContain("'kind-token-deploy': async (t)");
    for (const runtime of ['.', 'contract', 'workflows', 'web']) passes('node_modules/typescript/bin/tsc', '-p', runtime);
    passes('node_modules/oxfmt/bin/oxfmt', '--check', 'contract', 'workflows', 'activities', 'web', 'docs', 'test/replay');
    const tests = [
      'test/pins',
      'test/architecture.test.ts',
      'contract/plan-check.test.ts',
      'contract/nodes',
      'api/services/plan-format.test.ts',
      'web/src/nodes',
    ];
    passes('node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', ...tests);
  });

  it('refuses a name that is taken or that no kind can have, and then changes nothing', () => {
    const before = readFileSync(path.join(copy, 'contract/nodes/index.ts'), 'utf8');
    expect(node('bin/new-node.mjs', 'process')).toMatchObject({ status: 1, output: expect.stringContaining('already') });
    expect(node('bin/new-node.mjs', '../evil')).toMatchObject({ status: 1, output: expect.stringContaining('Usage') });
    expect(readFileSync(path.join(copy, 'contract/nodes/index.ts'), 'utf8')).toBe(before);
  });
});
