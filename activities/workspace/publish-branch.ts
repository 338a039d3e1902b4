import { GimoError, errorCode } from '#contract/errors.ts';
import { gitText, runGit } from '#platform/git.ts';
import { exclusively } from './lock.ts';
import { placeOf, type Workspace } from './place.ts';

/**
 * Fetch the run's branch into the operator's repository as `refs/heads/gimo/<run id>`: no hook runs, the working copy, the index, the current
 * branch and FETCH_HEAD stay as they are. A second call does nothing; a later one moves the branch forward.
 * Out: the ref and its commit. Throws: CONFLICT when the ref there holds other commits or is checked out; REPO_REFUSED.
 */
export async function publishBranch(workspace: Workspace, repo: string): Promise<{ ref: string; commit: string }> {
  const ref = `refs/heads/${workspace.branch}`;
  return exclusively(workspace.root, async () => {
    const quiet = ['--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules', '--refmap='];
    try {
      await runGit({ repo }, ['fetch', ...quiet, '--', workspace.gitDir, `${ref}:${ref}`], { code: 'REPO_REFUSED' });
    } catch (error) {
      if (errorCode(error) !== 'REPO_REFUSED' || !(error instanceof Error)) throw error;
      if (!/rejected|non-fast-forward|refusing to fetch/.test(error.message)) throw error;
      const message = `The branch ${workspace.branch} in ${repo} holds other commits or is checked out there, so it was left alone.`;
      throw new GimoError('CONFLICT', { message, cause: error });
    }
    return { ref, commit: await gitText(placeOf(workspace), ['rev-parse', '--verify', ref]) };
  });
}
