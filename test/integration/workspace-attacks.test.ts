import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepareFence } from '#activities/fence/fence-command.ts';
import { probeKind } from '#activities/fence/probe.ts';
import { runProcess } from '#activities/process/run-process.ts';
import { applyPatch, snapshotFiles, type PatchRequest } from '#activities/workspace/apply-patch.ts';
import { workspaceFencePaths, type Workspace } from '#activities/workspace/place.ts';
import { publishBranch } from '#activities/workspace/publish-branch.ts';
import { openWorkspace } from '#activities/workspace/workspace.ts';
import { git, makeFolder, makeRepo, makeWorkspace, photograph } from './workspace-repo.ts';

let root = '';

beforeEach(() => {
  root = makeFolder();
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const writing = (content: string, effectId = 'effect-1'): PatchRequest => ({
  files: [{ path: 'new/report.md', content }],
  mayWrite: () => true,
  effectId,
  message: 'Write a report',
  runValidate: () => Promise.reject(new Error('there is nothing to validate')),
});

describe('what a node plants', () => {
  /** Every setting through which git starts a program, in a file that trusted git must never read. */
  function hostileConfig(marker: string): string {
    const script = path.join(root, 'evil.sh');
    writeFileSync(script, `#!/bin/sh\ntouch ${marker}\ncat\n`, { mode: 0o755 });
    const filter = `[filter "evil"]\n\tclean = ${script}\n\tsmudge = ${script}\n\trequired = true\n`;
    const core = `[core]\n\trepositoryFormatVersion = 0\n\tfsmonitor = ${script}\n\thooksPath = ${root}/hooks\n\tsshCommand = ${script}\n\tpager = ${script}\n`;
    mkdirSync(path.join(root, 'hooks'), { recursive: true });
    for (const hook of ['pre-commit', 'post-commit', 'reference-transaction', 'post-index-change', 'post-checkout']) {
      writeFileSync(path.join(root, 'hooks', hook), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
    }
    return `${core}${filter}[diff]\n\texternal = ${script}\n[uploadpack]\n\tpackObjectsHook = ${script}\n`;
  }

  async function useTrusted(workspace: Workspace, repo: string): Promise<void> {
    await snapshotFiles(workspace, { files: [{ path: 'readme.md', content: 'changed\n' }], mayWrite: () => true });
    await applyPatch(workspace, { ...writing('x\n'), files: [{ path: 'readme.md', content: 'changed\n' }] });
    const failing = {
      ...writing('y\n', 'effect-2'),
      validate: ['check'],
      runValidate: () => Promise.resolve({ exit_code: 1, stdout: '', stderr: '' }),
    };
    await expect(applyPatch(workspace, failing)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await openWorkspace({ repo, base: workspace.base, runId: workspace.runId, dir: path.dirname(workspace.root) });
    await publishBranch(workspace, repo);
  }

  test('in place of the .git file or as a nested repository is never executed', async () => {
    const repo = makeRepo(root);
    git(repo, 'update-index', '--add', '--cacheinfo', `160000,${git(repo, 'rev-parse', 'HEAD')},vendor/submodule`);
    git(repo, 'commit', '-q', '-m', 'a submodule');
    const base = git(repo, 'rev-parse', 'HEAD');
    const workspace = await openWorkspace({ repo, base, runId: 'r_1', dir: path.join(root, 'workspaces') });
    const marker = path.join(root, 'executed');
    const config = hostileConfig(marker);
    rmSync(path.join(workspace.tree, '.git'));
    for (const folder of ['.', 'src/nested', 'vendor/submodule']) {
      const at = path.join(workspace.tree, folder);
      git(root, 'init', '-q', at);
      writeFileSync(path.join(at, '.gitattributes'), '* filter=evil diff=evil\n');
      writeFileSync(path.join(at, 'note.txt'), 'note\n');
      git(at, 'add', 'note.txt');
      git(at, 'commit', '-q', '-m', 'nested');
      writeFileSync(path.join(at, '.git/config'), config);
    }
    await useTrusted(workspace, repo);
    expect(existsSync(marker)).toBe(false);
    expect(git(repo, 'ls-tree', '-r', '--format=%(objectmode) %(path)', 'gimo/r_1', 'vendor', 'src')).toBe(
      '100644 src/deep/only.txt\n160000 vendor/submodule',
    );
    // The trap is a real one: git that looks around falls into it.
    git(workspace.tree, 'status');
    expect(existsSync(marker)).toBe(true);
  });

  test.for(['bubblewrap', 'unshare'] as const)(
    'from inside %s cannot be planted at all, while git can be read there',
    async (kind, context) => {
      const status = await probeKind(kind);
      if (typeof status === 'string') throw context.skip(status);
      const { repo, workspace } = await makeWorkspace(root);
      const code = [
        'git log --format=%s; git status --porcelain',
        `for target in .git ${workspace.gitDir}/config ${workspace.gitDir}/hooks ${workspace.gitDir}/info/attributes; do`,
        '  (echo evil >> $target) 2>/dev/null && echo "wrote $target"; rm -rf $target 2>/dev/null && [ ! -e $target ] && echo "removed $target"',
        'done; git config core.fsmonitor evil 2>/dev/null && echo "configured"; echo note > note.txt; true',
      ].join('\n');
      const before = photograph(workspace.gitDir);
      const paths = { ...workspaceFencePaths(workspace, { isReader: false }), coverPaths: [root] };
      const command = await prepareFence(status, { argv: ['sh', '-c', code], cwd: workspace.tree, env: {}, ...paths, network: 'none' });
      const result = await runProcess({ ...command, effectId: 'workspace-test' });
      expect(result.stderr).toBe('');
      expect(result.stdout.split('\n').filter((line) => line !== `removed ${workspace.gitDir}/hooks`)).toEqual(['first', '']);
      expect(photograph(workspace.gitDir)).toEqual(before);
      expect(readFileSync(path.join(workspace.tree, '.git'), 'utf8')).toBe('gitdir: ../git\n');
      await useTrusted(workspace, repo);
      const reader = { ...workspaceFencePaths(workspace, { isReader: true }), coverPaths: [root] };
      const reading = await prepareFence(status, {
        argv: ['sh', '-c', 'cat note.txt && echo x > note.txt'],
        cwd: workspace.tree,
        env: {},
        ...reader,
        network: 'none',
      });
      expect(await runProcess({ ...reading, effectId: 'workspace-test' })).toMatchObject({ exit_code: 2, stdout: 'note\n' });
    },
  );
});
