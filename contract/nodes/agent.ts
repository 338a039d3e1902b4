import { AgentToolsSchema, toolEffects, toolKinds } from '../agent-tools.ts';
import { JsonObjectSchema, type JsonObject } from '../json.ts';
import { schemaFaults } from '../json-schema.ts';
import { hasReference } from '../template.ts';
import { z } from '../zod.ts';
import { defineKind } from './kind.ts';

export const AGENT_LIMITS = { turns: 200, calls: 1000, callsOfTurn: 16, sameTurns: 4 } as const;

/** Of a schema, which each turn carries. */
const MAX_SCHEMA_CHARS = 100_000;

function refuseUnusable(schema: JsonObject, context: z.RefinementCtx): void {
  const text = JSON.stringify(schema);
  const refuse = (message: string, path: string[] = []): void => context.addIssue({ code: 'custom', message, path });
  if (text.length > MAX_SCHEMA_CHARS) refuse(`is longer than ${MAX_SCHEMA_CHARS} characters`);
  if (hasReference(text)) refuse('must be fixed, without a reference');
  for (const { path, message } of schemaFaults(schema)) refuse(message, path.split('/').slice(1));
}

const AgentWith = z
  .strictObject({
    task: z.string().min(1).max(400_000),
    system: z.string().max(100_000).optional(),
    provider: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,62}$/)
      .default('auto'),
    model: z.string().min(1).max(200).optional(),
    max_output_tokens: z.int().min(1).max(200_000).default(4096).describe('Of each turn'),
    temperature: z.number().min(0).max(2).optional(),
    tools: AgentToolsSchema.prefault({}),
    max_turns: z.int().min(1).max(AGENT_LIMITS.turns).default(20),
    max_tool_calls: z.int().min(0).max(AGENT_LIMITS.calls).default(50),
    max_result_chars: z.int().min(200).max(100_000).default(16_000).describe('Of a result as the model sees it; the rest is cut off'),
    output_schema: JsonObjectSchema.superRefine(refuseUnusable)
      .optional()
      .describe('JSON Schema of its last answer. One of its turns is kept for correcting that'),
  })
  .refine(({ output_schema, max_turns }) => output_schema === undefined || max_turns > 1, {
    path: ['max_turns'],
    message: 'must be at least 2 with `output_schema`: one to answer, and one to correct the answer',
  });

/**
 * A model that works with tools: each of its turns and each call is a node that it adds to the run, called `<agent>[<step>].<id>`.
 * Output: `{text, finish, turns, tool_calls}`, and with `output_schema` also `json`.
 */
export const agentKind = defineKind({
  summary: 'A model that works with tools',
  output: '`{text, finish, turns, tool_calls}`, with `output_schema` also `json`',
  example: { task: 'Find out why the tests fail', tools: { files: true, commands: [['npm', 'test']] } },
  with: AgentWith,
  lane: 'control',
  effectMode: null,
  effects: (value, toPattern) => ({
    ...toolEffects(value.tools),
    models: [`${value.provider}/${value.model === undefined ? 'default' : toPattern(value.model)}`],
  }),
  grows: ({ tools, max_turns, max_tool_calls }) => ({ kinds: toolKinds(tools), nodes: max_turns + max_tool_calls }),
  ownScope: ['tools', 'output_schema'],
});
