import { NODE_ID } from './ids.ts';
import { z } from './zod.ts';

export const RetrySchema = z.strictObject({
  /** First try included. */
  max_attempts: z.int().min(1).max(20).default(1),
  backoff_ms: z.int().min(0).max(3_600_000).default(1000),
  factor: z.number().min(1).max(10).default(2),
  /** Error codes that are retried; all when empty. */
  on: z.array(z.string().max(64)).max(50).default([]),
});
export type Retry = z.infer<typeof RetrySchema>;

/** `compensate` fails like `fail`, and undoes what is done. */
export const ON_ERROR = ['fail', 'continue', 'gate', 'compensate'] as const;
export type OnError = (typeof ON_ERROR)[number];

/** What every node has; `with` belongs to its kind. */
export const NodeBaseShape = {
  id: z
    .string()
    .regex(NODE_ID, 'must be a lower-case letter, then letters, digits or _ (at most 63)')
    .refine((id) => id !== 'compensation', 'is the name of what undoes a node'),
  title: z.string().min(1).max(200).optional(),
  needs: z.array(z.string().max(64)).max(1000).default([]),
  when: z.string().min(1).max(2100).optional(),
  retry: RetrySchema.optional(),
  timeout_ms: z
    .int()
    .min(1)
    .max(30 * 24 * 3_600_000)
    .optional(),
  on_error: z.enum(ON_ERROR).default('fail'),
  /** What undoes this node once it is done; `with` belongs to its kind. */
  compensate: z.strictObject({ kind: z.string(), with: z.unknown().optional() }).optional(),
} as const;

/** A node before its kind is known to be right. */
export type RawNode = { id: string; kind: string; [field: string]: unknown };
