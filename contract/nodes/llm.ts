import { JsonObjectSchema } from '../json.ts';
import { LlmMessageSchema, LlmToolSchema, TALK_LIMITS } from '../llm-talk.ts';
import { z } from '../zod.ts';
import { defineKind, NO_EFFECTS } from './kind.ts';

const isShort = (value: unknown): boolean => JSON.stringify(value).length <= TALK_LIMITS.chars;

/**
 * `provider: auto` is the active provider at the time of the call. Output: `{text, json, usage, cost_usd, provider, model}`, and with
 * `tools` also `{tool_calls, finish}`: what the model asks for is data, and nothing of it is done here.
 */
export const llmKind = defineKind({
  summary: 'One call of a language model',
  output: '`{text, json, usage, cost_usd, provider, model}`',
  example: { prompt: 'Say in one sentence what these files are: ${{ nodes.before.output }}' },
  with: z.strictObject({
    prompt: z.string().min(1).max(400_000),
    system: z.string().max(100_000).optional(),
    provider: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,62}$/)
      .default('auto'),
    model: z.string().min(1).max(200).optional(),
    schema: JsonObjectSchema.optional(),
    max_output_tokens: z.int().min(1).max(200_000).default(2048),
    temperature: z.number().min(0).max(2).optional(),
    /** What was said since the prompt. */
    messages: z.array(LlmMessageSchema).max(TALK_LIMITS.messages).refine(isShort, 'is too long').optional(),
    tools: z.array(LlmToolSchema).min(1).max(TALK_LIMITS.tools).refine(isShort, 'is too long').optional(),
    tool_choice: z.literal('none').optional(),
    /** Who asks for a correction is whoever made this node: output is also `{faults, finish}`. */
    repair: z.literal('none').optional(),
  }),
  lane: 'llm',
  choices: (value) => (value.model === undefined ? [] : [value.model]),
  effectMode: () => 'idempotent',
  jsonFields: ['schema', 'messages', 'tools'],
  effects: (value, toPattern) => ({
    ...NO_EFFECTS,
    models: [`${value.provider}/${value.model === undefined ? 'default' : toPattern(value.model)}`],
  }),
});
