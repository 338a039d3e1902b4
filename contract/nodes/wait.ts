import { CLEAN } from '../labels.ts';
import { z } from '../zod.ts';
import { defineKind, NO_EFFECTS } from './kind.ts';

/** Output: null, after `ms` milliseconds of durable time (at most 30 days). */
export const waitKind = defineKind({
  summary: 'A durable timer',
  output: 'null',
  example: { ms: 60_000 },
  with: z.strictObject({
    ms: z
      .int()
      .min(0)
      .max(30 * 24 * 3600 * 1000),
  }),
  lane: 'control',
  label: () => CLEAN,
  effectMode: null,
  effects: () => NO_EFFECTS,
});
