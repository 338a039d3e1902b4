import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureWebBuild } from './web-build.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'gimo-web-'));
  // A builder that is quick, and notes each build.
  write(
    'node_modules/vite/bin/vite.js',
    `const fs = require('fs'); fs.mkdirSync('web/dist', { recursive: true }); fs.writeFileSync('web/dist/index.html', 'x'); fs.appendFileSync('builds', 'b');`,
  );
  write('web/vite.config.ts', '');
  write('web/src/main.tsx', 'one');
  write('contract/ids.ts', 'one');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  writeFileSync(path.join(root, name), text);
}
const build = () => ensureWebBuild(root, new AbortController().signal);
const builds = (): number => (existsSync(path.join(root, 'builds')) ? readFileSync(path.join(root, 'builds'), 'utf8').length : 0);

describe('the dashboard', () => {
  it('is built when it is missing or its sources have changed, and not otherwise', async () => {
    expect([await build(), await build()]).toEqual([true, false]);
    write('web/src/deep/page.tsx', 'new');
    expect([await build(), await build()]).toEqual([true, false]);
    write('contract/ids.ts', 'two');
    expect(await build()).toBe(true);
    rmSync(path.join(root, 'web/dist'), { recursive: true });
    expect(await build()).toBe(true);
    expect(builds()).toBe(4);
  });

  it('is built once when two ask at the same time', async () => {
    const both = await Promise.all([build(), build()]);
    expect(both.filter((wasNeeded) => wasNeeded)).toHaveLength(1);
    expect(builds()).toBe(1);
  });

  it('is taken as it is where there are no sources', async () => {
    rmSync(path.join(root, 'web/vite.config.ts'));
    write('web/dist/index.html', 'shipped');
    expect(await build()).toBe(false);
  });

  it('says what stopped its build in one sentence', async () => {
    write(
      'node_modules/vite/bin/vite.js',
      `console.error('error during build:\\nBuild failed with 1 error:\\n\\n\\x1b[31m[BAD_IMPORT] no page.tsx\\x1b[0m\\n    at x'); process.exit(1);`,
    );
    await expect(build()).rejects.toThrow(/^The dashboard could not be built: \[BAD_IMPORT\] no page\.tsx$/);
  });
});
