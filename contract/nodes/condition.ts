import { z } from '../zod.ts';
import { CelSource, defineKind, NO_EFFECTS } from './kind.ts';

/** Output: true or false; use it in `when` of later nodes. */
export const conditionKind = defineKind({
  summary: 'Whether a CEL expression holds',
  output: 'true or false',
  example: { if: 'size(nodes.before.output) > 0' },
  with: z.strictObject({ if: CelSource }),
  lane: 'control',
  label: (_value, inputs) => inputs,
  effectMode: null,
  effects: () => NO_EFFECTS,
  expressions: (value) => [{ path: 'if', source: value.if }],
});
