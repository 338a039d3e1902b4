/** The active repository: where it is and what git says of it. Reads only; nothing of the repository's own configuration is executed. */
import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Preconditions } from '#contract/decision.ts';
import { errorMessage, GimoError } from '#contract/errors.ts';
import type { Gics } from '#contract/gics.ts';
import { touchesFiles } from '#contract/findings/findings.ts';
import type { Plan } from '#contract/plan.ts';

const run = promisify(execFile);
const GIT_TIMEOUT_MS = 5000;
const OUTPUT_BYTES = 16 * 1024 * 1024;
/** How old a fact may be that is only shown. */
const FRESH_MS = 1000;
const SAFE = ['--no-optional-locks', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];

export type RepoFacts = { path: string; name: string; branch: string | null; commit: string | null; is_dirty: boolean };
export type RepoHead = { path: string; commit: string | null };
type Cached<T> = { at: number; value: Promise<T> } | null;

export const NO_PRECONDITIONS: Preconditions = { repo: null, base_commit: null };

export class Repo {
  readonly #gics: Gics;
  readonly #fallback: string;
  readonly #dataDir: string;
  #head: Cached<RepoHead> = null;
  #facts: Cached<RepoFacts> = null;

  constructor(gics: Gics, { repo, dataDir }: { repo: string; dataDir: string }) {
    this.#gics = gics;
    this.#fallback = repo;
    this.#dataDir = dataDir;
  }

  /** Throws: REPO_REFUSED when the folder does not exist. */
  head(options: { isFresh?: boolean } = {}): Promise<RepoHead> {
    this.#head = renew(this.#head, options.isFresh === true, () => this.#readHead());
    return this.#head.value;
  }

  /** Throws: REPO_REFUSED when the folder does not exist. */
  facts(): Promise<RepoFacts> {
    this.#facts = renew(this.#facts, false, async () => this.factsOf(await this.path()));
    return this.#facts.value;
  }

  /**
   * What a plan is approved for. With `isFresh` git is asked now; else it may be a second old.
   * Throws: REPO_REFUSED when the plan touches files and there is no repository with a commit.
   */
  async preconditions(plan: Pick<Plan, 'nodes'>, options: { isFresh?: boolean } = {}): Promise<Preconditions> {
    if (!touchesFiles(plan)) return NO_PRECONDITIONS;
    const { path: repo, commit } = await this.head(options);
    if (commit === null) throw new GimoError('REPO_REFUSED', { message: `${repo} is not a git repository with a commit.` });
    return { repo, base_commit: commit };
  }

  /** The real path of the active repository. Throws: REPO_REFUSED when it does not exist. */
  async path(): Promise<string> {
    const record = await this.#gics.get<{ path: string }>('settings', 'repo');
    const chosen = record?.value.path ?? this.#fallback;
    try {
      return await realpath(chosen);
    } catch (error) {
      throw new GimoError('REPO_REFUSED', { message: `The repository ${chosen} does not exist.`, cause: error });
    }
  }

  async #readHead(): Promise<RepoHead> {
    const repo = await this.path();
    return { path: repo, commit: await git(repo, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']) };
  }

  /** After the active repository was changed. */
  forget(): void {
    this.#head = null;
    this.#facts = null;
  }

  /** What git says of a folder; without a repository there is no commit. Throws: REPO_REFUSED when git is missing. */
  async factsOf(repo: string): Promise<RepoFacts> {
    const [commit, branch, status] = await Promise.all([
      git(repo, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']),
      git(repo, ['symbolic-ref', '--quiet', '--short', 'HEAD']),
      git(repo, ['status', '--porcelain', '--', '.', ...this.#ownFiles(repo)]),
    ]);
    return { path: repo, name: path.basename(repo), branch, commit, is_dirty: (status ?? '') !== '' };
  }

  /** Our own data directory may lie in the repository; it is no change of its owner's. */
  #ownFiles(repo: string): string[] {
    const relative = path.relative(repo, this.#dataDir);
    return relative === '' || relative.startsWith('..') ? [] : [`:(exclude,literal)${relative}`];
  }
}

function renew<T>(cached: Cached<T>, isFresh: boolean, read: () => Promise<T>): NonNullable<Cached<T>> {
  if (cached !== null && !isFresh && Date.now() - cached.at < FRESH_MS) return cached;
  return { at: Date.now(), value: read() };
}

/** Out: what git wrote, null when it ended with an error (no repository, no commit, detached). */
async function git(repo: string, args: string[]): Promise<string | null> {
  try {
    const { stdout } = await run('git', ['-C', repo, ...SAFE, ...args], { timeout: GIT_TIMEOUT_MS, maxBuffer: OUTPUT_BYTES });
    return stdout.trim();
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT')
      throw new GimoError('REPO_REFUSED', {
        message: 'git was not found.',
        hint: 'Install git and try again.',
        cause: errorMessage(error),
      });
    return null;
  }
}
