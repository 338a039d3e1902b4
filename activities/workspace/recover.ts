/** What a crash in the middle of a patch left behind is undone before anything else happens in the workspace. */
import { readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from '#contract/zod.ts';
import { killMarked } from '../process/process-tree.ts';
import { writeDurably } from './files.ts';
import { gitText, runGit } from '#platform/git.ts';
import { restore, type RestorePoint } from './snapshot.ts';
import { placeOf, type Workspace } from './place.ts';

const JournalSchema = z.strictObject({
  effect_id: z.string(),
  head: z.string(),
  pre_tree: z.string(),
  others: z.array(z.string()),
  modes: z.record(z.string(), z.number()),
});
export type Journal = z.infer<typeof JournalSchema>;

const journalFile = (workspace: Workspace): string => path.join(workspace.root, 'patch.json');
export const preIndexOf = (workspace: Workspace): string => path.join(workspace.gitDir, PRE_INDEX);
export const PRE_INDEX = 'gimo-pre';

export async function writeJournal(workspace: Workspace, journal: Journal): Promise<void> {
  await writeDurably(journalFile(workspace), JSON.stringify(journal));
}

async function readJournal(workspace: Workspace): Promise<Journal | null> {
  const text = await readFile(journalFile(workspace), 'utf8').catch(() => null);
  return text === null ? null : JournalSchema.parse(JSON.parse(text));
}

export async function endJournal(workspace: Workspace): Promise<void> {
  await rm(journalFile(workspace), { force: true });
  await rm(preIndexOf(workspace), { force: true });
}

function restorePoint(workspace: Workspace, journal: Journal): RestorePoint {
  return { preTree: journal.pre_tree, preIndex: preIndexOf(workspace), others: journal.others, modes: journal.modes };
}

/** Git of a killed worker may have left locks; nobody else writes in this git directory. */
async function removeLocks(gitDir: string): Promise<boolean> {
  let found = false;
  for (const name of await readdir(gitDir, { recursive: true })) {
    if (!name.endsWith('.lock') || name.startsWith('objects')) continue;
    found = true;
    await rm(path.join(gitDir, name), { force: true });
  }
  return found;
}

/** Undoes a patch that was applied but not committed, completes the book-keeping of one that was. Waits: for git. */
export async function recover(workspace: Workspace): Promise<void> {
  const journal = await readJournal(workspace);
  if (journal !== null) await killMarked(`workspace-${workspace.runId}`);
  const hadLocks = await removeLocks(workspace.gitDir);
  if (journal === null && !hadLocks) return;
  const place = placeOf(workspace);
  const head = await gitText(place, ['rev-parse', '--verify', `refs/heads/${workspace.branch}`]);
  if (journal !== null && head === journal.head) await restore(workspace, restorePoint(workspace, journal));
  await runGit(place, ['read-tree', head]);
  await endJournal(workspace);
}
