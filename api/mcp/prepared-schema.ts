/** Schemas of tools whose JSON form is made once: every request of 2026-07-28 makes a server, which asks for it again. */
import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import type { z } from '#contract/zod.ts';

/** In: a schema. Out: one that checks the same and answers with the same JSON Schema, without converting it anew. */
export function prepareSchema(schema: z.ZodObject): StandardSchemaWithJSON<Record<string, unknown>, Record<string, unknown>> {
  const { jsonSchema, ...standard } = schema['~standard'];
  const made = new Map<string, Record<string, unknown>>();
  const once =
    (io: 'input' | 'output'): typeof jsonSchema.input =>
    (options) => {
      const key = `${io} ${options.target}`;
      const json = made.get(key) ?? jsonSchema[io](options);
      made.set(key, json);
      return json;
    };
  return { '~standard': { ...standard, jsonSchema: { input: once('input'), output: once('output') } } };
}
