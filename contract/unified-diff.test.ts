/** What a diff changes is what `git apply` changes, or it is refused; test/security/diffs-like-git.test.ts compares it with git itself. */
import { describe, expect, it } from 'vitest';
import { checkPlan } from './plan-check.ts';
import { knownDiff, pathsOfDiff, readDiff } from './unified-diff.ts';

const paths = (diff: string): string[] => pathsOfDiff(readDiff(diff));
const HUNK = '@@ -1 +1 @@\n-x\n+y\n';
const changed = (name: string): string => `diff --git ${name} ${name}\n--- ${name}\n+++ ${name}\n${HUNK}`;
const added = (name: string): string => `diff --git ${name} ${name}\nnew file mode 100644\n--- /dev/null\n+++ ${name}\n@@ -0,0 +1 @@\n+x\n`;
const X = `--- a/docs/x.md\n+++ b/docs/x.md\n${HUNK}`;

/** Each was approved as one file and changed another, or could. */
const REFUSED: [string, string][] = [
  ['no prefixes', changed('docs/package.json')],
  ['no prefixes, made', added('docs/.github/workflows/ci.yml')],
  ['no prefixes and no git line', `--- docs/x.md\n+++ docs/x.md\n${HUNK}`],
  ['no folder at all', `--- x.md\n+++ x.md\n${HUNK}`],
  ['other prefixes', `--- i/x.md\n+++ w/x.md\n${HUNK}`],
  ['a letter as a number', added('"b/.gith\\165b/workflows/ci.yml"').replace('git "b', 'git "a')],
  ['a slash as a number', added('"b/docs\\057y.md"').replace('git "b', 'git "a')],
  ['dots as numbers', added('"b/docs/\\056\\056/src/z.js"').replace('git "b', 'git "a')],
  ['a tab in a name', added('"b/a\\tb"').replace('git "b', 'git "a')],
  ['a line break in a name', added('"b/a\\nb"').replace('git "b', 'git "a')],
  ['a backslash in a name', added('"b/a\\\\b"').replace('git "b', 'git "a')],
  ['an escape that git does not know', added('"b/a\\xb"').replace('git "b', 'git "a')],
  ['a name that is no text', added('"b/a\\377b"').replace('git "b', 'git "a')],
  ['text behind a quoted name', `--- "a/x.md" y\n+++ "b/x.md" y\n${HUNK}`],
  ['names that disagree', `diff --git a/docs/x.md b/docs/x.md\n--- a/docs/x.md\n+++ b/src/x.js\n${HUNK}`],
  ['a git line that disagrees', `diff --git a/docs/x.md b/docs/x.md\n--- a/src/x.js\n+++ b/src/x.js\n${HUNK}`],
  ['a git line of two files', `diff --git a/docs/x.md b/src/x.js\n--- a/docs/x.md\n+++ b/src/x.js\n${HUNK}`],
  ['a longer name on one side', `--- a/src/index.js.orig\n+++ b/src/index.js\n${HUNK}`],
  ['a name that ends in a date', `--- a/docs/x.md 2024-01-01 10:00:00\n+++ b/docs/x.md 2024-01-01 10:00:00\n${HUNK}`],
  ['a name behind a tab', `--- a/docs/x.md\ty 2024-01-01 10:00:00\n+++ b/docs/x.md\ty 2024-01-01 10:00:00\n${HUNK}`],
  ['a way out', added('b/../x').replace('git b', 'git a')],
  ['an absolute path', added('b//etc/x').replace('git b', 'git a')],
  ['the repository itself', added('b/.GIT/hooks/x').replace('git b', 'git a')],
  ['a line end of another system', X.replaceAll('.md\n', '.md\r\n')],
  ['a rename that hides its new name', 'diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to ".gith\\165b/y"\n'],
  ['a rename that the git line does not name', 'diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to z\n'],
  ['a name before its mode', `diff --git a/x b/x\n+++ /dev/null\n--- a/x\ndeleted file mode 100644\n@@ -1 +0,0 @@\n-x\n`],
  ['a mode behind its names', `diff --git a/x b/x\n--- a/x\n+++ b/x\nold mode 100644\nnew mode 100755\n${HUNK}`],
  ['half of its names', `diff --git a/x b/x\n--- a/x\n${HUNK}`],
  ['half of a rename', 'diff --git a/x b/y\nsimilarity index 100%\nrename to y\n'],
  ['a rename of another git', 'diff --git a/x b/y\nrename old x\nrename new y\n'],
  ['a link', added('b/l').replace('git b', 'git a').replace('100644', '120000')],
  ['a nested repository', added('b/l').replace('git b', 'git a').replace('100644', '160000')],
  ['a change of a link', `diff --git a/l b/l\nindex 1234567..89abcde 120000\n--- a/l\n+++ b/l\n${HUNK}`],
  ['a mode that becomes a link', 'diff --git a/l b/l\nold mode 100644\nnew mode 120000\n'],
  ['bytes', 'diff --git a/b b/b\nindex 0000000..587be6b\nGIT binary patch\nliteral 2\nJcmb=J1OWg709pV5\n\nliteral 0\nHcmV?d00001\n\n'],
  ['bytes that are not there', 'diff --git a/b b/b\nindex 1234567..587be6b 100644\nBinary files a/b and b/b differ\n'],
  ['a hunk with too few lines', X.replace('@@ -1 +1 @@', '@@ -1,2 +1 @@')],
  ['a hunk with too many lines', X.replace('-x\n', '-x\n-z\n')],
  ['a hunk without a file', HUNK],
  ['a hunk behind a letter', `Hello\n${HUNK}${X}`],
  ['a hunk that changes nothing', X.replace('-x\n+y\n', ' x\n')],
  ['text behind a hunk', `${X}and more\n`],
  ['a name and nothing else', 'diff --git a/x b/x\n'],
  ['a name whose change is that of another', `diff --git a/docs/x.md b/docs/x.md\nhello\n--- a/src/x.js\n+++ b/src/x.js\n${HUNK}`],
  ['a file that is made and has lines before', added('b/x').replace('git b', 'git a').replace('-0,0', '-1').replace('+x', '-y\n+x')],
  ['both sides away', '--- /dev/null\n+++ /dev/null\n@@ -0,0 +1 @@\n+x\n'],
  ['nothing', '\n'],
  ['a reference among the names', `\${{ nodes.a.output }}\n${X}`],
  ['a reference for lines', '--- a/x\n+++ b/x\n${{ nodes.a.output }}\n'],
  ['a reference for what follows', `${X}\${{ nodes.a.output }}\n`],
  ['a reference in a quoted name', `--- "a/\${{ nodes.a.output }}"\n+++ "b/\${{ nodes.a.output }}"\n${HUNK}`],
];

