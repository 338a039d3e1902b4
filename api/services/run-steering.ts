/** What a person changes about one node of a run that goes on: signed, stored first, delivered then. */
import { GimoError } from '#contract/errors.ts';
import type { GicsOp } from '#contract/gics.ts';
import type { OutboxRow } from '#contract/messages.ts';
import type { NodeVerb } from '#contract/node-command.ts';
import type { GraphNode, RunRecord } from '#contract/objects.ts';
import { isRunEnded, type NodeState } from '#contract/run-state.ts';
import type { Call, Core } from '../deps.ts';
import { asJson, auditOp, commit } from './commit.ts';
import { signNodeCommand } from './decisions.ts';
import { deliverSoon } from './delivery.ts';
import { newUlid } from './ids.ts';
import { nodeState, showNode } from './run-detail.ts';
import { loadRun } from './run-view.ts';

type Request = { id: string; node: string; verb: NodeVerb; reason: string };
type NodeRow = Extract<OutboxRow, { kind: NodeVerb }>;

/**
 * Does a failed node once more, or leaves a node out. Out: the node, after the run took the command or a second has passed.
 * Throws: NOT_FOUND, RUN_NOT_ACTIVE, NODE_STATE; then nothing has changed.
 */
export async function steerNode(core: Core, call: Call, request: Request): Promise<GraphNode> {
  const { id, node, verb, reason } = request;
  const record = await loadRun(core, id);
  const found = await nodeState(core, record, node);
  if (call.idempotency?.isReplay === true) return showNode(found);
  requireLive(record, verb);
  requireState(verb, found);
  const commandId = `c_${newUlid()}`;
  const at = new Date().toISOString();
  const body = { command_id: commandId, verb, run_id: id, node, attempt: found.attempt_count, reason, by: call.actor.label, at };
  const row: NodeRow = { kind: verb, run_id: id, created_at: at, command: signNodeCommand(core, body) };
  const op: GicsOp = { op: 'put', collection: 'outbox', id: commandId, value: asJson(row), rev: 0 };
  const detail = { command_id: commandId, attempt: found.attempt_count, ...(reason === '' ? {} : { reason }) };
  await commit(core, call, { ops: [op], object: `${id}/${node}`, detail, answer: null });
  await obeyed(core, call, { commandId, row, object: `${id}/${node}` });
  return showNode(await nodeState(core, await loadRun(core, id), node));
}

function requireLive({ status }: RunRecord, verb: NodeVerb): void {
  if (!isRunEnded(status)) return;
  throw new GimoError('RUN_NOT_ACTIVE', {
    message: `The run has ended: ${status}.`,
    ...(verb === 'retry'
      ? { hint: 'Fork the run from this node, if its approval allows another run: what it does not need to do again is reused.' }
      : {}),
  });
}

/** What is certain from what is known here; the run itself has the last word. */
function requireState(verb: NodeVerb, { id, kind, status, gate_id }: NodeState): void {
  const refuse = (message: string, hint?: string): never => {
    throw new GimoError('NODE_STATE', { message: `${id} ${message}.`, ...(hint === undefined ? {} : { hint }) });
  };
  if (status === 'waiting' || status === 'unknown')
    refuse('waits for an answer', `Answer its gate${gate_id === null ? '' : ` ${gate_id}`}: that is where a person decides.`);
  if (status === 'done' || status === 'skipped' || status === 'cancelled')
    refuse(`has ended: ${status}`, 'What is done stays so in this run; a fork does it again.');
  if (status === 'running' && (verb === 'retry' || kind !== 'wait'))
    refuse('is running', kind === 'wait' ? 'Let it end, or leave it out.' : 'Let it end, or pause the run with `running: stop` first.');
  if (verb === 'skip' && kind === 'gate') refuse('is a gate', 'A gate is answered and not left out; it opens when its turn comes.');
  if (verb === 'retry' && status === 'pending') refuse('has not failed', 'It starts by itself when what it needs has ended.');
}

/** Throws: what the run refused it with, once the message is withdrawn. */
async function obeyed(
  core: Core,
  call: Call,
  { commandId, row, object }: { commandId: string; row: NodeRow; object: string },
): Promise<void> {
  const delivery = await deliverSoon(core, commandId, row);
  if (delivery?.state !== 'refused') return;
  const entry = auditOp({
    at: new Date().toISOString(),
    actor: call.actor.label,
    action: 'message.dropped',
    object,
    correlation_id: call.correlationId,
    outcome: 'refused',
    code: delivery.code,
    detail: { command_id: commandId, why: delivery.message },
  });
  const ops: GicsOp[] = [{ op: 'delete', collection: 'outbox', id: commandId }, entry];
  // The same request with the same key is a new one: this one did nothing.
  if (call.idempotency) ops.push({ op: 'delete', collection: 'idempotency', id: call.idempotency.id });
  await core.gics.txn(ops);
  throw new GimoError(delivery.code, { message: `The run refused it: ${delivery.message}.` });
}
