/** Two runs side by side. */
import { JsonSchema } from './json.ts';
import { NODE_STATUSES, RUN_STATUSES } from './run-state.ts';
import { z } from './zod.ts';

const ComparedRunSchema = z.object({
  id: z.string(),
  title: z.string(),
  approved_id: z.string(),
  status: z.enum(RUN_STATUSES),
  duration_ms: z.number().nullable(),
  cost_usd: z.number().nullable(),
  inputs: z.record(z.string(), JsonSchema),
  outputs: z.record(z.string(), JsonSchema).nullable(),
});
export type ComparedRun = z.output<typeof ComparedRunSchema>;

const ComparedNodeSchema = z.object({
  status: z.enum(NODE_STATUSES),
  reason: z.string().nullable(),
  attempt_count: z.int(),
  duration_ms: z.number().nullable(),
  cost_usd: z.number().nullable(),
  /** SHA-256 of the canonical output; null while there is none that is known. */
  output_hash: z.string().nullable(),
});
export type ComparedNode = z.output<typeof ComparedNodeSchema>;

export const ComparisonSchema = z.object({
  a: ComparedRunSchema,
  b: ComparedRunSchema,
  /** In the order of the plan; a side is null where that run has no such node. */
  nodes: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      a: ComparedNodeSchema.nullable(),
      b: ComparedNodeSchema.nullable(),
      output: z.enum(['equal', 'different', 'none']),
    }),
  ),
});
export type Comparison = z.output<typeof ComparisonSchema>;
