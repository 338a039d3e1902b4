/**
 * The private clone of a run.
 *
 * `<dir>/<run id>/tree` is what nodes see and change; `<dir>/<run id>/git` is its git directory, outside of the tree and only readable inside a
 * fence. So no node can plant a hook, a filter or an fsmonitor that trusted code would run, and node-made commits cannot exist: the
 * branch holds only what applyPatch committed.
 *
 * Objects are hard links to those of the operator's repository (copied where it lies on another file system): the clone of a large repository
 * costs next to nothing, needs nothing of the repository while the run lives, and no clean-up there can pull an object away, as it
 * could with alternates. Object files are never written in place, and a fenced process cannot write them at all.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from '#contract/zod.ts';
import { GimoError } from '#contract/errors.ts';
import { gitText, runGit } from '#platform/git.ts';
import { workspaceAt, type Workspace } from './place.ts';
import { removeTree, writeDurably } from './files.ts';
import { recover } from './recover.ts';
import { exclusively } from './lock.ts';

export type RepoBase = { commit: string; /** null when HEAD is detached. */ branch: string | null; isDirty: boolean };

/** A commit on the branch of an earlier run, and the runs whose clones may hold it, nearest first. */
export type ForkStart = { commit: string; holders: string[] };

const StoredSchema = z.strictObject({ version: z.literal(1), run_id: z.string(), repo: z.string(), base: z.string() });

/** No conversion of line ends, no filters: bytes in the tree are bytes in the commit. It overrides every .gitattributes of the tree. */
const EXACT_BYTES = '* -text -filter -ident -working-tree-encoding\n';

function refuse(message: string): GimoError {
  return new GimoError('REPO_REFUSED', { message });
}

async function realRepo(repo: string): Promise<string> {
  const real = await realpath(repo).catch(() => null);
  if (real === null) throw refuse(`There is no folder ${repo}.`);
  return real;
}

/**
 * What a run on this repository would start from. Out: the commit of HEAD, its branch, whether files differ from it.
 * Throws: REPO_REFUSED when it is no git repository, only a folder inside of one, or has no commit.
 */
export async function resolveBase(repo: string): Promise<RepoBase> {
  const place = { repo: await realRepo(repo) };
  const top = await gitText(place, ['rev-parse', '--show-toplevel'], { code: 'REPO_REFUSED' });
  if (top !== place.repo) throw refuse(`${repo} is a folder inside of the git repository ${top}; select that one.`);
  const head = await runGit(place, ['rev-parse', '--verify', '-q', 'HEAD^{commit}'], { accept: [0, 1, 128] });
  if (head.exitCode !== 0) throw refuse(`${repo} has no commit yet.`);
  const branch = await gitText(place, ['symbolic-ref', '--short', '-q', 'HEAD'], { accept: [0, 1] });
  const status = await gitText(place, ['status', '--porcelain', '--ignore-submodules=all'], { code: 'REPO_REFUSED' });
  return { commit: head.stdout.toString().trim(), branch: branch === '' ? null : branch, isDirty: status !== '' };
}

/** A bare clone without refs, hooks, remotes, borrowed objects or any configuration but ours. */
async function cloneObjects(repo: string, base: string, gitDir: string): Promise<void> {
  const place = { repo };
  const source = await gitText(place, ['rev-parse', '--path-format=absolute', '--git-common-dir'], { code: 'REPO_REFUSED' });
  const format = await gitText(place, ['rev-parse', '--show-object-format']);
  await runGit(place, ['clone', '-q', '--bare', '--local', '--no-tags', '--template=', '--', source, gitDir], { code: 'REPO_REFUSED' });
  const bare = { repo: gitDir };
  const alternates = path.join(gitDir, 'objects/info/alternates');
  if (existsSync(alternates)) {
    await runGit(bare, ['repack', '-a', '-d', '-q']);
    await rm(alternates);
  }
  await rm(path.join(gitDir, 'packed-refs'), { force: true });
  await rm(path.join(gitDir, 'refs'), { recursive: true });
  await mkdir(path.join(gitDir, 'refs/heads'), { recursive: true });
  const extension = format === 'sha256' ? '[extensions]\n\tobjectFormat = sha256\n' : '';
  const version = format === 'sha256' ? 1 : 0;
  const core = `[core]\n\trepositoryFormatVersion = ${version}\n\tbare = false\n\tfileMode = true\n\thooksPath = /dev/null\n`;
  await writeFile(path.join(gitDir, 'config'), `${core}[gc]\n\tauto = 0\n${extension}`);
  if (!(await hasCommit(gitDir, base))) throw refuse(`${repo} has no commit ${base}.`);
}

async function hasCommit(gitDir: string, commit: string): Promise<boolean> {
  const found = await runGit({ repo: gitDir }, ['cat-file', '-e', `${commit}^{commit}`], { accept: [0, 1, 128] });
  return found.exitCode === 0;
}

