/**
 * Brings GICS and Temporal together when one of them lost something: messages that a workflow has not acknowledged are
 * delivered again, runs whose workflow is gone or stuck are started anew (the ledger keeps effects from happening twice) or closed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { ActivityDeps } from '#activities/deps.ts';
import { audit } from '#activities/effects/audit.ts';
import { closeOutside } from '#activities/runs/close-outside.ts';
import type { OutboxRow } from '#contract/messages.ts';
import type { Approved, RunRecord } from '#contract/objects.ts';
import { deliver, startAnew } from '#platform/deliver.ts';
import { mayDelegate } from '#contract/segment-size.ts';
import { isHistoryBehind } from './lost-history.ts';
import { isHistoryStuck } from './stuck-history.ts';

const OUTBOX_EVERY_MS = 1000;
/** The API delivers at once; what is still there after this was not delivered or not acknowledged. */
const OUTBOX_AGE_MS = 2000;
const RUNS_EVERY_MS = 15_000;
const RUN_AGE_MS = 10_000;
const PAGE = 200;

export async function reconcile(deps: ActivityDeps, signal: AbortSignal): Promise<void> {
  await Promise.all([
    every(OUTBOX_EVERY_MS, signal, deps, () => redeliver(deps)),
    every(RUNS_EVERY_MS, signal, deps, () => checkRuns(deps)),
  ]);
}

async function every(ms: number, signal: AbortSignal, deps: ActivityDeps, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await work().catch((error: unknown) => deps.log.warn({ err: error }, 'reconciling failed; it is tried again'));
    await delay(ms, undefined, { signal }).catch(() => undefined);
  }
}

async function redeliver(deps: ActivityDeps): Promise<void> {
  const before = new Date(Date.now() - OUTBOX_AGE_MS).toISOString();
  const { records } = await deps.gics.list<OutboxRow>('outbox', { order: 'asc', limit: PAGE });
  // One that cannot be delivered does not hold up the others.
  for (const { id, value } of records)
    if (value.created_at <= before)
      await redeliverOne(deps, id, value).catch((error: unknown) =>
        deps.log.warn({ err: error, run_id: value.run_id, message: value.kind }, 'a message to a run is delivered again later'),
      );
}

async function redeliverOne(deps: ActivityDeps, id: string, row: OutboxRow): Promise<void> {
  const delivery = await deliver(deps.client, id, row);
  if (delivery.state === 'delivered') return;
  const why = delivery.state === 'refused' ? delivery.message : 'its workflow has ended';
  if (delivery.state === 'gone' && row.kind !== 'start' && (await isActive(deps, row.run_id))) return;
  deps.log.warn({ run_id: row.run_id, message: row.kind, why }, 'a message to a run was dropped');
  await deps.gics.txn([
    { op: 'delete', collection: 'outbox', id },
    audit('message.dropped', row.run_id, { kind: row.kind, why }, `dropped/${id}`),
  ]);
}

async function isActive(deps: ActivityDeps, runId: string): Promise<boolean> {
  const run = await deps.gics.get<RunRecord>('runs', runId);
  return run !== null && run.value.final_ref === null;
}

async function checkRuns(deps: ActivityDeps): Promise<void> {
  let cursor: string | undefined;
  do {
    const where = { status: ['pending', 'running'] };
    const page = await deps.gics.list<RunRecord>('runs', { where, order: 'asc', limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const { value } of page.records)
      if (Date.now() - Date.parse(value.created_at) > RUN_AGE_MS)
        await checkRun(deps, value).catch((error: unknown) =>
          deps.log.warn({ err: error, run_id: value.id }, 'a run could not be compared with Temporal; it is tried again'),
        );
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
}

async function checkRun(deps: ActivityDeps, run: RunRecord): Promise<void> {
  try {
    const found = await deps.client.workflow.getHandle(run.id).describe();
    const { status } = found;
    const isOpen = status.name === 'RUNNING' || status.name === 'PAUSED';
    if (!isOpen) return await closeOutside(deps, run, `its workflow is ${status.name.toLowerCase()} in Temporal`);
    const { temporalNamespace } = deps.config;
    if (await isHistoryBehind(deps.gics, deps.client, temporalNamespace, run.id))
      await restart(deps, run, 'holds an older state of this run');
    else if (await isHistoryStuck(deps.client, temporalNamespace, found))
      await restart(deps, run, 'holds a history that no worker can replay');
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) await restart(deps, run, 'does not know this run any more');
    else throw error;
  }
}

/** Temporal lost the workflow, or its last part. Effects that are in the ledger are not done again, answers that were given are found again. */
async function restart(deps: ActivityDeps, run: RunRecord, why: string): Promise<void> {
  deps.log.warn({ run_id: run.id }, `Temporal ${why}; it is started anew`);
  const approved = await deps.gics.get<Approved>('approved', run.approved_id);
  const row = {
    kind: 'start' as const,
    run_id: run.id,
    created_at: new Date().toISOString(),
    title: run.title,
    input: { run_id: run.id, approved_id: run.approved_id },
    max_nodes: approved?.value.envelope.max_nodes ?? 1,
    delegates: approved ? mayDelegate(approved.value.envelope) : false,
  };
  await deps.gics.txn([{ op: 'put', collection: 'outbox', id: run.id, value: row }, audit('run.restarted', run.id, { why })]);
  await startAnew(deps.client, row);
}
