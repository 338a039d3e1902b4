import { CLEAN } from '../labels.ts';
import { z } from '../zod.ts';
import { defineKind, NO_EFFECTS } from './kind.ts';

/** Output: the number of needs that are done. Skipped needs are accepted; `any` and `count` do not wait for the others. */
export const joinKind = defineKind({
  summary: 'Waits for all, any or a number of its needs',
  output: 'number of needs that are done; accepts skipped ones',
  example: { mode: 'any' },
  with: z
    .strictObject({ mode: z.enum(['all', 'any', 'count']).default('all'), count: z.int().min(1).max(10_000).optional() })
    .refine((value) => value.mode !== 'count' || value.count !== undefined, {
      path: ['count'],
      message: 'mode count needs `count`',
    }),
  lane: 'control',
  label: () => CLEAN,
  effectMode: null,
  effects: () => NO_EFFECTS,
});
