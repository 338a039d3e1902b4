/** Taking an approval back: its runs begin no further effect, and no run starts from it any more. */
import { errorCode } from '#contract/errors.ts';
import type { GicsRecord } from '#contract/gics.ts';
import type { Approved, RunRecord } from '#contract/objects.ts';
import type { StopAsked } from '#contract/security.ts';
import type { Call, Core } from '../deps.ts';
import { getApproved } from './approved.ts';
import { commit } from './commit.ts';
import { storeCancel } from './run-commands.ts';

const RUNS = 1000;

export type Revocation = { approved: Approved; runs: StopAsked[] };

/**
 * Safe to repeat: the first revocation stands. Out: the artifact, and its live runs: `blocked`, or what became of their stop; a stop has
 * its receipt. Throws: NOT_FOUND.
 */
export async function revokeApproved(
  core: Core,
  call: Call,
  id: string,
  { reason, stop_runs }: { reason: string; stop_runs: boolean },
): Promise<Revocation> {
  const approved = await markRevoked(core, call, id, reason);
  const { records } = await core.gics.list<RunRecord>('runs', { where: { approved_id: id, status: ['pending', 'running'] }, limit: RUNS });
  const runs = await Promise.all(
    records.map(async (record) => (stop_runs ? stopRun(core, call, record) : { run_id: record.id, result: 'blocked' })),
  );
  return { approved, runs };
}

async function markRevoked(core: Core, call: Call, id: string, reason: string): Promise<Approved> {
  const approved = await getApproved(core, id);
  if (approved.revoked_at !== null) return approved;
  const set = { revoked_at: new Date().toISOString(), revoked_by: call.actor.label, revoke_reason: reason };
  await commit(core, call, {
    ops: [{ op: 'patch', collection: 'approved', id, set }],
    object: id,
    hash: approved.hash,
    detail: { reason },
    answer: null,
  });
  return { ...approved, ...set };
}

async function stopRun(core: Core, call: Call, { id }: GicsRecord<RunRecord>): Promise<StopAsked> {
  try {
    await storeCancel(core, { ...call, idempotency: null }, id);
    return { run_id: id, result: 'asked' };
  } catch (error) {
    core.log.warn({ err: error, run_id: id }, 'a run of a revoked approval was not stopped');
    return { run_id: id, result: errorCode(error) ?? 'INTERNAL' };
  }
}