describe('a diff', () => {
  it.each(REFUSED)('with %s is refused when it is drafted, with a code and what to do', (_what, diff) => {
    expect(knownDiff(diff)).toBeNull();
    const needs = {
      nodes: [
        { id: 'a', kind: 'noop' },
        { id: 'p', kind: 'patch', needs: ['a'], with: { diff } },
      ],
    };
    const { faults } = checkPlan({ version: 1, title: 'x', envelope: { paths: { read: ['**'], write: ['**'] } }, ...needs });
    expect(faults).toEqual([expect.objectContaining({ node: 'p', path: 'with.diff', code: 'DIFF_REFUSED' })]);
    expect(faults[0]?.message).toMatch(/^Line \d+ of the diff: .+\. [A-Z].+/);
  });

  it.each([
    ['of git', changed('a/docs/x.md').replace(' a/docs/x.md\n---', ' b/docs/x.md\n---').replace('+++ a', '+++ b'), ['docs/x.md']],
    ['of diff -u', X, ['docs/x.md']],
    ['of diff -u with times', X.replaceAll('.md\n', '.md\t2024-01-01 10:00:00.123456789 +0100\n'), ['docs/x.md']],
    ['of diff -ru', `diff -ru a/docs/x.md b/docs/x.md\n${X}Only in b: z\n`, ['docs/x.md']],
    ['of another version control', `Index: docs/x.md\n====\n${X.replaceAll('.md\n', '.md\t(revision 3)\n')}`, ['docs/x.md']],
    ['in a letter', `From: A Person\nSubject: x\n\n---\n docs/x.md | 2 +-\n\n${X}-- \n2.39.5\n\n`, ['docs/x.md']],
    ['with a blank in a name', '--- a/my file.txt\t\n+++ b/my file.txt\t\n@@ -1 +1 @@\n-x\n+y\n', ['my file.txt']],
    ['with letters as git quotes them', added('"b/docs/\\303\\244 \\"x\\".md"').replace('git "b', 'git "a'), ['docs/ä "x".md']],
    ['with headers inside of a hunk', '--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- a/y\n--- a/z\n+++ b/y\n+++ b/z\n', ['x']],
    ['without a line end', X.slice(0, -1), ['docs/x.md']],
    ['with a blank line that lost its sign', '--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n\n-x\n+y\n', ['x']],
    [
      'that says no newline twice',
      `${X.replace('-x\n', '-x\n\\ No newline at end of file\n')}\\ No newline at end of file\n`,
      ['docs/x.md'],
    ],
    ['that renames', 'diff --git a/a b b/c b/d\nsimilarity index 100%\nrename from a b\nrename to c b/d\n', ['a b', 'c b/d']],
    ['that copies', 'diff --git a/a b/b\nsimilarity index 100%\ncopy from a\ncopy to b\n', ['b']],
    ['of an empty file', 'diff --git a/a b/b b/a b/b\nnew file mode 100644\nindex 0000000..e69de29\n', ['a b/b']],
    ['of a mode', 'diff --git a/a b/a\nold mode 100644\nnew mode 100755\n', ['a']],
    ['with a reference in its text', X.replace('+y', '+${{ nodes.a.output }}'), ['docs/x.md']],
    ['with a reference in its name', `--- a/\${{ inputs["x"] }}.md\n+++ b/\${{ inputs["x"] }}.md\n${HUNK}`, ['${{ inputs["x"] }}.md']],
  ])('%s is read by its headers and the counts of its hunks', (_what, diff, expected) => {
    expect(paths(diff)).toEqual(expected);
  });

  it('says what it makes, deletes and makes executable', () => {
    const mode = 'diff --git a/m b/m\nold mode 100644\nnew mode 100755\n';
    const gone = 'diff --git a/d b/d\ndeleted file mode 100755\n--- a/d\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n';
    const late = '--- a/e\t2024-01-01 10:00:00 +0000\n+++ b/e\t1970-01-01 00:00:00 +0000\n@@ -1 +0,0 @@\n-x\n';
    const made = added('b/n').replace('git b', 'git a').replace('100644', '100755');
    expect(readDiff(`${mode}${gone}${late}${made}`)).toEqual([
      { old: 'm', new: 'm', isCopy: false, isMadeExecutable: true },
      { old: 'd', new: null, isCopy: false, isMadeExecutable: false },
      { old: 'e', new: null, isCopy: false, isMadeExecutable: false },
      { old: null, new: 'n', isCopy: false, isMadeExecutable: true },
    ]);
  });

  it('never throws anything but its refusal', () => {
    const letters = [
      '-',
      '+',
      ' ',
      '@@ -1 +1 @@',
      '--- ',
      '+++ ',
      'diff --git ',
      'a/x',
      'b/x',
      '"',
      '\\',
      '\n',
      '\t',
      '\ud800',
      '${{',
      '}}',
    ];
    for (let seed = 1; seed < 3000; seed++) {
      const diff = Array.from(
        { length: seed % 23 },
        (_none, at) => letters[(seed * 31 + at * at * 7 + (seed >> at)) % letters.length],
      ).join('');
      expect(() => knownDiff(diff), JSON.stringify(diff)).not.toThrow();
    }
  });
});
