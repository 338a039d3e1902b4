import { BodySchema } from './body.ts';
import { z } from '../zod.ts';
import { CelSource, defineKind, NO_EFFECTS } from './kind.ts';

/**
 * Runs its body again and again while a condition holds, at most `max` times; body nodes are called `<loop>[<round>].<id>`.
 * `while` and the body see `last` (output of the round before, null in the first) and `index` (from 0).
 * Output: `output` (CEL over the body; default: the output of the last body node) of the last round, null when there was none.
 */
export const loopKind = defineKind({
  summary: 'Its nodes, again and again while a condition holds',
  output: 'result of the last round; null when there was none',
  example: { while: 'last != true', max: 5, nodes: [{ id: 'check', kind: 'transform', with: { expr: 'index >= 2' } }] },
  with: z.strictObject({
    while: CelSource.default('true'),
    max: z.int().min(1).max(10_000),
    nodes: BodySchema,
    output: CelSource.optional(),
  }),
  lane: 'control',
  label: (_value, inputs) => inputs,
  effectMode: null,
  effects: () => NO_EFFECTS,
  ownScope: ['while', 'nodes', 'output'],
  body: (value) => ({ variables: ['last', 'index'], rounds: value.max, expressions: [{ path: 'while', source: value.while }] }),
});
