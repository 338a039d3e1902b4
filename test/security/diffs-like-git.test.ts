/** The reading of a diff against git's own: diffs that git wrote, and the same with something bent in them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knownDiff, pathsOfDiff } from '#contract/unified-diff.ts';
import { rounds } from '../helpers/deep.ts';
import { randomOf, type Random } from './random.ts';

const PAIRS = rounds({ quick: 12, deep: 60 });
const BENT = rounds({ quick: 60, deep: 150 });
const LIMIT_MS = 20_000 + PAIRS * BENT * 60;
const NAMES = [
  'a',
  'b',
  'x.md',
  'my file',
  'ä ö',
  'docs b',
  'b b',
  '日本',
  'quote"d',
  'x -2024-01-01',
  '2024-01-01',
  'new\u202efile',
] as const;
const FOLDERS = ['', 'docs/', 'a/', 'b/', 'src/deep er/', 'ü/', 'a b/b/'] as const;
const LINES = ['one', 'two', '-- x', '++ y', ' z', '@@ -1 +1 @@', 'diff --git a/a b/a', '--- a/a', '+++ b/b', '', '\\ no', 'ä'] as const;
const ENV = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
const IDENTITY = ['-c', 'user.name=A Person', '-c', 'user.email=person@example.invalid'];

let root = '';
beforeAll(() => {
  root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'gimo-diffs-')));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const git = (repo: string, ...args: string[]): string =>
  execFileSync('git', ['-C', repo, ...IDENTITY, ...args], { env: ENV, encoding: 'utf8', maxBuffer: 1 << 26 });

const contentOf = (random: Random): string => {
  const lines = Array.from({ length: random.below(12) }, () => random.pick(LINES));
  return lines.join('\n') + (random.below(4) === 0 ? '' : '\n');
};

/** Two commits of random files; the index is that of the first. Out: the diff between them, in one of git's forms. */
function madeByGit(random: Random, repo: string): string {
  git(root, 'init', '-q', repo);
  const files = new Set(Array.from({ length: 3 + random.below(5) }, () => random.pick(FOLDERS) + random.pick(NAMES)));
  for (const file of files) write(repo, file, contentOf(random));
  git(repo, 'add', '-A');
  git(repo, 'commit', '-q', '--allow-empty', '-m', 'first');
  copyFileSync(path.join(repo, '.git/index'), path.join(repo, '.git/first'));
  for (const file of files) change(random, repo, file);
  write(repo, `${random.pick(FOLDERS)}made ${random.below(9)}`, contentOf(random));
  git(repo, 'add', '-A');
  git(repo, 'commit', '-q', '--allow-empty', '-m', 'second');
  const form = random.pick([
    'diff --no-renames',
    'diff -M -C',
    'diff -U0',
    'diff -U1 --full-index',
    '-c core.quotePath=false diff -M',
    'show',
  ]);
  return git(repo, ...form.split(' '), ...(form === 'show' ? ['HEAD'] : ['HEAD^', 'HEAD']));
}

function write(repo: string, file: string, content: string): void {
  const at = path.join(repo, file);
  try {
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, content);
  } catch {
    // A folder of that name is there, or a file where a folder would be.
  }
}

function change(random: Random, repo: string, file: string): void {
  const at = path.join(repo, file);
  const how = random.below(6);
  try {
    if (how === 0) rmSync(at);
    else if (how === 1) chmodSync(at, 0o755);
    else if (how === 2) renameSync(at, `${at} moved`);
    else if (how < 5) writeFileSync(at, contentOf(random));
  } catch {
    // It could not be made before.
  }
}

const HEADS = /^(?:diff --git |--- |\+\+\+ |rename |copy |new |old |deleted |index |@@ )/;
const INSERTED = [
  '--- a/b',
  '+++ b/b',
  '--- b',
  '+++ x/docs/a',
  '@@ -0,0 +1 @@',
  '@@ -1 +1 @@',
  '@@ -1,0 +1 @@',
  '+evil',
  '-x',
  '\\ No newline at end of file',
  'diff --git a/b b/b',
  'diff --git x/a x/a',
  'new file mode 100644',
  'new file mode 120000',
  'deleted file mode 100644',
  'old mode 100644',
  'new mode 100755',
  'rename from a',
  'rename to docs/a',
  'copy from a',
  'copy to b',
  'index 1234567..89abcde 100644',
  'similarity index 100%',
  '--- /dev/null',
  '+++ /dev/null',
  'text',
  '',
] as const;

