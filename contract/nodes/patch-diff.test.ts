import { describe, expect, it } from 'vitest';
import { permitFaults } from '../plan-envelope.ts';
import { diffRefusal, draftedDiff, writtenByDiff } from './patch-diff.ts';

const added = (name: string, text: string): string =>
  `diff --git a/${name} b/${name}\nnew file mode 100644\n--- /dev/null\n+++ b/${name}\n@@ -0,0 +1 @@\n+${text}\n`;
const REFERENCE = '${{ nodes.a.output }}';
/** What the effect says of a draft whose reference became this. */
const becomes = (draft: string, value: string): string | null => {
  const drafted = draftedDiff(draft) ?? undefined;
  return diffRefusal(draft.replaceAll(REFERENCE, value), { drafted })?.code ?? null;
};

describe('a value in a diff', () => {
  const text = added('docs/x.md', REFERENCE);

  it('is any text of its line', () => {
    for (const value of ['', 'hello', '--- a/y', '@@ -1 +1 @@', 'diff --git a/y b/y', '\r', '\u2028'])
      expect(becomes(text, value)).toBeNull();
  });

  it.each([
    'x\n',
    `x\n${added('src/y.js', 'x').slice(0, -1)}`,
    'x\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-x\n+y',
    'x\n\n',
    'x\n@@ -3 +2,0 @@\n-good',
  ])('brings no line: %j', (value) => expect(becomes(text, value)).toBe('DIFF_REFUSED'));

  it('in a name makes it no other than the draft leaves open', () => {
    const named = added(`docs/${REFERENCE}.md`, 'x');
    expect(becomes(named, 'z')).toBeNull();
    for (const value of ['../src/z', 'deep/z', 'a\tb', '${{ x }}']) expect(becomes(named, value), value).toBe('DIFF_REFUSED');
  });

  it('that is all of the diff is known at the effect, and read there', () => {
    expect(draftedDiff(REFERENCE)).toBeNull();
    expect(diffRefusal(REFERENCE)).toBeNull();
    expect(becomes(REFERENCE, added('docs/x.md', 'x'))).toBeNull();
    for (const value of [REFERENCE, '', 'hello', added('docs/x.md', 'x').replaceAll(/ [ab]\//g, ' ')])
      expect(becomes(REFERENCE, value), value).toBe('DIFF_REFUSED');
  });
});

describe('what a diff writes', () => {
  const asIs = (word: string): string => word;

  it('is every file when nobody can say which', () => {
    expect(writtenByDiff('+++ x\n', asIs)).toEqual(['**']);
    const envelope = {
      kinds: ['patch'],
      commands: [],
      hosts: [],
      tools: [],
      models: [],
      secrets: [],
      paths: { read: ['**'], write: ['docs/**'] },
    };
    const outside = permitFaults({ ...envelope } as never, {
      kind: 'patch',
      with: { diff: '--- docs/x\n+++ docs/x\n@@ -1 +1 @@\n-x\n+y\n' },
    });
    expect(outside).toEqual([expect.objectContaining({ part: 'paths.write', pattern: '**' })]);
  });
});
