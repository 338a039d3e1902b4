/** Random patches, with failed validations that spoil the tree at random, and kills at random times: the tree is as before or as after. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { applyPatch } from '#activities/workspace/apply-patch.ts';
import type { Workspace } from '#activities/workspace/place.ts';
import { openWorkspace } from '#activities/workspace/workspace.ts';
import { rounds } from '../helpers/deep.ts';
import { until } from '../helpers/until.ts';
import { ALPHABETS, randomOf, type Random } from '../security/random.ts';
import { makeFolder, makeWorkspace, photograph, workspaceGit } from './workspace-repo.ts';

type Files = { path: string; content: string | null }[];

const FAILURES = rounds({ quick: 12, deep: 1000 });
const KILLS = rounds({ quick: 5, deep: 200 });
const LIMIT_MS = 2000 + 1500 * Math.max(FAILURES, KILLS);
const MOST_FILES = 30;
const FOLDERS = ['.', 'src', 'src/deep', 'one', 'one/two', 'one/two/three'] as const;

let root = '';
let workspace: Workspace;
let repo = '';
beforeEach(async () => {
  root = makeFolder();
  ({ workspace, repo } = await makeWorkspace(root));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = (file: string): string => path.join(workspace.tree, file);
const head = (): string => workspaceGit(workspace, 'rev-parse', 'HEAD');

/** Files that are there, some to be changed, some to be deleted, and some that are not there yet. */
function randomFiles(random: Random): Files {
  const there = Object.entries(photograph(workspace.tree)).filter(([file, what]) => what.startsWith('file') && !file.startsWith('.git'));
  const changed = there
    .filter(() => random.below(3) === 0)
    .map(([file]) => ({ path: file, content: random.below(3) === 0 ? null : random.text(ALPHABETS.alnum, 1 + random.below(20_000)) }));
  const made = Array.from({ length: 1 + random.below(MOST_FILES) }, (_none, index) => ({
    path: path.join(random.pick(FOLDERS), `n${index}-${random.text(ALPHABETS.lower, 6)}.txt`),
    content: random.text(ALPHABETS.alnum, random.below(5000)),
  }));
  return [...changed, ...made];
}

/** What a validation may do to the tree before it fails. */
function spoil(random: Random): void {
  for (let step = random.below(8); step >= 0; step--) {
    const names = readdirSync(workspace.tree).filter((name) => name !== '.git');
    const name = names[random.below(names.length)] ?? 'none';
    const chance = random.below(4);
    if (chance === 0) rmSync(at(name), { recursive: true, force: true });
    else if (chance === 1) mkdirSync(at(`made-${random.text(ALPHABETS.lower, 5)}/inner`), { recursive: true });
    else if (chance === 2 && !existsSync(at('a-link'))) symlinkSync(root, at('a-link'));
    else if (existsSync(at(name)) && statSync(at(name)).isFile()) writeFileSync(at(name), random.text(ALPHABETS.alnum, 100));
  }
}

// verifies: VX-MAN-1
it(`the tree is as before after each of ${FAILURES} patches that fail`, { timeout: LIMIT_MS }, async () => {
  for (let seed = 1; seed <= FAILURES; seed++) {
    const random = randomOf(seed);
    writeFileSync(at('untracked.txt'), random.text(ALPHABETS.alnum, 50));
    const [before, commit] = [photograph(workspace.tree), head()];
    const runValidate = (): Promise<{ exit_code: number; stdout: string; stderr: string }> => {
      spoil(random);
      return Promise.resolve({ exit_code: 1, stdout: '', stderr: '' });
    };
    const request = {
      files: randomFiles(random),
      effectId: `effect-${seed}`,
      message: 'Change files',
      mayWrite: () => true,
      validate: ['check'],
      runValidate,
    };
    await expect(applyPatch(workspace, request), `seed ${seed}`).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(photograph(workspace.tree), `seed ${seed}`).toEqual(before);
    expect(head(), `seed ${seed}`).toBe(commit);
  }
});

const CHILD = path.join(import.meta.dirname, 'patch-killed.ts');

/** Waits: until the process is dead, and what it had started has ended, as before the start of another worker. Out: how long it took. */
async function killedAfter(ms: number | null, files: Files): Promise<number> {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(workspace), '', JSON.stringify(files)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  const begun = performance.now();
  if (ms !== null) await delay(ms);
  if (ms !== null) child.kill('SIGKILL');
  await ended;
  const took = performance.now() - begun;
  await until(() => expect(isGroupThere(child.pid ?? 0)).toBe(false), { timeout: 10_000, interval: 5 });
  return took;
}

function isGroupThere(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

const openAgain = (): Promise<Workspace> => openWorkspace({ repo, base: workspace.base, runId: 'r_1', dir: path.dirname(workspace.root) });

const wantedOf = (files: Files): Record<string, string | null> =>
  Object.fromEntries(files.map(({ path: file, content }) => [file, content]));
const contentsOf = (files: Files): Record<string, string | null> =>
  Object.fromEntries(files.map(({ path: file }) => [file, existsSync(at(file)) ? readFileSync(at(file), 'utf8') : null]));

it(`the tree is as before or as after each of ${KILLS} kills in a patch, never between`, { timeout: LIMIT_MS }, async () => {
  const whole = await killedAfter(null, randomFiles(randomOf(0)));
  let undone = 0;
  for (let seed = 1; seed <= KILLS; seed++) {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root);
    ({ workspace, repo } = await makeWorkspace(root));
    const random = randomOf(seed);
    const files = randomFiles(random);
    const before = photograph(workspace.tree);
    await killedAfter(random.below(Math.ceil(whole * 1.2)), files);
    await openAgain();
    const isUndone = head() === workspace.base;
    if (isUndone) undone++;
    // With a commit its files are as it says; without one there is no difference at all.
    expect(isUndone ? photograph(workspace.tree) : contentsOf(files), `seed ${seed}`).toEqual(isUndone ? before : wantedOf(files));
    expect(workspaceGit(workspace, 'status', '--porcelain', '--untracked-files=no'), `seed ${seed}`).toBe('');
  }
  console.log(`${undone} of ${KILLS} kills came before the commit`);
});
