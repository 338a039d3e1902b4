import { isDelegated } from '#contract/delegation.ts';
import { errorCode, errorMessage } from '#contract/errors.ts';
import type { GicsOp } from '#contract/gics.ts';
import type { JsonObject } from '#contract/json.ts';
import type { CloseInput } from '#contract/messages.ts';
import type { Approved, Gate, RunRecord } from '#contract/objects.ts';
import { WEBHOOK_EVENTS } from '#contract/webhooks.ts';
import type { ActivityDeps } from '../deps.ts';
import { audit } from '../effects/audit.ts';
import { batchOps } from '../effects/ledger.ts';
import { deliveryOps } from '../webhooks/outbox.ts';
import { admitNext } from './admission.ts';
import { outcomeOps } from './delegations.ts';
import { publishResult, type PublishedBranch } from './branch.ts';
import { makeReceipt } from './receipt.ts';
import { forgetSegments } from './segments.ts';

/**
 * The end of a run in one transaction: final state, branch, receipt, slot, gates, outbox, audit; then the next in the queue is
 * woken. Safe to repeat: whoever comes second changes nothing.
 * Waits: for the branch to be published and, after a stop, for the proof that nothing is left running.
 */
export async function closeRun(deps: ActivityDeps, input: CloseInput): Promise<void> {
  if (await isOpen(deps, input.run_id)) {
    const receipt = input.cancel ? await makeReceipt(deps, input, input.cancel) : null;
    const branch = await published(deps, input);
    const final = { state: input.state, outputs: input.node_outputs, labels: input.node_labels };
    const { sha256 } = await deps.gics.putBlob(Buffer.from(JSON.stringify(final)));
    const end = { outputs: input.outputs, branch: branch?.branch ?? null, commit: branch?.commit ?? null, receipt, final_ref: sha256 };
    while (!(await tryEnd(deps, input, end)));
  }
  await admitNext(deps);
}

async function isOpen(deps: ActivityDeps, runId: string): Promise<boolean> {
  const record = await deps.gics.get<RunRecord>('runs', runId);
  return record !== null && record.value.final_ref === null;
}

/** Out: false when something changed while it was read, so that it has to be read again. */
async function tryEnd(deps: ActivityDeps, input: CloseInput, end: JsonObject): Promise<boolean> {
  const record = await deps.gics.get<RunRecord>('runs', input.run_id);
  if (!record || record.value.final_ref !== null) return true;
  const detail = { status: input.status, approved_id: input.approved_id, cost_usd: input.summary.cost_usd };
  try {
    await deps.gics.txn([
      { op: 'patch', collection: 'runs', id: input.run_id, set: { ...input.summary, ...end }, rev: record.rev },
      { op: 'delete', collection: 'slots', id: input.run_id },
      // Whoever resets or starts its workflow again finds that nothing of it is done any more.
      { op: 'put', collection: 'ended', id: input.run_id, value: { status: input.status } },
      audit('run.closed', input.run_id, detail, `closed/${input.run_id}`),
      ...(await withdrawnGates(deps, input.run_id)),
      ...(await arrivedMessages(deps, input.run_id)),
      ...(await forgetSegments(deps.gics, input.run_id)),
      ...(input.had_effect || isDelegated(record.value) ? [] : await givenBackRun(deps, input)),
      ...(await outcomeOps(deps.gics, record.value, input.status)),
      ...(await endedOps(deps, input)),
      ...batchOps(input.run_id, input),
    ]);
    return true;
  } catch (error) {
    if (errorCode(error) !== 'GICS_CONFLICT') throw error;
    return false;
  }
}

/** `status` is that of a run that has ended. */
function endedOps(deps: ActivityDeps, { run_id: runId, status, summary }: CloseInput): Promise<GicsOp[]> {
  const event = WEBHOOK_EVENTS.find((name) => name === `run.${status}`);
  if (event === undefined) return Promise.resolve([]);
  const error = summary.error === null ? null : { code: summary.error.code, message: summary.error.message };
  return deliveryOps(deps.gics, { event, runId, about: null, detail: { status, error, cost_usd: summary.cost_usd } });
}

async function withdrawnGates(deps: ActivityDeps, runId: string): Promise<GicsOp[]> {
  const { records } = await deps.gics.list<Gate>('gates', { where: { run_id: runId, status: 'open' }, limit: 1000 });
  return records.map((gate): GicsOp => ({ op: 'patch', collection: 'gates', id: gate.id, set: { status: 'withdrawn' }, rev: gate.rev }));
}

async function arrivedMessages(deps: ActivityDeps, runId: string): Promise<GicsOp[]> {
  const { records } = await deps.gics.list('outbox', { where: { run_id: runId }, limit: 1000 });
  return records.map((row): GicsOp => ({ op: 'delete', collection: 'outbox', id: row.id }));
}

/**
 * A run that ended before its first effect does not use up its approval, unless it was stopped or a person said no in it: what was
 * answered is not asked again until somebody says yes.
 */
async function givenBackRun(deps: ActivityDeps, { run_id: runId, approved_id: approvedId, status }: CloseInput): Promise<GicsOp[]> {
  if (status === 'cancelled') return [];
  const { records: refused } = await deps.gics.list('gates', { where: { run_id: runId, status: 'rejected' }, limit: 1 });
  if (refused.length > 0) return [];
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
