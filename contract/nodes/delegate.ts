import { AgentName } from '../agents.ts';
import { BudgetAskSchema } from '../envelope.ts';
import { z } from '../zod.ts';
import { CelSource, defineKind, NO_EFFECTS } from './kind.ts';

/**
 * Hands a task to an agent of the registry: a run of its own, inside of what this one may do. `plan` is an expression that gives its nodes, or
 * `{nodes, output}`; without one the agent's model answers. Output: `{ok, artifact, error, run_id, agent, status, branch, cost_usd}`.
 */
export const delegateKind = defineKind({
  summary: 'A task for another agent',
  output: '`{ok, artifact, error, run_id, agent, status, branch, cost_usd}`',
  example: { agent: 'reviewer', task: 'Review ${{ nodes.before.output }}' },
  with: z.strictObject({
    agent: AgentName,
    task: z.string().min(1).max(100_000),
    plan: CelSource.optional(),
    budget: BudgetAskSchema.optional(),
  }),
  lane: 'control',
  effectMode: null,
  effects: (value) => ({ ...NO_EFFECTS, tools: [`agent/${value.agent}`] }),
  expressions: (value) => (value.plan === undefined ? [] : [{ path: 'plan', source: value.plan }]),
});
