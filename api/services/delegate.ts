/** Work that is handed to an agent while a run goes on: checked, signed, stored first, delivered then. */
import { trustFaults } from '#contract/carve.ts';
import { isDelegated, childPlan, childRunId, type DelegateCommand, type Delegation } from '#contract/delegation.ts';
import { GimoError } from '#contract/errors.ts';
import type { GicsOp } from '#contract/gics.ts';
import type { OutboxRow } from '#contract/messages.ts';
import type { RunRecord } from '#contract/objects.ts';
import { envelopeOf } from '#contract/plan-envelope.ts';
import type { DelegateBody, Delegated, DelegationView } from '#contract/routes/agents.ts';
import { isRunEnded } from '#contract/run-state.ts';
import type { z } from '#contract/zod.ts';
import type { Agent } from '#contract/agents.ts';
import type { Call, Core } from '../deps.ts';
import { getAgent } from './agents.ts';
import { asJson, auditOp, commit } from './commit.ts';
import { signDelegateCommand } from './decisions.ts';
import { deliverSoon } from './delivery.ts';
import type { PageRequest } from './drafts.ts';
import { newUlid } from './ids.ts';
import { loadRun } from './run-view.ts';
import { readOpsConfig } from './settings.ts';

type Body = z.output<typeof DelegateBody>;
type DelegateRow = Extract<OutboxRow, { kind: 'delegate' }>;

/**
 * Adds a node to a run that delegates to this agent. Out: the run that the agent gets, after the run took the command or a second has passed.
 * Throws: NOT_FOUND, AGENT_UNKNOWN, TRUST_TOO_LOW, PLAN_INVALID, RUN_NOT_ACTIVE; then nothing has changed.
 */
export async function delegate(core: Core, call: Call, agentId: string, body: Body): Promise<Delegated> {
  const agent = await getAgent(core, agentId);
  const run = await loadRun(core, body.run_id);
  if (isRunEnded(run.status)) throw new GimoError('RUN_NOT_ACTIVE', { message: `The run has ended: ${run.status}.` });
  await checkTrust(core, agent, run, body);
  const node = `call_${newUlid().toLowerCase()}`;
  const commandId = `c_${newUlid()}`;
  const at = new Date().toISOString();
  const command = signDelegateCommand(core, { ...body, agent: agent.name, command_id: commandId, node, by: call.actor.label, at });
  const row: DelegateRow = { kind: 'delegate', run_id: run.id, created_at: at, command };
  const answer = delegated(command);
  await commit(core, call, {
    ops: [{ op: 'put', collection: 'outbox', id: commandId, value: asJson(row), rev: 0 }],
    object: `${run.id}/${node}`,
    detail: { agent_id: agent.id, agent: agent.name, delegation_id: answer.delegation_id },
    answer: { status: 202, body: answer },
  });
  await obeyed(core, call, commandId, row);
  return answer;
}

/** What is certain from what is known here; the run itself has the last word. */
async function checkTrust(core: Core, agent: Agent, run: RunRecord, { task, plan }: Body): Promise<void> {
  if (agent.retired)
    throw new GimoError('AGENT_UNKNOWN', { message: `The agent \`${agent.name}\` is retired.`, hint: 'Delegate to another one.' });
  const checked = childPlan(agent, { task, plan });
  if (checked.plan === null) throw new GimoError('PLAN_INVALID', { faults: checked.faults });
  const { agent_trust: trust } = await readOpsConfig(core);
  const above = isDelegated(run) ? ((await core.gics.get<Delegation>('delegations', run.id))?.value.depth ?? 0) : 0;
  const faults = trustFaults(trust[agent.trust_level], envelopeOf(checked.plan), { depth: above + 1, children: 0 });
  if (faults.length > 0)
    throw new GimoError('TRUST_TOO_LOW', { message: `The agent ${agent.name} is ${agent.trust_level}: ${faults.join('; ')}.` });
}

function delegated({ run_id, node }: DelegateCommand): Delegated {
  const id = childRunId(run_id, { node, attempt: 1, redo: 0 });
  const stream = `/ops/runs/${run_id}/nodes/${node}/stream`;
  return { delegation_id: id, run_id: id, parent_run_id: run_id, node, status: 'pending', stream };
}

/** Throws: what the run refused it with, once the message is withdrawn. */
async function obeyed(core: Core, call: Call, commandId: string, row: DelegateRow): Promise<void> {
  const delivery = await deliverSoon(core, commandId, row);
  if (delivery?.state !== 'refused') return;
  const entry = auditOp({
    at: new Date().toISOString(),
    actor: call.actor.label,
    action: 'message.dropped',
    object: `${row.run_id}/${row.command.node}`,
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

/** Throws: NOT_FOUND. */
export async function listDelegations(
  core: Core,
  agentId: string,
  page: PageRequest,
): Promise<{ delegations: DelegationView[]; next: string | null }> {
  await getAgent(core, agentId);
  const { records, cursor } = await core.gics.list<Delegation>('delegations', { ...page, where: { agent_id: agentId } });
  const runs = await core.gics.getMany<RunRecord>(
    'runs',
    records.map(({ id }) => id),
  );
  const delegations = records.flatMap(({ value }, index) => {
    const run = runs[index]?.value;
    return run ? [viewOf(value, run)] : [];
  });
  return { delegations, next: cursor };
}

function viewOf({ id, parent_run_id, node, task, depth, created_at }: Delegation, run: RunRecord): DelegationView {
  const { status, finished_at, cost_usd, error } = run;
  return { delegation_id: id, run_id: id, parent_run_id, node, task, depth, created_at, status, finished_at, cost_usd, error };
}
