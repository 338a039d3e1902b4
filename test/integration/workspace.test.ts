import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyPatch, type PatchRequest } from '#activities/workspace/apply-patch.ts';
import { publishBranch } from '#activities/workspace/publish-branch.ts';
import { openWorkspace, removeWorkspace, resolveBase } from '#activities/workspace/workspace.ts';
import { git, makeFolder, makeRepo, makeWorkspace, photograph, photographRepo, workspaceGit } from './workspace-repo.ts';

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

describe('the base', () => {
  test('is the commit of HEAD, its branch and whether files differ', async () => {
    const repo = makeRepo(root);
    const commit = git(repo, 'rev-parse', 'HEAD');
    expect(await resolveBase(repo)).toEqual({ commit, branch: 'main', isDirty: false });
    writeFileSync(path.join(repo, 'untracked'), '');
    git(repo, 'checkout', '-q', '--detach');
    expect(await resolveBase(repo)).toEqual({ commit, branch: null, isDirty: true });
  });

  test('is refused where there is no repository, only a part of one, or no commit', async () => {
    const repo = makeRepo(root);
    const empty = path.join(root, 'empty');
    git(root, 'init', '-q', empty);
    for (const wrong of [root, path.join(root, 'missing'), path.join(repo, 'src'), empty]) {
      await expect(resolveBase(wrong)).rejects.toMatchObject({ code: 'REPO_REFUSED' });
    }
    const base = '1'.repeat(40);
    await expect(openWorkspace({ repo, base, runId: 'r_1', dir: path.join(root, 'w') })).rejects.toMatchObject({ code: 'REPO_REFUSED' });
    expect(readdirSync(path.join(root, 'w'))).toEqual([]);
  });
});