/** The branch of an ended run is in the repository; else the clone of a run before this one has the commit, if it is still there. */
async function bringCommit(workspace: Workspace, gitDir: string, { commit, holders }: ForkStart): Promise<void> {
  const place = { repo: gitDir };
  const quiet = ['--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--refmap='];
  for (const runId of holders) {
    if (await hasCommit(gitDir, commit)) break;
    const holder = workspaceAt({ ...workspace, runId, dir: path.dirname(workspace.root) });
    if (existsSync(holder.gitDir)) await runGit(place, ['fetch', '-q', ...quiet, '--', holder.gitDir, `refs/heads/${holder.branch}`]);
  }
  if (!(await hasCommit(gitDir, commit)))
    throw new GimoError('WORKSPACE_FAILED', {
      message: `The commit ${commit} that the fork starts from is neither in the repository nor in a clone any more.`,
    });
  const order = await runGit(place, ['merge-base', '--is-ancestor', workspace.base, commit], { accept: [0, 1] });
  if (order.exitCode !== 0) throw refuse(`The commit ${commit} does not stand on the commit that was approved.`);
}

async function build(workspace: Workspace, parts: { tree: string; gitDir: string }, start: ForkStart | null): Promise<void> {
  await cloneObjects(workspace.repo, workspace.base, parts.gitDir);
  await mkdir(path.join(parts.gitDir, 'info'), { recursive: true });
  await writeFile(path.join(parts.gitDir, 'info/attributes'), EXACT_BYTES);
  await writeFile(path.join(parts.gitDir, 'HEAD'), `ref: refs/heads/${workspace.branch}\n`);
  await mkdir(parts.tree);
  await writeFile(path.join(parts.tree, '.git'), 'gitdir: ../git\n');
  if (start !== null) await bringCommit(workspace, parts.gitDir, start);
  const head = start?.commit ?? workspace.base;
  await runGit(parts, ['update-ref', `refs/heads/${workspace.branch}`, head]);
  await runGit(parts, ['read-tree', '--reset', '-u', head]);
}

async function removeLeftovers(dir: string, runId: string): Promise<void> {
  for (const name of await readdir(dir)) if (name.startsWith(`.${runId}.`)) await removeTree(path.join(dir, name));
}

async function create(workspace: Workspace, start: ForkStart | null): Promise<void> {
  const dir = path.dirname(workspace.root);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await removeLeftovers(dir, workspace.runId);
  const draft = await mkdtemp(path.join(dir, `.${workspace.runId}.`));
  try {
    await build(workspace, { tree: path.join(draft, 'tree'), gitDir: path.join(draft, 'git') }, start);
    const stored = { version: 1, run_id: workspace.runId, repo: workspace.repo, base: workspace.base };
    await writeDurably(path.join(draft, 'workspace.json'), `${JSON.stringify(stored)}\n`);
    await rename(draft, workspace.root);
  } catch (error) {
    await removeTree(draft);
    throw error;
  }
}

async function checkSame(workspace: Workspace): Promise<void> {
  const stored = StoredSchema.parse(JSON.parse(await readFile(path.join(workspace.root, 'workspace.json'), 'utf8')));
  if (stored.base === workspace.base && stored.repo === workspace.repo) return;
  throw new GimoError('WORKSPACE_FAILED', {
    message: `The workspace of ${workspace.runId} was made for ${stored.repo} at ${stored.base}.`,
  });
}

/**
 * The workspace of a run, made on the first call. In: the operator's repository, a full commit id, the folder that holds all workspaces,
 * for a fork where its branch starts.
 * A second call finds it as it is, after undoing what a crash left half done; an unfinished clone is made anew. The repository is only read.
 * Waits: for the checkout (seconds for a large repository). Throws: REPO_REFUSED, WORKSPACE_FAILED, BAD_REQUEST.
 */
export async function openWorkspace(given: {
  repo: string;
  base: string;
  runId: string;
  dir: string;
  start?: ForkStart | null;
}): Promise<Workspace> {
  const workspace = workspaceAt({ ...given, repo: await realRepo(given.repo) });
  return exclusively(workspace.root, async () => {
    if (existsSync(workspace.root)) {
      await checkSame(workspace);
      await recover(workspace);
    } else {
      await create(workspace, given.start ?? null);
    }
    return workspace;
  });
}

/** Removes everything of the workspace; a second call does nothing. */
export async function removeWorkspace(workspace: Pick<Workspace, 'root' | 'runId'>): Promise<void> {
  await exclusively(workspace.root, async () => {
    await removeTree(workspace.root);
    const dir = path.dirname(workspace.root);
    if (existsSync(dir)) await removeLeftovers(dir, workspace.runId);
  });
}
