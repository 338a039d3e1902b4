import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyPatch, type PatchRequest } from '#activities/workspace/apply-patch.ts';
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

/** Answers of validations that change files before they fail. */
function failing(change: () => void): PatchRequest['runValidate'] {
  return () => {
    change();
    return Promise.resolve({ exit_code: 1, stdout: 'checked', stderr: 'wrong' });
  };
}

// verifies: VX-MAN-1
describe('a failed validation', () => {
  test('leaves everything as it was: contents, modes, links, new and deleted files, empty folders', async () => {
    chmodSync(at('readme.md'), 0o600);
    chmodSync(at('dos.txt'), 0o640);
    writeFileSync(at('untracked.txt'), 'kept');
    mkdirSync(at('empty/inner'), { recursive: true });
    mkdirSync(at('build'));
    writeFileSync(at('build/old.o'), 'kept');
    const before = photograph(workspace.tree);
    const head = workspaceGit(workspace, 'rev-parse', 'HEAD');
    const runValidate = failing(() => {
      writeFileSync(at('dos.txt'), 'changed');
      writeFileSync(at('untracked.txt'), 'changed');
      chmodSync(at('tool.sh'), 0o644);
      unlinkSync(at('link'));
      writeFileSync(at('link'), 'a file now');
      rmSync(at('src'), { recursive: true, force: true });
      symlinkSync(root, at('src'));
      mkdirSync(at('made/by/validation'), { recursive: true });
      writeFileSync(at('made/report.log'), 'ignored');
      writeFileSync(at('made/report.txt'), 'not ignored');
      mkdirSync(at('nothing-in-it'));
    });
    const failed = applyPatch(workspace, { diff: DIFF, ...rest({ validate: ['make', 'check'], runValidate }) });
    await expect(failed).rejects.toMatchObject({ code: 'VALIDATION_FAILED', data: { exit_code: 1, stdout: 'checked', stderr: 'wrong' } });
    expect(photograph(workspace.tree)).toEqual(before);
    expect(workspaceGit(workspace, 'rev-parse', 'HEAD')).toBe(head);
    expect((await applyPatch(workspace, { diff: DIFF, ...rest() })).files).toHaveLength(3);
  });

  test('that put an ignored link in the place of a folder changes nothing behind the link', async () => {
    const target = path.join(root, 'target/deep');
    mkdirSync(target, { recursive: true });
    writeFileSync(path.join(target, 'only.txt'), 'of the operator');
    const before = photograph(workspace.tree);
    const runValidate = failing(() => {
      writeFileSync(at('.gitignore'), '/src\n');
      rmSync(at('src'), { recursive: true, force: true });
      symlinkSync(path.dirname(target), at('src'));
    });
    const files = [{ path: 'readme.md', content: 'changed' }];
    await expect(applyPatch(workspace, { files, ...rest({ validate: ['x'], runValidate }) })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    expect(readFileSync(path.join(target, 'only.txt'), 'utf8')).toBe('of the operator');
    expect(photograph(workspace.tree)).toEqual(before);
  });

  test('sees the changed files, and passes on what its runner throws after the way back', async () => {
    const before = photograph(workspace.tree);
    let seen = '';
    const runValidate = (argv: string[]): Promise<never> => {
      seen = `${argv.join(' ')}: ${readFileSync(at('readme.md'), 'utf8')}`;
      return Promise.reject(new Error('no sandbox'));
    };
    await expect(applyPatch(workspace, { diff: DIFF, ...rest({ validate: ['make', 'check'], runValidate }) })).rejects.toThrow(
      'no sandbox',
    );
    expect(seen).toBe('make check: one\nzwei\nthree\n');
    expect(photograph(workspace.tree)).toEqual(before);
  });

  test('that was stopped or took too long says so', async () => {
    for (const [ending, code] of [
      ['stopped', 'STOPPED'],
      ['timed_out', 'TIMEOUT'],
    ] as const) {
      const runValidate = (): Promise<{ exit_code: null; stdout: string; stderr: string }> =>
        Promise.resolve({ exit_code: null, stdout: '', stderr: '', [ending]: true });
      await expect(applyPatch(workspace, { diff: DIFF, ...rest({ validate: ['x'], runValidate }) })).rejects.toMatchObject({ code });
    }
  });
});

describe('a worker that is killed', () => {
  async function killAt(point: string): Promise<void> {
    const file = path.join(import.meta.dirname, 'patch-killed.ts');
    const signal = await new Promise((resolve) => {
      execFile(process.execPath, [file, JSON.stringify(workspace), point], (error) => resolve(error?.signal));
    });
    expect(signal).toBe('SIGKILL');
  }

  test.each(['patch.writing', 'patch.writing:3', 'patch.applied'])('at %s leaves what the next call undoes first', async (point) => {
    chmodSync(at('readme.md'), 0o600);
    writeFileSync(at('untracked.txt'), 'kept');
    const before = photograph(workspace.tree);
    await killAt(point);
    writeFileSync(path.join(workspace.gitDir, 'index.lock'), '');
    await openWorkspace({ repo, base: workspace.base, runId: 'r_1', dir: path.dirname(workspace.root) });
    expect(photograph(workspace.tree)).toEqual(before);
    expect(workspaceGit(workspace, 'rev-parse', 'HEAD')).toBe(workspace.base);
    expect((await applyPatch(workspace, { diff: DIFF, ...rest() })).files).toHaveLength(3);
  });

  test('at the instant after the commit has done it', async () => {
    await killAt('patch.committed');
    const after = photograph(workspace.tree);
    const commit = workspaceGit(workspace, 'rev-parse', 'HEAD');
    expect(commit).not.toBe(workspace.base);
    const files = [{ path: 'other', content: '' }];
    expect(await applyPatch(workspace, { files, ...rest() })).toEqual({
      commit,
      files: ['new/folder/file.txt', 'readme.md', 'src/deep/only.txt'],
    });
    expect(photograph(workspace.tree)).toEqual(after);
    expect(git(workspace.tree, 'status', '--porcelain')).toBe('');
  });
});
