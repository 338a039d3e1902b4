import type { ActivityDeps } from '../deps.ts';
import type { FileSnapshot } from '../workspace/patch-plan.ts';

/** Keeps the pre-images of what a patch will touch, as blobs, until their time is over. */
export async function keepSnapshot(deps: ActivityDeps, snapshot: { runId: string; key: string; files: FileSnapshot[] }): Promise<void> {
  const files = await Promise.all(
    snapshot.files.map(async ({ path, content, mode }) => ({
      path,
      mode,
      sha256: content === null ? null : (await deps.gics.putBlob(content)).sha256,
    })),
  );
  const value = { run_id: snapshot.runId, files, at: new Date().toISOString() };
  await deps.gics.txn([{ op: 'put', collection: 'snapshots', id: snapshot.key, value }]);
}
