/** Stopping and pausing: stored first, delivered then, so that neither a dead worker nor a dead Temporal loses a command. */
import { GimoError } from '#contract/errors.ts';
import { CANCEL_STREAM, type GicsOp } from '#contract/gics.ts';
import type { JsonObject } from '#contract/json.ts';
import type { CommandName, OutboxRow, RunCommand } from '#contract/messages.ts';
import type { Receipt, Run, RunRecord } from '#contract/objects.ts';
import { isRunEnded } from '#contract/run-state.ts';
import type { Call, Core } from '../deps.ts';
import { asJson, commit, orOnConflict } from './commit.ts';
import { deliverSoon } from './delivery.ts';
import { newUlid } from './ids.ts';
import { getRun, loadRun } from './run-view.ts';

const RECEIPT_WAIT_MS = 5000;
const POLL_MS = 50;

type CommandRow = Extract<OutboxRow, { kind: CommandName }>;
type Options = Pick<RunCommand, 'running' | 'priority'>;
type CancelRecord = RunCommand & { run_id: string };

function newCommand(
  kind: CommandName,
  runId: string,
  command: Options & Pick<RunCommand, 'by'>,
): { id: string; row: CommandRow; op: GicsOp } {
  const id = `c_${newUlid()}`;
  const at = new Date().toISOString();
  const row: CommandRow = { kind, run_id: runId, created_at: at, command: { command_id: id, at, ...command } };
  return { id, row, op: { op: 'put', collection: 'outbox', id, value: asJson(row), rev: 0 } };
}

/** Pauses or resumes. Out: the run, after the workflow took the message or a second has passed. Throws: NOT_FOUND, RUN_NOT_ACTIVE. */
export async function commandRun(
  core: Core,
  call: Call,
  { id, kind, running }: { id: string; kind: 'pause' | 'resume'; running?: RunCommand['running'] },
): Promise<Run> {
  if (call.idempotency?.isReplay === true) return getRun(core, id);
  const record = await loadRun(core, id);
  if (isRunEnded(record.status)) throw new GimoError('RUN_NOT_ACTIVE', { message: `The run has ended: ${record.status}.` });
  return commandWith(core, call, { id, kind, options: running === undefined ? {} : { running } });
}

type Command = { id: string; kind: CommandName; options: Options; ops?: GicsOp[]; detail?: JsonObject };

/** Stores a command with what else it changes, then sends it. Out: the run, after the workflow took the message or a second has passed. */
export async function commandWith(core: Core, call: Call, { id, kind, options, ops = [], detail = {} }: Command): Promise<Run> {
  const command = newCommand(kind, id, { by: call.actor.label, ...options });
  const change = { command_id: command.id, ...asJson(options), ...detail };
  await commit(core, call, { ops: [...ops, command.op], object: id, detail: change, answer: null });
  await deliverSoon(core, command.id, command.row);
  return getRun(core, id);
}

/**
 * Stops a run. Out: the receipt; `confirmed_at` is null when not everything was proven to have ended within 5 s, then it
 * completes itself. Throws: NOT_FOUND, ALREADY_CANCELLED, RUN_NOT_ACTIVE.
 */
export async function cancelRun(core: Core, call: Call, id: string): Promise<Receipt> {
  if (call.idempotency?.isReplay !== true) await storeCancel(core, call, id);
  return waitForReceipt(core, id);
}

/** A run that was not stopped is not called cancelled. */
function endedRefusal(status: RunRecord['status']): GimoError {
  if (status === 'cancelled') return new GimoError('ALREADY_CANCELLED', { message: 'The run has already been cancelled.' });
  const hint = 'Nothing of it is left to stop; read the run: it says how it ended.';
  return new GimoError('RUN_NOT_ACTIVE', { message: `The run has already ended: ${status}.`, hint });
}

/** Stores the stop of a run and sends it. Throws: NOT_FOUND, ALREADY_CANCELLED, RUN_NOT_ACTIVE. */
export async function storeCancel(core: Core, call: Call, id: string): Promise<void> {
  const record = await loadRun(core, id);
  if (isRunEnded(record.status)) throw endedRefusal(record.status);
  const command = newCommand('cancel', id, { by: call.actor.label });
  const cancel: CancelRecord = { run_id: id, ...command.row.command };
  const { at, by } = command.row.command;
  const ops: GicsOp[] = [
    { op: 'put', collection: 'cancels', id, value: asJson(cancel), rev: 0 },
    { op: 'append', stream: CANCEL_STREAM, items: [{ key: id, data: { run_id: id, at, by } }] },
    command.op,
  ];
  await orOnConflict(commit(core, call, { ops, object: id, detail: { command_id: command.id }, answer: null }), () => {
    throw new GimoError('ALREADY_CANCELLED', { message: 'The run has already been cancelled.' });
  });
  // Not awaited: the receipt says when it has taken effect.
  void deliverSoon(core, command.id, command.row);
}

async function waitForReceipt(core: Core, id: string): Promise<Receipt> {
  const deadline = Date.now() + RECEIPT_WAIT_MS;
  for (;;) {
    const record = await loadRun(core, id);
    if (isConfirmed(record) || Date.now() >= deadline || core.stop.aborted) return receiptOf(core, record);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function isConfirmed(record: RunRecord): boolean {
  return record.receipt === null ? record.final_ref !== null : record.receipt.confirmed_at !== null;
}

/** Throws: NOT_FOUND when the run was never cancelled. */
export async function getReceipt(core: Core, id: string): Promise<Receipt> {
  return receiptOf(core, await loadRun(core, id));
}

async function receiptOf(core: Core, record: RunRecord): Promise<Receipt> {
  if (record.receipt !== null) return record.receipt;
  const cancel = await core.gics.get<CancelRecord>('cancels', record.id);
  if (cancel === null)
    throw new GimoError('NOT_FOUND', {
      message: 'The run was not cancelled, so there is no receipt.',
      hint: 'A receipt is written when a run is stopped.',
    });
  const { at, by } = cancel.value;
  const base = { run_id: record.id, asked_at: at, asked_by: by };
  // It ended by itself while the stop was on its way.
  if (record.final_ref !== null) return { ...base, confirmed_at: record.finished_at, nodes: [], spent_after_usd: null };
  const state = await core.states.fold(record);
  const nodes = Object.values(state.nodes).filter((node) => node.status === 'running' || node.status === 'unknown');
  return {
    ...base,
    confirmed_at: null,
    nodes: nodes.map(({ id, kind, status }) => ({ id, was: status, stopped: 'asked', processes_left: mayHaveProcesses(kind) ? 1 : 0 })),
    spent_after_usd: null,
  };
}

/** Until it is proven, a process counts as left. */
function mayHaveProcesses(kind: string): boolean {
  return kind === 'process' || kind === 'patch';
}
