import { JsonSchema } from '../json.ts';
import { z } from '../zod.ts';
import { defineKind, NO_EFFECTS } from './kind.ts';

/** Output: `with.value`, rendered. */
export const valueKind = defineKind({
  summary: 'A value made of inputs and earlier outputs',
  output: 'the value with its references filled in',
  example: { value: { files: '${{ nodes.before.output }}', by: 'GIMO' } },
  with: z.strictObject({ value: JsonSchema }),
  lane: 'control',
  label: (_value, inputs) => inputs,
  effectMode: null,
  effects: () => NO_EFFECTS,
});
