import { describe, expect, it } from 'vitest';
import { errorCode } from '#contract/errors.ts';
import type { TreeChange } from '#platform/git.ts';
import { checkNamed, namedBy, type PatchContent } from './patch-named.ts';

const CHANGED = '--- a/docs/x.md\n+++ b/docs/x.md\n@@ -1 +1 @@\n-x\n+y\n';
const MADE = 'diff --git a/docs/run.sh b/docs/run.sh\nnew file mode 100755\n--- /dev/null\n+++ b/docs/run.sh\n@@ -0,0 +1 @@\n+x\n';
const MOVED = 'diff --git a/old.sh b/new.sh\nsimilarity index 100%\nrename from old.sh\nrename to new.sh\n';
const IN_DOCS = (path: string): boolean => path.startsWith('docs/');

const change = (path: string, oldMode = '100644', newMode = '100644'): TreeChange => ({
  path,
  oldMode,
  newMode,
  oldBlob: '1',
  newBlob: '2',
});
function codeOf(content: PatchContent, made: TreeChange, mayWrite = IN_DOCS): string | null {
  try {
    checkNamed(made, namedBy(content), mayWrite);
    return null;
  } catch (error) {
    return errorCode(error);
  }
}

/** As if git made something else of a patch than everything that read it before. */
describe('what git would make of a patch', () => {
  it('is done when the patch names it and it was approved', () => {
    expect(codeOf({ diff: CHANGED }, change('docs/x.md'))).toBeNull();
    expect(codeOf({ diff: MADE }, change('docs/run.sh', '000000', '100755'))).toBeNull();
    expect(codeOf({ diff: MOVED }, change('new.sh', '000000', '100755'), () => true)).toBeNull();
    expect(codeOf({ files: [{ path: 'docs/x.md', content: null }] }, change('docs/x.md', '100644', '000000'))).toBeNull();
  });

  it.each<[string, PatchContent, TreeChange]>([
    ['a file that the diff does not name', { diff: CHANGED }, change('docs/y.md')],
    ['a file that the list does not name', { files: [{ path: 'docs/x.md', content: '' }] }, change('docs/y.md')],
    ['the deletion of another', { diff: CHANGED }, change('docs/y.md', '100644', '000000')],
    ['a program that was none', { diff: CHANGED }, change('docs/x.md', '100644', '100755')],
    ['a program in a list', { files: [{ path: 'docs/x.md', content: '' }] }, change('docs/x.md', '000000', '100755')],
    ['what nobody approved', { diff: CHANGED.replaceAll('docs/', 'src/') }, change('src/x.md')],
  ])('is refused when it is %s', (_what, content, made) => {
    expect(codeOf(content, made)).toBe('OUTSIDE_ENVELOPE');
  });
});
