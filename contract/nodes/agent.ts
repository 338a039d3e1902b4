import { AgentToolsSchema, toolEffects, toolKinds } from '../agent-tools.ts';
import { z } from '../zod.ts';
import { defineKind } from './kind.ts';

export const AGENT_LIMITS = { turns: 200, calls: 1000, callsOfTurn: 16, sameTurns: 4 } as const;

/**
 * A model that works with tools: each of its turns and each call is a node that it adds to the run, called `<agent>[<step>].<id>`.
 * Output: `{text, finish, turns, tool_calls}`.
 */
export const agentKind = defineKind({
  summary: 'A model that works with tools',
  with: z.strictObject({
    task: z.string().min(1).max(400_000),
    system: z.string().max(100_000).optional(),
    provider: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,62}$/)
      .default('auto'),
    model: z.string().min(1).max(200).optional(),
    /** Of each turn. */
    max_output_tokens: z.int().min(1).max(200_000).default(4096),
    temperature: z.number().min(0).max(2).optional(),
    tools: AgentToolsSchema.prefault({}),
    max_turns: z.int().min(1).max(AGENT_LIMITS.turns).default(20),
    max_tool_calls: z.int().min(0).max(AGENT_LIMITS.calls).default(50),
    /** Of a result as the model sees it; the rest is cut off. */
    max_result_chars: z.int().min(200).max(100_000).default(16_000),
  }),
  lane: 'control',
  effectMode: null,
  effects: (value, toPattern) => ({
    ...toolEffects(value.tools),
    models: [`${value.provider}/${value.model === undefined ? 'default' : toPattern(value.model)}`],
  }),
  grows: ({ tools, max_turns, max_tool_calls }) => ({ kinds: toolKinds(tools), nodes: max_turns + max_tool_calls }),
  ownScope: ['tools'],
});
