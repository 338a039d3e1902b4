import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FenceStatus } from './fence.ts';
import { assertUncovered, fenceCommand, resolveFenceSpec } from './fence-command.ts';
import { sandboxProfile } from './sandbox-exec.ts';
import { findProcessCountLimit, toolPaths } from './system-paths.ts';

let root = '';

beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'gimo-spec-')));
  mkdirSync(path.join(root, 'data/keys'), { recursive: true });
  mkdirSync(path.join(root, 'ws'));
  writeFileSync(path.join(root, 'data/keys/token'), '');
  symlinkSync(path.join(root, 'data/keys'), path.join(root, 'ws/link'));
  symlinkSync(path.join(root, 'data'), path.join(root, 'data-link'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const spec = { argv: ['true'], env: {}, readPaths: [], writePaths: [], coverPaths: [], network: 'none' as const };

test('links are resolved before anything is covered, and covers are told apart by what they are', async () => {
  const coverPaths = [path.join(root, 'data-link'), path.join(root, 'data/keys/token'), path.join(root, 'missing')];
  const resolved = await resolveFenceSpec({ ...spec, cwd: path.join(root, 'ws'), coverPaths });
  expect(resolved).toMatchObject({ coverDirs: [path.join(root, 'data')], coverFiles: [path.join(root, 'data/keys/token')] });
});

test('a folder to show is refused when a link leads into or through what is covered', async () => {
  const covers = [path.join(root, 'data-link')];
  const at = (file: string): string => path.join(root, file);
  mkdirSync(at('data/ws/src'), { recursive: true });
  symlinkSync(at('data/keys'), at('data/ws/planted'));
  symlinkSync('/etc', at('data/ws/etc'));
  for (const wrong of ['data/ws/planted', 'data-link/ws/planted', 'data/ws/etc', 'ws/link']) {
    const exposed = [{ writePaths: [at(wrong)] }, { readPaths: [at(wrong)] }];
    for (const paths of exposed) {
      await expect(resolveFenceSpec({ ...spec, ...paths, cwd: root, coverPaths: covers })).rejects.toMatchObject({
        code: 'OUTSIDE_ENVELOPE',
      });
    }
  }
  for (const right of ['data/ws/src', 'data-link/ws/src']) {
    const resolved = await resolveFenceSpec({ ...spec, writePaths: [at(right)], cwd: root, coverPaths: covers });
    expect(resolved.writePaths).toEqual([at('data/ws/src')]);
  }
});

test('a missing working folder or writable path is refused', async () => {
  await expect(resolveFenceSpec({ ...spec, cwd: path.join(root, 'no') })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await expect(resolveFenceSpec({ ...spec, cwd: root, writePaths: [path.join(root, 'no')] })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
});

test('a path of a plan that leads into a covered folder, also through a link, is refused', async () => {
  const covers = [path.join(root, 'data-link')];
  for (const wrong of ['data', 'data/keys/token', 'ws/link', 'ws/link/token', 'data/not-there']) {
    await expect(assertUncovered([path.join(root, wrong)], covers)).rejects.toMatchObject({ code: 'OUTSIDE_ENVELOPE' });
  }
  expect(await assertUncovered([path.join(root, 'ws')], covers)).toEqual([path.join(root, 'ws')]);
});

test('without a fence nothing is started', () => {
  const status = { kind: 'none', detail: 'none here.', capabilities: [], processCountLimit: null } as unknown as FenceStatus;
  const resolved = { ...spec, cwd: root, coverDirs: [], coverFiles: [] };
  expect(() => fenceCommand(status, resolved)).toThrow(expect.objectContaining({ code: 'SANDBOX_MISSING' }));
});

test('the number of processes is limited in the way that the kernel counts them', () => {
  expect(['6.13.0', '6.14.1', '7.0.0-rc1', '5.10.0-x'].map((release) => findProcessCountLimit(release, 0))).toEqual([
    null,
    'pid_max',
    'pid_max',
    null,
  ]);
  expect(['5.13.0', '5.14.0', '6.1.0'].map((release) => findProcessCountLimit(release, 1000))).toEqual([null, 'nproc', 'nproc']);
});

test('of a prefix with programs only the programs and their libraries are shown', () => {
  for (const dir of ['bin', 'lib', 'share']) mkdirSync(path.join(root, 'prefix', dir), { recursive: true });
  const found = toolPaths(`/usr/bin:${path.join(root, 'prefix/bin')}:relative:${path.join(root, 'missing')}`);
  expect(found).toEqual([path.join(root, 'prefix/bin'), path.join(root, 'prefix/lib')]);
});

test('the profile of macOS opens the workspace after it has closed the data directory', () => {
  const profile = sandboxProfile({ ...spec, cwd: '/d/ws', writePaths: ['/d/ws'], coverDirs: ['/d "x"'], coverFiles: [] });
  expect(profile.indexOf('(deny file-read* file-write* network* (subpath "/d \\"x\\""))')).toBeGreaterThan(0);
  expect(profile.indexOf('(allow file-read* file-write* (subpath "/d/ws"))')).toBeGreaterThan(profile.indexOf('(deny file-read*'));
  expect(profile).toContain('(deny network*)');
});
