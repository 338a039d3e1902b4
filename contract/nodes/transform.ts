import { z } from '../zod.ts';
import { CelSource, defineKind, NO_EFFECTS } from './kind.ts';

/** Output: the result of the expression. */
export const transformKind = defineKind({
  summary: 'The result of a CEL expression',
  output: 'result of the expression',
  example: { expr: 'size(nodes.before.output)' },
  with: z.strictObject({ expr: CelSource }),
  lane: 'control',
  label: (_value, inputs) => inputs,
  effectMode: null,
  effects: () => NO_EFFECTS,
  expressions: (value) => [{ path: 'expr', source: value.expr }],
});
