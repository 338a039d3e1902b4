import { Context } from '@temporalio/activity';
import { errorCode, errorMessage } from '#contract/errors.ts';
import type { GicsOp } from '#contract/gics.ts';
import type { JsonObject } from '#contract/json.ts';
import type { CloseInput } from '#contract/messages.ts';
import type { Approved, Gate, Receipt, RunRecord } from '#contract/objects.ts';
import type { ActivityDeps } from '../deps.ts';
import { audit } from '../effects/audit.ts';
import { batchOps } from '../effects/ledger.ts';
import { toApplicationFailure } from '../failure.ts';
import { admitNext } from './admission.ts';
import { publishResult, type PublishedBranch } from './branch.ts';
import { makeReceipt } from './receipt.ts';

const HEARTBEAT_MS = 2000;

/**
 * The end of a run in one transaction: final state, branch, receipt, slot, gates, outbox, audit. Safe to repeat.
 * Waits: for the branch to be published and, after a stop, for the proof that nothing is left running.
 */
export async function closeRun(deps: ActivityDeps, input: CloseInput): Promise<void> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  try {
    const record = await deps.gics.get<RunRecord>('runs', input.run_id);
    if (record && record.value.final_ref === null) await writeEnd(deps, input, record.value);
    await admitNext(deps);
  } catch (error) {
    throw toApplicationFailure(error);
  } finally {
    clearInterval(beat);
  }
}

async function writeEnd(deps: ActivityDeps, input: CloseInput, record: RunRecord): Promise<void> {
  const receipt = input.cancel ? await makeReceipt(deps, input, input.cancel) : null;
  const branch = await published(deps, input);
  const final = Buffer.from(JSON.stringify({ state: input.state, outputs: input.node_outputs }));
  const { sha256 } = await deps.gics.putBlob(final);
  for (;;) {
    try {
      await deps.gics.txn([
        ...(await endOps(deps, input, record, receipt, branch, sha256)),
        ...batchOps(input.run_id, { ...input, events: input.events }),
      ]);
      return;
    } catch (error) {
      // A gate or the approval changed while this was written: read it again.
      if (errorCode(error) !== 'GICS_CONFLICT') throw error;
    }
  }
}

async function endOps(
  deps: ActivityDeps,
  input: CloseInput,
  record: RunRecord,
  receipt: Receipt | null,
  branch: PublishedBranch | null,
  finalRef: string,
): Promise<GicsOp[]> {
  const set: JsonObject = {
    ...input.summary,
    outputs: input.outputs,
    branch: branch?.branch ?? null,
    commit: branch?.commit ?? null,
    receipt,
    final_ref: finalRef,
  };
  const detail = { status: input.status, approved_id: record.approved_id, cost_usd: input.summary.cost_usd };
  return [
    { op: 'patch', collection: 'runs', id: input.run_id, set },
    { op: 'delete', collection: 'slots', id: input.run_id },
    audit('run.closed', input.run_id, detail, `closed/${input.run_id}`),
    ...(await withdrawnGates(deps, input.run_id)),
    ...(await arrivedMessages(deps, input.run_id)),
    ...(input.had_effect ? [] : await givenBackRun(deps, input.approved_id)),
  ];
}

async function withdrawnGates(deps: ActivityDeps, runId: string): Promise<GicsOp[]> {
  const { records } = await deps.gics.list<Gate>('gates', { where: { run_id: runId, status: 'open' }, limit: 1000 });
  return records.map((gate): GicsOp => ({ op: 'patch', collection: 'gates', id: gate.id, set: { status: 'withdrawn' }, rev: gate.rev }));
}

async function arrivedMessages(deps: ActivityDeps, runId: string): Promise<GicsOp[]> {
  const { records } = await deps.gics.list('outbox', { where: { run_id: runId }, limit: 1000 });
  return records.map((row): GicsOp => ({ op: 'delete', collection: 'outbox', id: row.id }));
}

/** A run that ended before its first effect does not use up its approval. */
async function givenBackRun(deps: ActivityDeps, approvedId: string): Promise<GicsOp[]> {
  const approved = await deps.gics.get<Approved>('approved', approvedId);
  if (!approved || approved.value.runs_started === 0) return [];
  return [
    { op: 'patch', collection: 'approved', id: approvedId, set: { runs_started: approved.value.runs_started - 1 }, rev: approved.rev },
  ];
}

/** The branch is the result. That it cannot be published is said in the log of the worker and does not hide the rest. */
async function published(deps: ActivityDeps, input: CloseInput): Promise<PublishedBranch | null> {
  try {
    return await publishResult(deps, input.run_id, input.approved_id);
  } catch (error) {
    deps.log.error({ err: error, run_id: input.run_id }, 'the branch of the run could not be published');
    input.events.push({
      seq: input.state.seq + 1,
      at: new Date().toISOString(),
      node: null,
      level: 'error',
      text: `the branch could not be published: ${errorMessage(error)}`,
      change: null,
    });
    return null;
  }
}