describe('a workspace', () => {
  test('holds the bytes of the base commit, without remotes, hooks or other refs, and the repository is only read', async () => {
    const repo = makeRepo(root);
    writeFileSync(path.join(repo, '.git/hooks/post-checkout'), `#!/bin/sh\ntouch ${root}/hook-ran\n`, { mode: 0o755 });
    const before = photographRepo(repo);
    const base = git(repo, 'rev-parse', 'HEAD');
    const workspace = await openWorkspace({ repo, base, runId: 'r_1', dir: path.join(root, 'workspaces') });
    expect(photographRepo(repo)).toEqual(before);
    const tree = photograph(workspace.tree);
    expect(tree).toMatchObject({ '.git': expect.stringContaining('file') });
    const { '.git': _ours, ...files } = tree;
    const { '.git': _theirs, ...expected } = photograph(repo);
    expect(files).toEqual(expected);
    expect(git(workspace.tree, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/gimo/r_1');
    expect(git(workspace.tree, 'remote')).toBe('');
    expect(existsSync(path.join(workspace.gitDir, 'hooks'))).toBe(false);
    expect(existsSync(path.join(root, 'hook-ran'))).toBe(false);
    expect(git(workspace.tree, 'status', '--porcelain')).toBe('');
  });

  test('opened a second time keeps what was done in it; another base is refused', async () => {
    const { repo, workspace } = await makeWorkspace(root);
    writeFileSync(path.join(workspace.tree, 'kept'), 'kept');
    const { base } = workspace;
    const again = await openWorkspace({ repo, base, runId: 'r_1', dir: path.join(root, 'workspaces') });
    expect(again).toEqual(workspace);
    expect(readFileSync(path.join(workspace.tree, 'kept'), 'utf8')).toBe('kept');
    git(repo, 'commit', '-q', '--allow-empty', '-m', 'second');
    const other = { repo, base: git(repo, 'rev-parse', 'HEAD'), runId: 'r_1', dir: path.join(root, 'workspaces') };
    await expect(openWorkspace(other)).rejects.toMatchObject({ code: 'WORKSPACE_FAILED' });
  });

  test('that a crash left unfinished is made anew', async () => {
    const repo = makeRepo(root);
    const dir = path.join(root, 'workspaces');
    mkdirSync(path.join(dir, '.r_1.half/git'), { recursive: true });
    writeFileSync(path.join(dir, '.r_1.half/git/HEAD'), 'nonsense');
    const workspace = await openWorkspace({ repo, base: git(repo, 'rev-parse', 'HEAD'), runId: 'r_1', dir });
    expect(readFileSync(path.join(workspace.tree, 'readme.md'), 'utf8')).toBe('one\ntwo\nthree\n');
    expect(readdirSync(dir)).toEqual(['r_1']);
  });

  test('shares its objects with the repository, and survives a clean-up there', async () => {
    const { repo, workspace } = await makeWorkspace(root);
    const blob = git(repo, 'rev-parse', 'HEAD:readme.md');
    const object = path.join('objects', blob.slice(0, 2), blob.slice(2));
    expect(statSync(path.join(workspace.gitDir, object)).ino).toBe(statSync(path.join(repo, '.git', object)).ino);
    git(repo, 'update-ref', '-d', 'refs/heads/main');
    git(repo, 'reflog', 'expire', '--all', '--expire=now');
    git(repo, 'gc', '-q', '--prune=now');
    expect(workspaceGit(workspace, 'fsck', '--full')).toBe('');
    await applyPatch(workspace, writing('text\n'));
    expect(workspaceGit(workspace, 'show', 'HEAD:new/report.md')).toBe('text');
  });

  test('of a repository that borrows its objects, or of a linked worktree, stands on its own', async () => {
    const original = makeRepo(root);
    const borrower = path.join(root, 'borrower');
    git(root, 'clone', '-q', '--shared', original, borrower);
    const linked = path.join(root, 'linked');
    git(original, 'worktree', 'add', '-q', '--detach', linked);
    for (const [runId, repo] of [
      ['r_1', borrower],
      ['r_2', linked],
    ] as const) {
      const base = git(repo, 'rev-parse', 'HEAD');
      const workspace = await openWorkspace({ repo, base, runId, dir: path.join(root, 'workspaces') });
      expect(existsSync(path.join(workspace.gitDir, 'objects/info/alternates'))).toBe(false);
      expect(workspaceGit(workspace, 'fsck', '--full')).toBe('');
    }
  });

  test('two runs on one repository do not see each other', async () => {
    const repo = makeRepo(root);
    const before = photographRepo(repo);
    const base = git(repo, 'rev-parse', 'HEAD');
    const one = async (runId: string): Promise<string> => {
      const workspace = await openWorkspace({ repo, base, runId, dir: path.join(root, 'workspaces') });
      await applyPatch(workspace, writing(`${runId}\n`));
      return (await publishBranch(workspace, repo)).ref;
    };
    expect(await Promise.all(['r_1', 'r_2', 'r_3'].map(one))).toEqual([
      'refs/heads/gimo/r_1',
      'refs/heads/gimo/r_2',
      'refs/heads/gimo/r_3',
    ]);
    for (const runId of ['r_1', 'r_2', 'r_3']) expect(git(repo, 'show', `gimo/${runId}:new/report.md`)).toBe(runId);
    expect(photographRepo(repo)).toEqual(before);
  });

  test('is removed with all it holds, also where a process took away the rights', async () => {
    const { workspace } = await makeWorkspace(root);
    mkdirSync(path.join(workspace.tree, 'locked/inner'), { recursive: true });
    writeFileSync(path.join(workspace.tree, 'locked/inner/file'), '', { mode: 0o000 });
    git(root, 'init', '-q', path.join(root, 'elsewhere'));
    await removeWorkspace(workspace);
    await removeWorkspace(workspace);
    expect(readdirSync(path.join(root, 'workspaces'))).toEqual([]);
  });
});

describe('publishing', () => {
  test('brings the branch into the repository, runs no hook there, and can be repeated', async () => {
    const { repo, workspace } = await makeWorkspace(root);
    for (const hook of ['reference-transaction', 'post-merge', 'post-update', 'post-checkout']) {
      writeFileSync(path.join(repo, '.git/hooks', hook), `#!/bin/sh\ntouch ${root}/hook-ran\n`, { mode: 0o755 });
    }
    writeFileSync(path.join(repo, 'readme.md'), 'the operator is at work\n');
    const before = photographRepo(repo);
    const { commit } = await applyPatch(workspace, writing('text\n'));
    expect(await publishBranch(workspace, repo)).toEqual({ ref: 'refs/heads/gimo/r_1', commit });
    expect(await publishBranch(workspace, repo)).toEqual({ ref: 'refs/heads/gimo/r_1', commit });
    const later = await applyPatch(workspace, writing('more\n', 'effect-2'));
    await publishBranch(workspace, repo);
    expect(git(repo, 'rev-parse', 'gimo/r_1')).toBe(later.commit);
    expect(photographRepo(repo)).toEqual(before);
    expect(existsSync(path.join(root, 'hook-ran'))).toBe(false);
  });

  test('leaves a branch alone that holds other commits or is checked out', async () => {
    const { repo, workspace } = await makeWorkspace(root);
    await applyPatch(workspace, writing('text\n'));
    git(repo, 'checkout', '-q', '-b', 'gimo/r_1');
    await expect(publishBranch(workspace, repo)).rejects.toMatchObject({ code: 'CONFLICT' });
    git(repo, 'commit', '-q', '--allow-empty', '-m', 'of the operator');
    git(repo, 'checkout', '-q', 'main');
    const theirs = git(repo, 'rev-parse', 'gimo/r_1');
    await expect(publishBranch(workspace, repo)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(git(repo, 'rev-parse', 'gimo/r_1')).toBe(theirs);
  });
});
