import { existsSync } from 'node:fs';
import type { Collection, GicsOp, GicsRecord, ListQuery } from '#contract/gics.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import type { RunRecord } from '#contract/objects.ts';
import { removeWorkspace } from '../workspace/workspace.ts';
import type { ActivityDeps } from '../deps.ts';
import { workspaceDir } from './branch.ts';
import { readOpsConfig } from './settings.ts';

const DAY_MS = 24 * 3_600_000;
const PAGE = 200;
const ENDED = ['done', 'error', 'cancelled'];

export type Cleaned = { archived_runs: number; removed_drafts: number; removed_snapshots: number; removed_workspaces: number };

/**
 * The loops of the seeds, started by a schedule: runs past their time leave the hot lists and stay readable, rejected and
 * failed drafts go, snapshots and workspaces of archived runs go, expired sessions and idempotency records go.
 */
export async function cleanUp(deps: ActivityDeps): Promise<Cleaned> {
  const now = Date.now();
  const config = await readOpsConfig(deps.gics);
  const runsBefore = new Date(now - deps.config.runTtlS * 1000).toISOString();
  const draftsBefore = new Date(now - config.draft_cleanup_ttl_days * DAY_MS).toISOString();
  const { archived, workspaces } = await archiveRuns(deps, runsBefore);
  await removeExpired(deps, new Date(now).toISOString());
  await removeWhere(deps, 'deliveries', { where: { status: ['delivered', 'failed'] } }, (delivery) =>
    isBefore(delivery['created_at'], runsBefore),
  );
  return {
    archived_runs: archived,
    removed_workspaces: workspaces,
    removed_drafts: await removeWhere(deps, 'drafts', { where: { status: ['rejected', 'error'] } }, (draft) =>
      isBefore(draft['updated_at'], draftsBefore),
    ),
    removed_snapshots: await removeWhere(deps, 'snapshots', {}, (snapshot) => isBefore(snapshot['at'], runsBefore)),
  };
}

async function* pages<T>(deps: ActivityDeps, collection: Collection, query: ListQuery): AsyncGenerator<GicsRecord<T>[]> {
  let cursor: string | undefined;
  do {
    const page = await deps.gics.list<T>(collection, { ...query, order: 'asc', limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    yield page.records;
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
}

async function archiveRuns(deps: ActivityDeps, before: string): Promise<{ archived: number; workspaces: number }> {
  let archived = 0;
  let workspaces = 0;
  for await (const records of pages<RunRecord>(deps, 'runs', { where: { archived: false, status: ENDED } })) {
    const old = records.filter(({ value }) => (value.finished_at ?? value.created_at) < before);
    for (const { id } of old) {
      const root = workspaceDir(deps, id);
      if (!existsSync(root)) continue;
      await removeWorkspace({ root, runId: id });
      workspaces++;
    }
    const ops = old.map(({ id }): GicsOp => ({ op: 'patch', collection: 'runs', id, set: { archived: true } }));
    if (ops.length > 0) await deps.gics.txn(ops);
    archived += ops.length;
  }
  return { archived, workspaces };
}

async function removeWhere(
  deps: ActivityDeps,
  collection: Collection,
  query: ListQuery,
  isOld: (value: JsonObject) => boolean,
): Promise<number> {
  let removed = 0;
  for await (const records of pages<JsonObject>(deps, collection, query)) {
    const ops = records.filter(({ value }) => isOld(value)).map(({ id, rev }): GicsOp => ({ op: 'delete', collection, id, rev }));
    if (ops.length > 0) await deps.gics.txn(ops);
    removed += ops.length;
  }
  return removed;
}

/** Times are ISO 8601, so they compare as text; what has no time is kept. */
function isBefore(time: Json | undefined, limit: string): boolean {
  return typeof time === 'string' && time < limit;
}

async function removeExpired(deps: ActivityDeps, now: string): Promise<void> {
  for (const collection of ['sessions', 'login_codes', 'idempotency'] as const) {
    await removeWhere(deps, collection, {}, (value) => isBefore(value['expires_at'], now));
  }
}
