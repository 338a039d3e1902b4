import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DIFF, makeFolder, makeWorkspace, photograph } from '#test/integration/workspace-repo.ts';
import { planPatch } from './patch-plan.ts';
import type { Workspace } from './place.ts';

let root = '';
let workspace: Workspace;
beforeAll(async () => {
  root = makeFolder();
  ({ workspace } = await makeWorkspace(root));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a patch', () => {
  it('that was approved is planned file by file', async () => {
    const plan = await planPatch(workspace, { diff: DIFF, mayWrite: () => true });
    expect(plan.changes.map((change) => change.path)).toEqual(['readme.md', 'src/deep/only.txt', 'tools/run.sh']);
  });

  it.each([{ diff: DIFF }, { files: ['readme.md', 'src/deep/only.txt'].map((path) => ({ path, content: 'new\n' })) }])(
    'that was not approved is not planned, when git comes to one file that nobody was shown: %j',
    async (content) => {
      const before = photograph(workspace.tree);
      const mayWrite = (path: string): boolean => path !== 'src/deep/only.txt';
      await expect(planPatch(workspace, { ...content, mayWrite })).rejects.toMatchObject({
        code: 'OUTSIDE_ENVELOPE',
        message: expect.stringContaining('src/deep/only.txt'),
      });
      expect(photograph(workspace.tree)).toEqual(before);
    },
  );
});
