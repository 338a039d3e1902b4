import { z } from '../zod.ts';
import { CelSource, defineKind, NO_EFFECTS } from './kind.ts';

/**
 * Adds nodes to the run: `from` gives a list of nodes, or `{nodes, output, reason}`. They are checked like a plan and called
 * `<subplan>.<id>`. Inside the envelope they run at once; for what lies outside, a person is asked.
 * Output: `output` of what was given (default: the output of its last node).
 */
export const subplanKind = defineKind({
  summary: 'Nodes that an earlier node has written',
  output: 'its `output`, or that of its last node',
  example: { from: 'nodes.before.output' },
  with: z.strictObject({ from: CelSource }),
  lane: 'control',
  label: (_value, inputs) => inputs,
  effectMode: null,
  effects: () => NO_EFFECTS,
  expressions: (value) => [{ path: 'from', source: value.from }],
});
