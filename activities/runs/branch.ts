import { existsSync } from 'node:fs';
import path from 'node:path';
import { GimoError } from '#contract/errors.ts';
import type { Approved, RunRecord } from '#contract/objects.ts';
import type { ActivityDeps } from '../deps.ts';
import { gitText } from '#platform/git.ts';
import { placeOf, type Workspace } from '../workspace/place.ts';
import { publishBranch } from '../workspace/publish-branch.ts';
import { openWorkspace, type ForkStart } from '../workspace/workspace.ts';

/** Forks of forks that are asked for a commit. */
const MAX_LINEAGE = 100;

export type PublishedBranch = { branch: string; commit: string };

async function headOf(workspace: Workspace): Promise<string> {
  return gitText(placeOf(workspace), ['rev-parse', '--verify', `refs/heads/${workspace.branch}`]);
}

const opening = new Map<string, Promise<Workspace>>();

export function workspaceDir(deps: ActivityDeps, runId: string): string {
  return path.join(deps.config.paths.workspaces, runId);
}

/** Where the clone of a fork begins, and the runs before it that may hold that commit; null when it begins at the approved one. */
async function startOf(deps: ActivityDeps, runId: string): Promise<ForkStart | null> {
  const first = (await deps.gics.get<RunRecord>('runs', runId))?.value.forked_from ?? null;
  if (first === null || first.commit === null) return null;
  const holders: string[] = [];
  for (let from: RunRecord['forked_from'] = first; from !== null && holders.length < MAX_LINEAGE;) {
    holders.push(from.run_id);
    from = (await deps.gics.get<RunRecord>('runs', from.run_id))?.value.forked_from ?? null;
  }
  return { commit: first.commit, holders };
}

/** The private clone of a run, made at its first use from the commit that was approved. Throws: REPO_REFUSED, WORKSPACE_FAILED. */
export function runWorkspace(deps: ActivityDeps, runId: string, approved: Pick<Approved, 'preconditions'>): Promise<Workspace> {
  const known = opening.get(runId);
  if (known) return known;
  const { repo, base_commit: base } = approved.preconditions;
  if (repo === null || base === null) throw new GimoError('REPO_REFUSED', { message: 'The approval names no repository.' });
  const opened = startOf(deps, runId)
    .then((start) => openWorkspace({ repo, base, runId, dir: deps.config.paths.workspaces, start }))
    .catch((error: unknown) => {
      opening.delete(runId);
      throw error;
    });
  opening.set(runId, opened);
  return opened;
}

/** Brings the commits of a run into the operator's repository as a branch. Out: null when the run changed nothing. */
export async function publishResult(deps: ActivityDeps, runId: string, approvedId: string): Promise<PublishedBranch | null> {
  if (!existsSync(workspaceDir(deps, runId))) return null;
  const { approved } = await deps.permits.load(approvedId);
  const { repo, base_commit: base } = approved.preconditions;
  if (repo === null || base === null) return null;
  const workspace = await runWorkspace(deps, runId, approved);
  opening.delete(runId);
  const head = await headOf(workspace);
  if (head === base) return null;
  const { commit } = await publishBranch(workspace, repo);
  return { branch: workspace.branch, commit };
}
