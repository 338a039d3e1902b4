/** A delegation: a child run of an agent, inside of what its parent was approved for. */
import type { Agent } from './agents.ts';
import { ActorLabel } from './approval-rule.ts';
import { SignatureSchema, verifySignatures, type PublicKey } from './decision.ts';
import { domainBytes, hashOf } from './canonical.ts';
import { BudgetAskSchema, type BudgetLimit, type Envelope } from './envelope.ts';
import type { Fault } from './errors.ts';
import { derivedId } from './gate-id.ts';
import { isJsonObject, JsonSchema, type Json, type JsonObject } from './json.ts';
import type { Label } from './labels.ts';
import type { Run } from './objects.ts';
import { checkPlan } from './plan-check.ts';
import type { Plan } from './plan.ts';
import type { RunStatus } from './run-state.ts';
import { asText } from './template.ts';
import { z } from './zod.ts';

export const DelegationRequestSchema = z.strictObject({
  task: z.string().min(1).max(100_000),
  /** Nodes, or `{nodes, output}`; without one the agent's model answers the task. */
  plan: JsonSchema.optional(),
  /** At most; less where the agent, its level or the parent have less. */
  budget: BudgetAskSchema.optional(),
});
export type DelegationRequest = z.output<typeof DelegationRequestSchema> & { agent: string };

/** What the API asks a run to do: signed, because it decides what happens. */
export const DelegateCommandBodySchema = z.strictObject({
  ...DelegationRequestSchema.shape,
  agent: z.string(),
  command_id: z.string().min(1).max(100),
  run_id: z.string(),
  node: z.string(),
  by: ActorLabel,
  at: z.iso.datetime(),
});
export type DelegateCommandBody = z.output<typeof DelegateCommandBodySchema>;
export const DelegateCommandSchema = z.strictObject({
  ...DelegateCommandBodySchema.shape,
  signatures: z.array(SignatureSchema).min(1).max(16),
});
export type DelegateCommand = z.output<typeof DelegateCommandSchema>;

export function delegateCommandBytes(command: DelegateCommandBody | DelegateCommand): Uint8Array {
  const { signatures: _signatures, ...body } = command as DelegateCommand;
  return domainBytes('gimo.delegate.v1', body);
}

export function verifyDelegateCommand(command: DelegateCommand, ring: readonly PublicKey[]): boolean {
  return verifySignatures(delegateCommandBytes(command), command.signatures, ring);
}

/** The child of one attempt of one node: a repeat finds the same one. */
export function childRunId(runId: string, call: { node: string; attempt: number; redo: number }): string {
  return derivedId('run', runId, hashOf('gimo.child.v1', { run_id: runId, ...call }));
}

/** What the child's record says beside its run, under the same id. Never changed. */
export type Delegation = {
  id: string;
  parent_run_id: string;
  node: string;
  attempt: number;
  agent_id: string;
  agent_name: string;
  task: string;
  depth: number;
  /** Runs above it, the nearest first: what stops one of them stops it. */
  ancestors: string[];
  plan: Plan;
  envelope: Envelope;
  /** Decisions that widened a run above it. */
  grants: { run_id: string; decision_id: string }[];
  /** Of the task, and of the nodes where a value gave them. Absent in those of earlier versions. */
  labels?: { task: Label; text: Label };
  created_at: string;
};

/** Whether an agent was given this run by another one. */
export function isDelegated({ delegated_by: by }: Pick<Run, 'delegated_by'>): boolean {
  // Records from before there were delegations do not have it.
  return (by ?? null) !== null;
}

/** How a delegation ended: the result of the tool that called it. */
export type ToolResult = {
  ok: boolean;
  artifact: Json;
  error: { code: string; message: string } | null;
  run_id: string;
  agent: string;
  status: RunStatus;
  branch: string | null;
  cost_usd: number | null;
};

/** `spent` null = nobody knows. */
export type ChildEnd = { result: ToolResult; spent: BudgetLimit | null };

/** In: who does it and what. Out: the whole plan of the child, and its faults. Texts come in as inputs, so that nothing in them is a reference. */
export function childPlan(agent: Agent, { task, plan }: Pick<DelegationRequest, 'task' | 'plan'>): { plan: Plan | null; faults: Fault[] } {
  const body = plan === undefined || plan === null ? thinks(agent) : isJsonObject(plan) ? plan : { nodes: plan };
  const { nodes, output, ...rest } = body;
  const last = Array.isArray(nodes) ? nodes.at(-1) : null;
  const artifact = output ?? (isJsonObject(last) ? `nodes.${asText(last['id'] ?? '')}.output` : 'null');
  const text = { schema: { type: 'string' } };
  return checkPlan({
    ...rest,
    version: 1,
    title: `${agent.name}: ${task}`.slice(0, 120),
    inputs: { task: { ...text, default: task }, system: { ...text, default: agent.system } },
    policy: { over_budget: 'fail' },
    nodes: nodes ?? null,
    outputs: { artifact },
  });
}

/** The agent's model answers by itself. */
function thinks({ provider, model, system }: Agent): JsonObject {
  const call = { prompt: '${{ inputs.task }}', provider, ...(model === undefined ? {} : { model }) };
  const answer = { id: 'answer', kind: 'llm', with: { ...call, ...(system === '' ? {} : { system: '${{ inputs.system }}' }) } };
  return { nodes: [answer], output: 'nodes.answer.output.text' };
}

/** Where the caller names no sum, the agent's own limit holds. */
export function wantedBudget({ budget }: Agent, wanted: DelegationRequest['budget']): BudgetLimit {
  const { usd, tokens, wall_ms } = wanted ?? {};
  return { usd: usd ?? budget.usd, tokens: tokens ?? budget.tokens, wall_ms: wall_ms ?? budget.wall_ms };
}
