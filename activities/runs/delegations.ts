/** Delegated runs: who does it, the record of the child, and how it ended. */
import type { BudgetFigures } from '#contract/budget.ts';
import type { Agent } from '#contract/agents.ts';
import { isDelegated, childPlan, type ChildEnd, type Delegation, type DelegationRequest } from '#contract/delegation.ts';
import { errorCode, GimoError } from '#contract/errors.ts';
import type { Gics, GicsOp } from '#contract/gics.ts';
import type { JsonObject } from '#contract/json.ts';
import type { FoundAgent } from '#contract/messages.ts';
import type { RunRecord } from '#contract/objects.ts';
import { envelopeOf } from '#contract/plan-envelope.ts';
import { DEFAULT_PRIORITY, type Priority } from '#contract/priority.ts';
import { newRunRecord } from '#contract/run-record.ts';
import type { RunStatus } from '#contract/run-state.ts';
import type { ActivityDeps } from '../deps.ts';
import { audit } from '../effects/audit.ts';
import { isInfrastructure, toErrorInfo } from '../failure.ts';
import { readOpsConfig } from './settings.ts';

const FAULTS_SHOWN = 10;

/** What an agent would do, and how far it is trusted. Errors of the request are values. */
export async function findAgent(deps: ActivityDeps, { request }: { run_id: string; request: DelegationRequest }): Promise<FoundAgent> {
  try {
    const agent = await agentNamed(deps.gics, request.agent);
    const { plan, faults } = childPlan(agent, request);
    if (plan === null) {
      const sentences = faults.slice(0, FAULTS_SHOWN).map((fault) => `${fault.code} at ${fault.path}: ${fault.message}`);
      throw new GimoError('PLAN_INVALID', { message: `The plan for ${agent.name} is not valid: ${sentences.join('; ')}.` });
    }
    const { agent_trust: trust } = await readOpsConfig(deps.gics);
    return { ok: true, agent, limits: trust[agent.trust_level], plan, needs: envelopeOf(plan) };
  } catch (error) {
    if (isInfrastructure(error)) throw error;
    return { ok: false, error: toErrorInfo(error, 1) };
  }
}

/** Throws: AGENT_UNKNOWN. */
async function agentNamed(gics: Gics, name: string): Promise<Agent> {
  const { records } = await gics.list<Agent>('agents', { where: { name }, limit: 1 });
  const [found] = records;
  if (!found) throw new GimoError('AGENT_UNKNOWN', { message: `There is no agent \`${name}\`.` });
  if (found.value.retired)
    throw new GimoError('AGENT_UNKNOWN', { message: `The agent \`${name}\` is retired.`, hint: 'Delegate to another one.' });
  return found.value;
}

type Opened = { approved_id: string; delegation: Delegation; priority?: Priority };

/** The record of a child and of its delegation, once. */
export async function openDelegation(deps: ActivityDeps, opened: Opened): Promise<void> {
  const { delegation } = opened;
  const { id, parent_run_id, node, agent_id, agent_name, depth, envelope } = delegation;
  const detail = { parent_run_id, node, agent_id, agent: agent_name, depth, budget: envelope.budget };
  try {
    await deps.gics.txn([
      { op: 'put', collection: 'delegations', id, value: delegation as unknown as JsonObject, rev: 0 },
      { op: 'put', collection: 'runs', id, value: recordOf(opened) as JsonObject, rev: 0 },
      audit('run.delegated', id, detail, `delegated/${id}`),
    ]);
  } catch (error) {
    if (errorCode(error) !== 'GICS_CONFLICT') throw error;
  }
}

function recordOf({ approved_id, delegation, priority = DEFAULT_PRIORITY }: Opened): RunRecord {
  const { id, agent_name, agent_id, parent_run_id, node, plan, task, created_at } = delegation;
  return newRunRecord(
    {
      id,
      approved_id,
      title: plan.title,
      created_at,
      created_by: `agent:${agent_name}`,
      inputs: { task, system: plan.inputs['system']?.default ?? '' },
      priority,
      delegated_by: { run_id: parent_run_id, node, agent_id },
    },
    plan.nodes.length,
  );
}

/** How a child ended; null while its record is open. */
export async function readDelegation(deps: ActivityDeps, { run_id: id }: { run_id: string }): Promise<ChildEnd | null> {
  const [run, delegation] = await Promise.all([deps.gics.get<RunRecord>('runs', id), loadDelegation(deps.gics, id)]);
  if (!run || !delegation) throw new GimoError('NOT_FOUND', { message: `There is no delegated run ${id}.` });
  const { status, outputs, error, branch, cost_usd, final_ref } = run.value;
  if (final_ref === null) return null;
  const failed = error ?? { code: 'STOPPED', message: 'The delegated run was stopped.' };
  const ok = status === 'done';
  return {
    result: {
      ok,
      artifact: ok ? (outputs?.['artifact'] ?? null) : null,
      error: ok ? null : { code: failed.code, message: failed.message },
      run_id: id,
      agent: delegation.agent_name,
      status,
      branch,
      cost_usd,
    },
    spent: spentOf(run.value['budget'] as BudgetFigures | null | undefined, delegation),
  };
}

/** What is still kept for calls whose end nobody saw counts as spent. */
function spentOf(figures: BudgetFigures | null | undefined, { envelope }: Delegation): ChildEnd['spent'] {
  if (!figures) return { usd: 0, tokens: 0, wall_ms: 0 };
  const { usd, tokens, wall_ms: wall } = figures;
  const { budget } = envelope;
  return {
    usd: Math.min(budget.usd, usd.spent + usd.held),
    tokens: Math.min(budget.tokens, tokens.spent + tokens.held),
    wall_ms: Math.min(budget.wall_ms, wall.spent),
  };
}

export async function loadDelegation(gics: Gics, id: string): Promise<Delegation | null> {
  return (await gics.get<Delegation>('delegations', id))?.value ?? null;
}

/** The outcome of a delegated run counts for its agent. Nothing for other runs. */
export async function outcomeOps(gics: Gics, run: RunRecord, status: RunStatus): Promise<GicsOp[]> {
  const delegation = isDelegated(run) ? await loadDelegation(gics, run.id) : null;
  const agent = delegation === null ? null : await gics.get<Agent>('agents', delegation.agent_id);
  if (!agent || (status !== 'done' && status !== 'error' && status !== 'cancelled')) return [];
  const outcomes = { ...agent.value.outcomes, [status]: agent.value.outcomes[status] + 1 };
  return [{ op: 'patch', collection: 'agents', id: agent.id, set: { outcomes }, rev: agent.rev }];
}
