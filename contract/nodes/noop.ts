import { JsonSchema } from '../json.ts';
import { z } from '../zod.ts';
import { defineKind, NO_EFFECTS } from './kind.ts';

/** Output: `with.value`. Goes the whole way of an effect (permit, ledger, activity) and touches nothing. */
export const noopKind = defineKind({
  summary: 'An effect that does nothing: for learning and for measuring',
  output: 'the value, by way of an effect that does nothing',
  example: { value: 1 },
  with: z.strictObject({ value: JsonSchema.default(null) }),
  lane: 'general',
  label: (_value, inputs) => inputs,
  effectMode: () => 'pure',
  effects: () => NO_EFFECTS,
  jsonFields: ['value'],
});
