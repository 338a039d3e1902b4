/** A patch as one step: checked, applied, validated and committed, or the workspace is as before. */
import { copyFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { GimoError } from '#contract/errors.ts';
import { failpoint } from '#platform/failpoints.ts';
import type { ProcessResult } from '../process/run-process.ts';
import { ABSENT, diffTrees, gitText, runGit } from '#platform/git.ts';
import { fileMode, removeTree } from './files.ts';
import { exclusively } from './lock.ts';
import type { PatchRules } from './patch-named.ts';
import { contentsBefore, planPatch, type FileSnapshot, type PatchPlan } from './patch-plan.ts';
import { endJournal, recover, writeJournal, type Journal } from './recover.ts';
import { listOthers } from './snapshot.ts';
import { placeOf, type Workspace } from './place.ts';

export type ValidationResult = Pick<ProcessResult, 'exit_code' | 'stdout' | 'stderr'> &
  Partial<Pick<ProcessResult, 'timed_out' | 'stopped'>>;

export type PatchRequest = PatchRules & {
  /** A commit that the branch must contain. */
  base?: string;
  validate?: string[];
  /** Identity of the effect: the commit carries it, a second call with it changes nothing. */
  effectId: string;
  message: string;
  /** Runs the validation (in a fence) and tells how it ended. */
  runValidate: (argv: string[]) => Promise<ValidationResult>;
};

export type PatchResult = { commit: string; files: string[] };

const TRAILER = 'Gimo-Effect';

async function checkBase(workspace: Workspace, base: string | undefined): Promise<void> {
  if (base === undefined) return;
  const answer = await runGit(placeOf(workspace), ['merge-base', '--is-ancestor', base, 'HEAD'], { accept: [0, 1, 128] });
  if (answer.exitCode !== 0)
    throw new GimoError('PATCH_PRECONDITION', { message: `The branch does not contain the commit ${base} that the patch was made for.` });
}

async function filesOf(workspace: Workspace, from: string, to: string): Promise<string[]> {
  return (await diffTrees(placeOf(workspace), from, to)).map((change) => change.path).sort();
}

/** The commit that an earlier call made for this effect. */
async function findCommit(workspace: Workspace, effectId: string): Promise<PatchResult | null> {
  const format = `--format=%H %(trailers:key=${TRAILER},valueonly,separator=%x20)`;
  const log = await gitText(placeOf(workspace), ['log', format, `${workspace.base}..HEAD`]);
  const line = log.split('\n').find((candidate) => candidate.slice(candidate.indexOf(' ') + 1) === effectId);
  if (line === undefined) return null;
  const commit = line.slice(0, line.indexOf(' '));
  return { commit, files: await filesOf(workspace, `${commit}^`, commit) };
}

/** The message without lines that claim to be the trailer: a later effect must not be taken for done. */
function commitMessage(message: string, effectId: string): string {
  const lines = message.split(/\r?\n/).filter((line) => !line.trimStart().toLowerCase().startsWith(`${TRAILER.toLowerCase()}:`));
  const text = lines.join('\n').trim() || 'Apply a patch';
  return `${text}\n\n${TRAILER}: ${effectId}\n`;
}

async function makeJournal(workspace: Workspace, plan: PatchPlan, effectId: string): Promise<Journal> {
  const modes: Record<string, number> = {};
  for (const { path: file } of plan.changes) {
    const mode = await fileMode(path.join(workspace.tree, file));
    if (mode !== null) modes[file] = mode;
  }
  const head = await gitText(placeOf(workspace), ['rev-parse', 'HEAD']);
  const others = await listOthers(workspace, plan.before.index);
  return { effect_id: effectId, head, pre_tree: plan.before.tree, others, modes };
}

async function writeFiles(workspace: Workspace, plan: PatchPlan): Promise<void> {
  for (const { path: file, newMode, oldMode } of plan.changes) {
    if (newMode === ABSENT || newMode.slice(0, 2) !== oldMode.slice(0, 2)) await removeTree(path.join(workspace.tree, file));
    failpoint('patch.writing');
  }
  const written = plan.changes.filter(({ newMode }) => newMode !== ABSENT).map(({ path: file }) => `${file}\0`);
  await runGit(placeOf(workspace), ['checkout-index', '-f', '-z', '--stdin'], { index: plan.afterIndex, input: written.join('') });
}

async function validate(request: PatchRequest): Promise<void> {
  if (request.validate === undefined) return;
  const result = await request.runValidate(request.validate);
  if (result.stopped === true)
    throw new GimoError('STOPPED', { message: 'It was stopped while the change was validated; the change was rolled back.' });
  if (result.timed_out === true)
    throw new GimoError('TIMEOUT', { message: 'The validation took longer than its limit; the change was rolled back.' });
  if (result.exit_code === 0) return;
  const ends = { stdout: result.stdout.slice(-4000), stderr: result.stderr.slice(-4000) };
  throw new GimoError('VALIDATION_FAILED', {
    message: `The validation command ended with ${result.exit_code ?? 'a signal'}, and the change was rolled back.`,
    data: { exit_code: result.exit_code, ...ends },
  });
}

/** Commits the files of the plan as the plan made them, nothing else; the moving of the branch is the instant at which it is done. */
async function commit(workspace: Workspace, plan: PatchPlan, journal: Journal, request: PatchRequest): Promise<PatchResult> {
  const place = placeOf(workspace);
  const index = path.join(workspace.gitDir, 'gimo-commit');
  await copyFile(path.join(workspace.gitDir, 'index'), index);
  const entries = plan.changes.map(({ path: file, newMode, newBlob }) => `${newMode === ABSENT ? '0' : newMode} ${newBlob}\t${file}\0`);
  await runGit(place, ['update-index', '-z', '--index-info'], { index, input: entries.join('') });
  const durable = ['-c', 'core.fsync=committed,loose-object,reference'];
  const tree = await gitText(place, [...durable, 'write-tree'], { index });
  const input = commitMessage(request.message, request.effectId);
  const made = await gitText(place, [...durable, 'commit-tree', '-p', journal.head, '-F', '-', tree], { input });
  await runGit(place, [...durable, 'update-ref', `refs/heads/${workspace.branch}`, made, journal.head]);
  failpoint('patch.committed');
  await rename(index, path.join(workspace.gitDir, 'index'));
  return { commit: made, files: plan.changes.map((change) => change.path).sort() };
}

async function applyNow(workspace: Workspace, request: PatchRequest): Promise<PatchResult> {
  await recover(workspace);
  const done = await findCommit(workspace, request.effectId);
  if (done !== null) return done;
  await checkBase(workspace, request.base);
  const plan = await planPatch(workspace, request);
  const journal = await makeJournal(workspace, plan, request.effectId);
  await writeJournal(workspace, journal);
  let result: PatchResult;
  try {
    await writeFiles(workspace, plan);
    failpoint('patch.applied');
    await validate(request);
    result = await commit(workspace, plan, journal, request);
  } catch (error) {
    await recover(workspace);
    throw error;
  }
  await endJournal(workspace);
  await rm(plan.afterIndex, { force: true });
  return result;
}

/**
 * Apply a patch to the workspace, validate it, commit it on the run's branch with the trailer `Gimo-Effect`.
 * The patch applies to the files as they are now, also to what earlier nodes left uncommitted in them; only its own files are committed.
 * On any failure the workspace is as before (see `restore` for ignored files). After a kill the next call, or openWorkspace, first undoes
 * what was left. With an `effectId` that was committed already, nothing happens and that commit is the answer.
 * Waits: for the validation. Throws: DIFF_REFUSED, PATCH_PRECONDITION, PATCH_FAILED, OUTSIDE_ENVELOPE, VALIDATION_FAILED, STOPPED, TIMEOUT,
 * WORKSPACE_FAILED, BAD_REQUEST, and what runValidate throws.
 */
export async function applyPatch(workspace: Workspace, request: PatchRequest): Promise<PatchResult> {
  if (!/^[\x21-\x7e]{1,200}$/.test(request.effectId))
    throw new GimoError('BAD_REQUEST', { message: 'An effect id is one printable word.' });
  return exclusively(workspace.root, () => applyNow(workspace, request));
}

/** The files that a patch would touch, as they are now; nothing is changed. Throws: as applyPatch does before it applies. */
export async function snapshotFiles(workspace: Workspace, request: PatchRules): Promise<FileSnapshot[]> {
  return exclusively(workspace.root, async () => {
    await recover(workspace);
    const plan = await planPatch(workspace, request);
    return contentsBefore(workspace, plan);
  });
}
