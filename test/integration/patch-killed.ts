/**
 * Started by a test and killed in the middle of a patch, by a failpoint or from outside after its line `go`.
 * Arguments: the workspace as JSON; the failpoint, or nothing; the files as JSON, else three that are known.
 */
import { applyPatch } from '#activities/workspace/apply-patch.ts';
import type { Workspace } from '#activities/workspace/place.ts';
import { armFailpoints } from '#platform/failpoints.ts';

type Files = { path: string; content: string | null }[];
const KNOWN: Files = [
  { path: 'readme.md', content: 'changed\n' },
  { path: 'src/deep/only.txt', content: null },
  { path: 'new/folder/file.txt', content: 'new\n' },
];

const [workspace = '', point = '', files = ''] = process.argv.slice(2);
if (point !== '') armFailpoints([point]);
process.stdout.write('go\n');
await applyPatch(JSON.parse(workspace) as Workspace, {
  files: files === '' ? KNOWN : (JSON.parse(files) as Files),
  effectId: 'effect-1',
  message: 'Change files',
  mayWrite: () => true,
  runValidate: () => Promise.resolve({ exit_code: 0, stdout: '', stderr: '' }),
});
