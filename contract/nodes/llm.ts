import { JsonObjectSchema } from '../json.ts';
import { z } from '../zod.ts';
import { defineKind, NO_EFFECTS } from './kind.ts';

/** `provider: auto` is the active provider at the time of the call. Output: `{text, json, usage, cost_usd, provider, model}`. */
export const llmKind = defineKind({
  summary: 'One call of a language model',
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
  }),
  lane: 'llm',
  choices: (value) => (value.model === undefined ? [] : [value.model]),
  effectMode: () => 'idempotent',
  jsonFields: ['schema'],
  effects: (value, toPattern) => ({
    ...NO_EFFECTS,
    models: [`${value.provider}/${value.model === undefined ? 'default' : toPattern(value.model)}`],
  }),
});
