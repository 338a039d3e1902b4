import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRepo } from '#test/helpers/repo.ts';
import { runGit } from './git.ts';

let dir = '';
let repo = '';
let pipe = '';
beforeAll(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-git-'));
  repo = makeRepo(path.join(dir, 'repo'), { 'large.txt': 'x'.repeat(3_000_000) });
  pipe = path.join(dir, 'pipe');
  execFileSync('mkfifo', [pipe]);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Nobody writes into the pipe, so git waits for ever. */
const waiting = (): string[] => ['hash-object', '--no-filters', pipe];

describe('git', () => {
  it('is ended when it has written enough', async () => {
    const { stdout, isCut } = await runGit({ repo }, ['show', 'HEAD:large.txt'], { maxBytes: 1000 });
    expect([stdout.length, isCut]).toEqual([1000, true]);
    expect((await runGit({ repo }, ['show', 'HEAD:large.txt'], { maxBytes: 3_000_000 })).isCut).toBe(false);
  });

  it('is ended by its time limit', async () => {
    await expect(runGit({ repo }, waiting(), { timeoutMs: 50 })).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('is ended when the caller is gone, and does not start when that was before', async () => {
    const stop = new AbortController();
    const running = runGit({ repo }, waiting(), { signal: stop.signal });
    stop.abort();
    await expect(running).rejects.toMatchObject({ code: 'STOPPED' });
    await expect(runGit({ repo }, ['--version'], { signal: stop.signal })).rejects.toMatchObject({ code: 'STOPPED' });
  });

  it('fails with the code of the caller and with what it said', async () => {
    const failing = runGit({ repo }, ['show', 'nowhere'], { code: 'REPO_REFUSED' });
    await expect(failing).rejects.toMatchObject({ code: 'REPO_REFUSED', message: expect.stringContaining('nowhere') });
  });
});
