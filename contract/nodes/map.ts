import { JsonSchema } from '../json.ts';
import { BodySchema } from './body.ts';
import { z } from '../zod.ts';
import { CelSource, defineKind, NO_EFFECTS } from './kind.ts';

/**
 * Runs its body once for each item of a list, at most `concurrency` at a time; body nodes are called `<map>[<index>].<id>`.
 * Output: the list of `output` (CEL over the body; default: the output of the last body node) in the order of the items;
 * with `on_item_error: collect` each is `{ok, output, error}`.
 */
export const mapKind = defineKind({
  summary: 'Its nodes, once for each item of a list',
  output: 'list in the order of the items; with collect `{ok, output, error}` each',
  example: {
    over: '${{ nodes.before.output }}',
    as: 'file',
    nodes: [{ id: 'lines', kind: 'process', with: { argv: ['wc', '-l', './${{ file }}'], idempotent: true } }],
    output: 'nodes.lines.output.stdout',
  },
  with: z.strictObject({
    over: z.union([z.string().min(1).max(2100), z.array(JsonSchema).max(100_000)]),
    as: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,30}$/)
      .default('item'),
    concurrency: z.int().min(1).max(1000).default(10),
    max_items: z.int().min(1).max(100_000).default(1000),
    nodes: BodySchema,
    output: CelSource.optional(),
    on_item_error: z.enum(['fail', 'collect']).default('fail'),
  }),
  lane: 'control',
  label: (_value, inputs) => inputs,
  effectMode: null,
  effects: () => NO_EFFECTS,
  ownScope: ['nodes', 'output'],
  body: (value) => ({ variables: [value.as, 'index'], rounds: value.max_items, expressions: [] }),
});
