/** Started by a test and killed by a failpoint in the middle of a patch. Arguments: the workspace as JSON, the failpoint. */
import { applyPatch } from '#activities/workspace/apply-patch.ts';
import type { Workspace } from '#activities/workspace/place.ts';
import { armFailpoints } from '#platform/failpoints.ts';

const [workspace = '', point = ''] = process.argv.slice(2);
armFailpoints([point]);
await applyPatch(JSON.parse(workspace) as Workspace, {
  files: [
    { path: 'readme.md', content: 'changed\n' },
    { path: 'src/deep/only.txt', content: null },
    { path: 'new/folder/file.txt', content: 'new\n' },
  ],
  effectId: 'effect-1',
  message: 'Change three files',
  runValidate: () => Promise.resolve({ exit_code: 0, stdout: '', stderr: '' }),
});
