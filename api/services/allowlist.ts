/** Which repositories may be worked on, and which one is. Paths are real paths: no link on the way decides what is meant. */
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorMessage, GimoError } from '#contract/errors.ts';
import type { Call, Core } from '../deps.ts';
import { asJson, commit, orOnConflict } from './commit.ts';
import type { RepoFacts } from './repo.ts';

const ID = 'allowlist';

export type ListedRepo = RepoFacts & { is_active: boolean; fault: string | null };
type Stored = { paths: string[]; rev: number };

async function readAllowlist(core: Core): Promise<Stored> {
  const record = await core.gics.get<{ paths: string[] }>('settings', ID);
  return record === null ? { paths: [await realOrGiven(core.config.repo)], rev: 0 } : { paths: record.value.paths, rev: record.rev };
}

async function realOrGiven(given: string): Promise<string> {
  return realpath(given).catch(() => given);
}

/** Until an admin sets it, the repository of the configuration alone. */
export async function listAllowlist(core: Core): Promise<string[]> {
  return (await readAllowlist(core)).paths;
}

/** Throws: REPO_REFUSED for what is no folder, or holds or lies in our own data. */
async function requireFolder(core: Core, given: string): Promise<string> {
  const refuse = (why: string): never => {
    throw new GimoError('REPO_REFUSED', { message: `${given} cannot be used: ${why}.`, hint: 'Give the absolute path of a repository.' });
  };
  if (!path.isAbsolute(given) || given.includes('\0')) return refuse('it is not an absolute path');
  try {
    const real = await realpath(given);
    if (!(await stat(real)).isDirectory()) return refuse('it is no folder');
    if (isInside(await realOrGiven(core.config.paths.data), real)) return refuse('it lies in the data directory of this instance');
    return real;
  } catch (error) {
    if (error instanceof GimoError) throw error;
    return refuse(errorMessage(error).split(':')[0] ?? 'it does not exist');
  }
}

function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}

/** Out: the real paths. Throws: REPO_REFUSED, CONFLICT when the active repository is not among them. */
export async function updateAllowlist(core: Core, call: Call, given: string[]): Promise<string[]> {
  const { rev } = await readAllowlist(core);
  const paths = [...new Set(await Promise.all(given.map((one) => requireFolder(core, one))))];
  const active = await core.repo.path();
  if (!paths.includes(active))
    throw new GimoError('CONFLICT', { message: `${active} is the active repository.`, hint: 'Select another one first, or keep it.' });
  const put = { op: 'put', collection: 'settings', id: ID, value: { paths }, rev } as const;
  const change = { ops: [put], object: ID, detail: { paths }, answer: { status: 200, body: { paths } } };
  await orOnConflict(commit(core, call, change), () => {
    throw new GimoError('CONFLICT');
  });
  return paths;
}

async function listed(core: Core, repo: string, active: string | null): Promise<ListedRepo> {
  const is_active = repo === active;
  try {
    const facts = await core.repo.factsOf(repo);
    return { ...facts, is_active, fault: facts.commit === null ? 'it is not a git repository with a commit' : null };
  } catch (error) {
    const none = { path: repo, name: path.basename(repo), branch: null, commit: null, is_dirty: false };
    return { ...none, is_active, fault: errorMessage(error) };
  }
}

export async function listRepos(core: Core): Promise<ListedRepo[]> {
  const [paths, active] = await Promise.all([listAllowlist(core), core.repo.path().catch(() => null)]);
  return Promise.all(paths.map((repo) => listed(core, repo, active)));
}

/** Throws: REPO_NOT_ALLOWED, REPO_REFUSED, CONFLICT when the allowlist was changed meanwhile. */
export async function selectRepo(core: Core, call: Call, given: string): Promise<ListedRepo> {
  const { paths, rev } = await readAllowlist(core);
  const real = await realOrGiven(given);
  if (!paths.includes(real)) throw new GimoError('REPO_NOT_ALLOWED', { message: `${given} is not on the allowlist.` });
  const repo = await listed(core, real, real);
  if (repo.fault !== null) throw new GimoError('REPO_REFUSED', { message: `${given} cannot be used: ${repo.fault}.` });
  const ops = [
    { op: 'check', collection: 'settings', id: ID, rev },
    { op: 'put', collection: 'settings', id: 'repo', value: asJson({ path: real }) },
  ] as const;
  const change = { ops: [...ops], object: 'repo', detail: { path: real }, answer: { status: 200, body: repo } };
  await orOnConflict(commit(core, call, change), () => {
    throw new GimoError('CONFLICT');
  });
  core.repo.forget();
  return repo;
}
