import { INTERNAL } from '../labels.ts';
import { z } from '../zod.ts';
import { defineKind, NO_EFFECTS } from './kind.ts';

/** Output: `{decision: "approved", comment, by}`. A rejection is an error of the node; `timeout_ms` passing is one too, never an approval. */
export const gateKind = defineKind({
  summary: 'A question to a person',
  output: '`{decision, comment, by}`; a rejection is the error `REJECTED`',
  example: { title: 'Publish these files?', message: '${{ nodes.before.output }}', risk: 'high' },
  with: z.strictObject({
    title: z.string().min(1).max(500),
    message: z.string().max(20_000).default(''),
    risk: z.enum(['low', 'medium', 'high']).default('medium'),
  }),
  lane: 'control',
  // A person wrote it.
  label: () => INTERNAL,
  effectMode: null,
  effects: () => NO_EFFECTS,
});
