import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileView, SearchResult, TreeEntry } from '#contract/routes/repo.ts';
import { startApp, TOKENS, type TestApp } from '#test/helpers/app.ts';
import { git } from '#test/helpers/repo.ts';

const SECRET = 'C7d9wDf2EHOtOG3xOfkFi7MlxXUpsygdOtll1Sm0';
const SECRET_FILES = [
  '.env',
  '.env.production',
  'tls/server.pem',
  'id_ed25519',
  'credentials.json',
  '.npmrc',
  '.aws/config',
  'prod.tfstate',
];
let t: TestApp;
let outside = '';

const put = (name: string, content: string | Buffer): void => {
  const file = path.join(t.repo, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
};
const query = (route: string, fields: Record<string, string>): string => `/${route}?${new URLSearchParams(fields).toString()}`;
const names = (entries: TreeEntry[]): string[] => entries.map(({ name }) => name);

beforeAll(async () => {
  t = await startApp();
  outside = path.join(t.store.dir, 'outside');
  mkdirSync(outside);
  writeFileSync(path.join(outside, 'secret.txt'), 'outside of the repository');
  put('.gitignore', 'build/\n*.log\n');
  put('build/out.js', 'needle');
  put('trace.log', 'needle');
  for (const name of SECRET_FILES) put(name, 'needle');
  put('config.js', `// needle\nexport const api_key = "${SECRET}";\nexport const after = 3;\n`);
  put('image.bin', Buffer.from([0x89, 0x50, 0, 1, 2]));
  put('latin.txt', Buffer.from([0x66, 0xe9, 0x0a]));
  symlinkSync(outside, path.join(t.repo, 'away'));
  symlinkSync(path.join(outside, 'secret.txt'), path.join(t.repo, 'alias.txt'));
  linkSync(path.join(outside, 'secret.txt'), path.join(t.repo, 'second-name.txt'));
});
afterAll(() => t.close());

describe('the tree', () => {
  // verifies: API-10b
  it('lists one folder without what git ignores and without files that hold secrets', async () => {
    const { body } = await t.get<TreeEntry[]>('/tree');
    expect(names(body)).toEqual([
      '.gitignore',
      'README.md',
      'alias.txt',
      'away',
      'config.js',
      'image.bin',
      'latin.txt',
      'package.json',
      'second-name.txt',
      'src',
      'test',
      'tls',
    ]);
    expect(body.find(({ name }) => name === 'src')).toEqual({ name: 'src', path: 'src', type: 'folder', size_bytes: null });
    expect(body.find(({ name }) => name === 'away')?.type).toBe('link');
    expect((await t.get<TreeEntry[]>('/tree?path=src/deep')).body).toEqual([
      { name: 'util.js', path: 'src/deep/util.js', type: 'file', size_bytes: 48 },
    ]);
    expect((await t.get<TreeEntry[]>('/tree?path=tls')).body).toEqual([]);
  });

  it('goes on page by page', async () => {
    const seen: string[] = [];
    let next: string | undefined = '/tree?limit=5';
    while (next !== undefined) {
      const answer: { body: TreeEntry[]; headers: Record<string, string> } = await t.get<TreeEntry[]>(next);
      seen.push(...names(answer.body));
      next = /<([^>]+)>; rel="next"/.exec(answer.headers['link'] ?? '')?.[1];
    }
    expect(seen).toEqual(names((await t.get<TreeEntry[]>('/tree')).body));
  });

  it('does not show the data directory, wherever it lies', async () => {
    const inner = await startApp({ repo: t.store.dir, store: t.store });
    try {
      git(t.store.dir, 'init', '--quiet');
      expect(names((await inner.get<TreeEntry[]>('/tree')).body)).not.toContain('data');
      expect((await inner.get('/tree?path=data/keys')).body.code).toBe('PATH_REFUSED');
    } finally {
      await inner.close();
      rmSync(path.join(t.store.dir, '.git'), { recursive: true });
    }
  });
});

describe('a file', () => {
  // verifies: API-10b
  it('is answered as text with the SHA-256 of its bytes, whole or line by line', async () => {
    const text = '# Sample\n\nA small repository. TODO: say more.\n';
    const sha256 = createHash('sha256').update(text).digest('hex');
    const { body } = await t.ask<FileView>('GET', '/file?path=README.md', { token: TOKENS.actions });
    expect(body).toEqual({
      path: 'README.md',
      sha256,
      size_bytes: 46,
      is_binary: false,
      text,
      redactions: 0,
      from_line: 1,
      to_line: 3,
      lines: 3,
      next_line: null,
    });
    const some = await t.get<FileView>('/file?path=README.md&from_line=3&to_line=9');
    expect(some.body).toMatchObject({ text: 'A small repository. TODO: say more.\n', from_line: 3, to_line: 3, sha256 });
    expect((await t.get('/file?path=README.md&from_line=3&to_line=2')).body.code).toBe('BAD_REQUEST');
  });

  it('that is long comes in parts that are the file when they are joined', async () => {
    const text = Array.from({ length: 12_000 }, (_none, index) => `line ${index}\r\n`).join('') + 'the last one without an end';
    put('long.txt', text);
    let joined = '';
    for (let from: number | null = 1; from !== null;) {
      const { body }: { body: FileView } = await t.get<FileView>(`/file?path=long.txt&from_line=${from}`);
      joined += body.text;
      from = body.next_line;
    }
    expect(joined).toBe(text);
  });

  it('that is binary is named so, and one that is too large is refused', async () => {
    for (const name of ['image.bin', 'latin.txt'])
      expect((await t.get<FileView>(query('file', { path: name }))).body).toMatchObject({ is_binary: true, text: null });
    put('large.txt', 'x'.repeat(17 * 1024 * 1024));
    expect(await t.get('/file?path=large.txt')).toMatchObject({ status: 413, body: { code: 'FILE_TOO_LARGE' } });
    rmSync(path.join(t.repo, 'large.txt'));
  });

  it('shows masks in place of secrets, on the same lines', async () => {
    const { body } = await t.get<FileView>('/file?path=config.js&from_line=2');
    expect(body).toMatchObject({ redactions: 1, text: 'export const api_key = "[redacted:secret]";\nexport const after = 3;\n' });
  });

  // verifies: API-10b, SEC-8
  it.each([
    ['.git/config', 'PATH_REFUSED'],
    ['.GIT/config', 'PATH_REFUSED'],
    ['src/.git', 'PATH_REFUSED'],
    ['.g\u200cit/config', 'PATH_REFUSED'],
    ['\uff0egit/config', 'PATH_REFUSED'],
    ['\uff0eENV', 'PATH_REFUSED'],
    ['build/out.js', 'PATH_REFUSED'],
    ['trace.log', 'PATH_REFUSED'],
    ...SECRET_FILES.map((name) => [name, 'PATH_REFUSED']),
    ['alias.txt', 'PATH_REFUSED'],
    ['away/secret.txt', 'PATH_REFUSED'],
    ['second-name.txt', 'PATH_REFUSED'],
    ['src', 'PATH_REFUSED'],
    ['../outside/secret.txt', 'BAD_REQUEST'],
    ['/etc/passwd', 'BAD_REQUEST'],
    ['src//index.js', 'BAD_REQUEST'],
    ['C:/windows', 'BAD_REQUEST'],
    ['src\\index.js', 'BAD_REQUEST'],
    ['README.md\u0000', 'BAD_REQUEST'],
    ['nothing', 'NOT_FOUND'],
  ])('%j is not shown: %s', async (name, code) => {
    const { body } = await t.get(query('file', { path: name ?? '' }));
    expect([body.code, body.detail.length > 10]).toEqual([code, true]);
  });
});

describe('a search', () => {
  // verifies: API-10b
  it('finds a text in files that are shown, and in no others', async () => {
    const { body } = await t.get<SearchResult>('/search?q=needle');
    expect(body).toEqual({ matches: [{ path: 'config.js', line: 1, column: 4, text: '// needle' }], files_searched: 1, cut: null });
    expect((await t.get<SearchResult>('/search?q=outside')).body.matches).toEqual([]);
    expect((await t.get<SearchResult>('/search?q=todo&ignore_case=true&path=src')).body.matches).toEqual([
      { path: 'src/index.js', line: 2, column: 4, text: '// TODO: ask the question' },
    ]);
  });

  it('takes a text as it is, and an expression only when it is asked for', async () => {
    put('signs.txt', 'a.c (x)\nabc\n');
    const lines = async (fields: Record<string, string>): Promise<number[]> =>
      (await t.get<SearchResult>(query('search', { path: 'signs.txt', ...fields }))).body.matches.map(({ line }) => line);
    expect(await lines({ q: 'a.c' })).toEqual([1]);
    expect(await lines({ q: '(x)' })).toEqual([1]);
    expect(await lines({ q: '-x' })).toEqual([]);
    expect(await lines({ q: '^a.c', regex: 'true' })).toEqual([1, 2]);
    expect(await lines({ q: 'ABC', regex: 'true', ignore_case: 'true' })).toEqual([2]);
    for (const q of ['(', 'a{2,1}', '(?=a)', String.raw`(a)\1`])
      expect((await t.get(query('search', { q, regex: 'true' }))).body.code).toBe('BAD_REQUEST');
  });

  it('says which limit ended it', async () => {
    put('many.txt', 'again\n'.repeat(50));
    const { body } = await t.get<SearchResult>('/search?q=again&limit=10');
    expect([body.matches.length, body.cut]).toEqual([10, 'matches']);
  });

  it('ends an expression that would take another engine for ever', async () => {
    put('evil.txt', `${'a'.repeat(5000)}!\n`);
    const { body } = await t.get<SearchResult>(query('search', { q: '(a+)+$|(a|a)*b', regex: 'true', path: 'evil.txt' }));
    expect(body).toEqual({ matches: [], files_searched: 1, cut: null });
  });

  it('does not confirm a guess of a secret', async () => {
    expect((await t.get<SearchResult>(`/search?q=${SECRET.slice(0, 10)}`)).body.matches).toEqual([]);
  });
});

describe('without a repository', () => {
  it('every route says so', async () => {
    const dir = path.join(t.store.dir, 'plain');
    mkdirSync(dir);
    writeFileSync(path.join(dir, 'a.txt'), 'a');
    const plain = await startApp({ repo: dir, store: t.store });
    try {
      for (const url of ['/tree', '/file?path=a.txt', '/search?q=a']) expect((await plain.get(url)).body.code, url).toBe('REPO_REFUSED');
      expect((await plain.get('/diff')).status).toBeLessThan(500);
    } finally {
      await plain.close();
    }
  });
});
