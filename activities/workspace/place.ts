/** Where a workspace lies and how it is addressed. */
import path from 'node:path';
import { GimoError } from '#contract/errors.ts';
import type { GitPlace } from '#platform/git.ts';

export type Workspace = {
  runId: string;
  /** Folder of everything that belongs to the workspace. */
  root: string;
  tree: string;
  gitDir: string;
  /** `gimo/<run id>` */
  branch: string;
  base: string;
  repo: string;
};

const RUN_ID = /^[A-Za-z0-9_-]{1,64}$/;
const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** Where everything of a workspace lies; nothing is read or made. */
export function workspaceAt(given: { repo: string; base: string; runId: string; dir: string }): Workspace {
  if (!RUN_ID.test(given.runId)) throw new GimoError('BAD_REQUEST', { message: `${JSON.stringify(given.runId)} is no run id.` });
  if (!COMMIT.test(given.base)) throw new GimoError('BAD_REQUEST', { message: `${JSON.stringify(given.base)} is no full commit id.` });
  const root = path.join(path.resolve(given.dir), given.runId);
  const parts = { root, tree: path.join(root, 'tree'), gitDir: path.join(root, 'git') };
  return { runId: given.runId, ...parts, branch: `gimo/${given.runId}`, base: given.base, repo: given.repo };
}

export function placeOf(workspace: Workspace): GitPlace {
  return { gitDir: workspace.gitDir, tree: workspace.tree, mark: `workspace-${workspace.runId}` };
}

/** Paths for the spec of a fence in which a node works on the workspace; `isReader` for nodes that only read it. */
export function workspaceFencePaths(workspace: Workspace, options: { isReader: boolean }): { readPaths: string[]; writePaths: string[] } {
  const git = [workspace.gitDir, path.join(workspace.tree, '.git')];
  return options.isReader ? { readPaths: [workspace.tree, ...git], writePaths: [] } : { readPaths: git, writePaths: [workspace.tree] };
}
