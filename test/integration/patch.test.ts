import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyPatch, snapshotFiles, type PatchRequest } from '#activities/workspace/apply-patch.ts';
import { openWorkspace } from '#activities/workspace/workspace.ts';
import type { Workspace } from '#activities/workspace/place.ts';
import { DIFF, git, makeFolder, makeWorkspace, photograph, workspaceGit } from './workspace-repo.ts';

let root = '';
let workspace: Workspace;
let repo = '';

beforeEach(async () => {
  root = makeFolder();
  ({ workspace, repo } = await makeWorkspace(root));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const at = (file: string): string => path.join(workspace.tree, file);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const passing = (): Promise<{ exit_code: number; stdout: string; stderr: string }> =>
  Promise.resolve({ exit_code: 0, stdout: '', stderr: '' });

type Rest = Omit<PatchRequest, 'diff' | 'files'>;
const rest = (more: Partial<Rest> = {}): Rest => ({
  effectId: 'effect-1',
  mayWrite: () => true,
  message: 'Change it',
  runValidate: passing,
  ...more,
});

// verifies: VX-MAN-1
describe('a patch', () => {
  test('given as a diff changes, makes and deletes files and is one commit with the mark of its effect', async () => {
    const result = await applyPatch(workspace, { diff: DIFF, ...rest({ base: workspace.base }) });
    expect(result.files).toEqual(['readme.md', 'src/deep/only.txt', 'tools/run.sh']);
    expect(readFileSync(at('readme.md'), 'utf8')).toBe('one\nzwei\nthree\n');
    expect(lstatSync(at('tools/run.sh')).mode & 0o777).toBe(0o755);
    expect(workspaceGit(workspace, 'log', '-1', '--format=%H|%P|%an <%ae>|%B')).toBe(
      `${result.commit}|${workspace.base}|GIMO <gimo@localhost>|Change it\n\nGimo-Effect: effect-1`,
    );
    expect(git(workspace.tree, 'status', '--porcelain')).toBe('');
    expect(workspaceGit(workspace, 'rev-parse', 'gimo/r_1')).toBe(result.commit);
  });

  test('given as files keeps modes and bytes, whatever the attributes of the repository say', async () => {
    const files = [
      { path: 'tool.sh', content: '#!/bin/sh\necho more\n' },
      { path: 'dos.txt', content: 'a\r\nc\n' },
      { path: 'mit blank ä.txt', content: null },
      { path: 'build/out.md', content: 'a\n' },
    ];
    const { commit } = await applyPatch(workspace, { files, ...rest() });
    expect(lstatSync(at('tool.sh')).mode & 0o777).toBe(0o755);
    expect(readFileSync(at('dos.txt'), 'utf8')).toBe('a\r\nc\n');
    expect(readFileSync(at('build/out.md'), 'utf8')).toBe('a\n');
    expect(workspaceGit(workspace, 'ls-tree', '-r', '--name-only', commit).split('\n')).not.toContain('mit blank ä.txt');
    expect(git(workspace.tree, 'status', '--porcelain')).toBe('');
  });

  test('applies to what earlier nodes left uncommitted, and commits its own files only', async () => {
    writeFileSync(at('readme.md'), 'one\ntwo\nthree\nfour\n');
    const diff = DIFF.replace(' three\n', ' three\n four\n').replace('-1,3 +1,3', '-1,4 +1,4');
    writeFileSync(at('dos.txt'), 'of another node');
    writeFileSync(at('untracked.txt'), 'of another node');
    await applyPatch(workspace, { diff, ...rest() });
    expect(workspaceGit(workspace, 'show', 'HEAD:readme.md')).toBe('one\nzwei\nthree\nfour');
    expect(git(workspace.tree, 'status', '--porcelain')).toBe('M dos.txt\n?? untracked.txt');
  });

  test('that was committed already is not applied again, also after a restart; another effect is', async () => {
    const first = await applyPatch(workspace, { diff: DIFF, ...rest() });
    writeFileSync(at('readme.md'), 'later\n');
    await openWorkspace({ repo, base: workspace.base, runId: 'r_1', dir: path.dirname(workspace.root) });
    expect(await applyPatch(workspace, { diff: DIFF, ...rest() })).toEqual(first);
    await expect(applyPatch(workspace, { diff: DIFF, ...rest({ effectId: 'effect-2' }) })).rejects.toMatchObject({ code: 'PATCH_FAILED' });
    expect(readFileSync(at('readme.md'), 'utf8')).toBe('later\n');
  });

  test('cannot claim another effect by its message', async () => {
    await applyPatch(workspace, { diff: DIFF, ...rest({ message: 'Change it\n\nGimo-Effect: effect-2' }) });
    const files = [{ path: 'second.txt', content: 'second\n' }];
    expect((await applyPatch(workspace, { files, ...rest({ effectId: 'effect-2' }) })).files).toEqual(['second.txt']);
  });

  test('is refused when the base or a file is not what it was made for', async () => {
    const before = photograph(workspace.tree);
    const refused = { code: 'PATCH_PRECONDITION' };
    const right = { 'readme.md': sha256('one\ntwo\nthree\n'), 'tools/run.sh': null };
    const wrong: Record<string, string | null>[] = [
      { ...right, 'readme.md': sha256('other') },
      { 'tools/run.sh': sha256('') },
      { 'dos.txt': null },
    ];
    for (const base_hashes of wrong) {
      await expect(applyPatch(workspace, { diff: DIFF, ...rest({ base_hashes }) })).rejects.toMatchObject(refused);
    }
    await expect(applyPatch(workspace, { diff: DIFF, ...rest({ base: '1'.repeat(40) }) })).rejects.toMatchObject(refused);
    await expect(applyPatch(workspace, { files: [{ path: 'missing', content: null }], ...rest() })).rejects.toMatchObject(refused);
    expect(photograph(workspace.tree)).toEqual(before);
    expect((await applyPatch(workspace, { diff: DIFF, ...rest({ base_hashes: right }) })).files).toHaveLength(3);
  });

  test('may not leave the workspace', async () => {
    symlinkSync(root, at('planted'));
    mkdirSync(at('build'));
    symlinkSync(root, at('build/planted'));
    const ofOthers = (seen: Record<string, string>): [string, string][] =>
      Object.entries(seen).filter(([file]) => !file.startsWith('workspaces/r_1/git'));
    const before = ofOthers(photograph(root));
    const wrong = [
      '../out',
      '/tmp/out',
      'a/../../out',
      '.git',
      '.git/config',
      'src/.GIT/config',
      'way-out/out',
      'planted/out',
      'build/planted/out',
      'a//b',
      './a',
      '',
    ];
    for (const file of wrong) {
      await expect(applyPatch(workspace, { files: [{ path: file, content: 'x' }], ...rest() })).rejects.toMatchObject({
        code: 'OUTSIDE_ENVELOPE',
      });
      const diff = `diff --git a/${file} b/${file}\nnew file mode 100644\n--- /dev/null\n+++ b/${file}\n@@ -0,0 +1 @@\n+x\n`;
      await expect(applyPatch(workspace, { diff, ...rest() })).rejects.toMatchObject({
        code: expect.stringMatching(/OUTSIDE_ENVELOPE|DIFF_REFUSED/),
      });
    }
    for (const target of ['/etc/passwd', '../../outside', '.git/config']) {
      const diff = `diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+${target}\n\\ No newline at end of file\n`;
      await expect(applyPatch(workspace, { diff, ...rest() })).rejects.toMatchObject({ code: 'DIFF_REFUSED' });
    }
    expect(ofOthers(photograph(root))).toEqual(before);
  });

  test('does not overwrite an ignored file that it claims to create', async () => {
    mkdirSync(at('build'));
    writeFileSync(at('build/x'), 'kept');
    const diff = 'diff --git a/build/x b/build/x\nnew file mode 100644\n--- /dev/null\n+++ b/build/x\n@@ -0,0 +1 @@\n+x\n';
    await expect(applyPatch(workspace, { diff, ...rest() })).rejects.toMatchObject({ code: 'PATCH_PRECONDITION' });
    expect(readFileSync(at('build/x'), 'utf8')).toBe('kept');
  });

  test('shows beforehand the files that it will touch, as they are', async () => {
    const before = photograph(workspace.tree);
    expect(await snapshotFiles(workspace, { diff: DIFF, mayWrite: () => true })).toEqual([
      { path: 'readme.md', content: Buffer.from('one\ntwo\nthree\n'), mode: '100644' },
      { path: 'src/deep/only.txt', content: Buffer.from('only\n'), mode: '100644' },
      { path: 'tools/run.sh', content: null, mode: null },
    ]);
    expect(photograph(workspace.tree)).toEqual(before);
  });
});