/** One line of the diff is bent; most often one that says which file it is about. */
function bend(random: Random, diff: string): string {
  const lines = diff.split('\n');
  const heads = lines.flatMap((line, at) => (HEADS.test(line) ? at : []));
  const at = random.below(4) === 0 ? random.below(lines.length) : (heads[random.below(Math.max(1, heads.length))] ?? 0);
  const line = lines[at] ?? '';
  const spot = random.below(line.length + 1);
  const changes: (() => string[])[] = [
    () => [],
    () => [line, line],
    () => [line, random.pick(INSERTED)],
    () => [random.pick(INSERTED), line],
    () => [line.replaceAll(/(?<=[ "])[ab]\//g, '')],
    () => [line.replaceAll(/(?<=[ "])[ab]\//g, random.pick(['b/', 'x/', './', 'a//', 'a/../', '/', 'a/b/']))],
    () => [line.replace(/[a-z](?="?$)/, (letter) => `\\${letter.charCodeAt(0).toString(8)}`)],
    () => [line.replace(/(?<=[ab]\/)(.+)$/, '"$1"')],
    () => [line.replace(/\d/, (digit) => String((Number(digit) + 1) % 10))],
    () => [line.slice(0, spot) + random.pick(['\t', ' ', '"', '\\', '\r', '/', '0', '\u00a0', '\u2028', '\v']) + line.slice(spot)],
    () => [line.slice(0, spot) + line.slice(spot + 1)],
    () => [
      `${line}${random.pick(['\t', '\t2024-01-01 10:00:00 +0000', ' 2024-01-01', '\t1970-01-01 00:00:00 +0000', ' ', '\t\tx', '.orig'])}`,
    ],
  ];
  const other = random.below(lines.length);
  if (random.below(12) === 0)
    return lines
      .with(at, lines[other] ?? '')
      .with(other, line)
      .join('\n');
  return lines.toSpliced(at, 1, ...(changes[random.below(changes.length)]?.() ?? [])).join('\n');
}

const listed = (text: string): string[] => text.split('\0').filter((part) => part !== '');

/** Null: git does not apply it. Out: what the index differs in, and the modes that came. */
function applied(repo: string, diff: string): { changed: string[]; modes: string[] } | null {
  const index = path.join(repo, '.git/trial');
  copyFileSync(path.join(repo, '.git/first'), index);
  const options = { env: { ...ENV, GIT_INDEX_FILE: index }, encoding: 'utf8', input: diff.endsWith('\n') ? diff : `${diff}\n` } as const;
  const apply = spawnSync('git', ['-C', repo, 'apply', '--cached', '--whitespace=nowarn', '-'], options);
  if (apply.status !== 0) return null;
  const raw = listed(spawnSync('git', ['-C', repo, 'diff-index', '--cached', '--raw', '-z', '--no-renames', 'HEAD^'], options).stdout);
  const of = (start: number): string[] => raw.filter((_part, at) => at % 2 === start);
  return { changed: of(1), modes: of(0).map((entry) => entry.split(' ')[1] ?? '') };
}

/** What git says a diff is about, also where it does not apply; null: git cannot read it. */
function named(repo: string, diff: string): string[] | null {
  const input = diff.endsWith('\n') ? diff : `${diff}\n`;
  const { status, stdout } = spawnSync('git', ['-C', repo, 'apply', '--numstat', '-z', '-'], { env: ENV, encoding: 'utf8', input });
  return status === 0 ? listed(stdout).map((entry) => entry.split('\t').slice(2).join('\t')) : null;
}

describe(`${PAIRS} diffs of git`, () => {
  it(`are read as git applies them, and so is each of ${BENT} bent forms unless it is refused`, { timeout: LIMIT_MS }, () => {
    let [read, compared] = [0, 0];
    for (let seed = 1; seed <= PAIRS; seed++) {
      const random = randomOf(seed);
      const repo = path.join(root, `r${seed}`);
      const diff = madeByGit(random, repo);
      const whole = knownDiff(diff);
      expect(whole !== null || diff === '', `seed ${seed}\n${diff}`).toBe(true);
      for (let turn = 0; turn < BENT; turn++) {
        let bent = diff;
        for (let times = turn === 0 ? 0 : 1 + random.below(3); times > 0; times--) bent = bend(random, bent);
        const files = knownDiff(bent);
        if (files === null) continue;
        read++;
        const where = `seed ${seed}, turn ${turn}\n${bent}`;
        const names = named(repo, bent);
        const own = files.map((file) => file.new ?? file.old);
        expect(names ?? own, where).toEqual(own);
        const result = applied(repo, bent);
        if (result === null) continue;
        compared++;
        const paths = pathsOfDiff(files);
        expect(
          result.changed.filter((file) => !paths.includes(file)),
          where,
        ).toEqual([]);
        expect(
          result.modes.filter((mode) => mode !== '000000' && !mode.startsWith('100')),
          where,
        ).toEqual([]);
      }
      rmSync(repo, { recursive: true, force: true });
    }
    // Were nearly all refused, the comparison would say nothing.
    expect(compared).toBeGreaterThan(PAIRS);
    expect(read).toBeGreaterThan(PAIRS * 3);
  });
});
