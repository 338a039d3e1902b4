/** What lists and logs say of a run. */
import { z } from './zod.ts';

export const NodeCountsSchema = z.object({
  total: z.int(),
  done: z.int(),
  skipped: z.int(),
  error: z.int(),
  running: z.int(),
  waiting: z.int(),
});

export const LogEntrySchema = z.object({
  seq: z.int(),
  at: z.string(),
  node: z.string().nullable(),
  level: z.enum(['info', 'warn', 'error']),
  text: z.string(),
});

export const ErrorInfoSchema = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  retryable: z.boolean(),
  attempt: z.int(),
});
