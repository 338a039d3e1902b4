import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DiffView, SearchResult } from '#contract/routes/repo.ts';
import { startApp, type TestApp } from '#test/helpers/app.ts';
import { git } from '#test/helpers/repo.ts';

const SECRET = 'C7d9wDf2EHOtOG3xOfkFi7MlxXUpsygdOtll1Sm0';
let t: TestApp;

const put = (name: string, content: string): void => {
  const file = path.join(t.repo, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
};
const query = (route: string, fields: Record<string, string>): string => `/${route}?${new URLSearchParams(fields).toString()}`;

beforeAll(async () => {
  t = await startApp();
  put('config.js', `// needle\nexport const api_key = "${SECRET}";\nexport const after = 3;\n`);
  put('.env', 'A=1');
});
afterAll(() => t.close());

describe('a diff', () => {
  // verifies: API-10b
  it('of the working copy shows what changed in files that are shown', async () => {
    git(t.repo, 'add', '-f', '.env', 'config.js');
    git(t.repo, 'commit', '--quiet', '-m', 'second');
    put('.env', 'CHANGED=1');
    put('src/index.js', 'export const answer = 43;\n');
    put('config.js', `// other\nexport const api_key = "${SECRET.split('').reverse().join('')}";\n`);
    rmSync(path.join(t.repo, 'src/deep/util.js'));
    const { body } = await t.get<DiffView>('/diff');
    expect(body.files).toEqual([
      { path: 'config.js', status: 'modified', added: 2, removed: 3 },
      { path: 'src/deep/util.js', status: 'deleted', added: 0, removed: 3 },
      { path: 'src/index.js', status: 'modified', added: 1, removed: 2 },
    ]);
    expect(body.text).toContain('+export const answer = 43;');
    expect(body.text).toContain('-export const api_key = "[redacted:secret]";');
    expect([body.to, body.truncated, body.redactions]).toEqual([null, false, 2]);
    expect((await t.get<DiffView>('/diff?path=src&limit=1')).body.files).toHaveLength(1);
    expect(git(t.repo, 'status', '--porcelain', '--untracked-files=no').split('\n')).toHaveLength(4);
  });

  it('of two commits takes names of branches, tags and commits, and nothing else', async () => {
    const { body } = await t.get<DiffView>('/diff?from=HEAD~1&to=main');
    expect(body.files).toEqual([{ path: 'config.js', status: 'added', added: 3, removed: 0 }]);
    expect((await t.get('/diff?from=nowhere')).body.code).toBe('NOT_FOUND');
    for (const from of ['--output=x', '-p', 'a..b', 'HEAD:README.md', '@{-1}', 'HEAD@{1}', ':/x', 'a b', ''])
      expect((await t.get(query('diff', { from }))).body.code, from).toBe('BAD_REQUEST');
  });

  it('runs no program that the repository names', async () => {
    const mark = path.join(t.store.dir, 'mark');
    for (const key of ['diff.external', 'diff.evil.textconv', 'diff.evil.command', 'filter.evil.clean', 'core.fsmonitor', 'core.pager'])
      git(t.repo, 'config', key, `touch ${mark}; cat`);
    put('.gitattributes', '*.js diff=evil filter=evil\n');
    expect((await t.get<DiffView>('/diff')).body.files.length).toBeGreaterThan(2);
    expect((await t.get<SearchResult>('/search?q=answer')).body.matches.length).toBeGreaterThan(0);
    expect(() => rmSync(mark)).toThrow('ENOENT');
  });
});
