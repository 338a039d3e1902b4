/** What a plan is made of, for whoever writes one and has no documentation at hand. Made of the schemas that plans are checked with. */
import type { JsonObject } from '#contract/json.ts';
import { KIND_NAMES, NODE_KINDS, type NodeKind } from '#contract/nodes/index.ts';
import { PlanHeadShape } from '#contract/plan.ts';
import { NodeBaseShape } from '#contract/raw-node.ts';
import type { PlanFormat } from '#contract/routes/plan.ts';
import { z } from '#contract/zod.ts';
import { fieldTexts } from './field-text.ts';

const HEAD_NOTES: Record<keyof typeof PlanHeadShape, string> = {
  version: '',
  title: 'for people',
  intent: 'what it is for, for the person who decides',
  inputs: 'an input has one value, bound at the approval; with `open` each run may be given another one',
  envelope:
    'what it may touch; what is left out is computed from the nodes, and what is stated may be wider than they need, never narrower',
  policy: 'who has to agree, and for how long and how many runs that holds',
  outputs: 'expressions over the outputs of nodes',
};

const NODE_NOTES: Record<keyof typeof NodeBaseShape, string> = {
  id: 'a lower-case letter, then letters, digits or _; unique in the whole plan',
  title: 'for people',
  needs: 'ids of nodes beside it that must have ended first; only their outputs, and those above them, can be read',
  when: 'expression; unless it is true the node is skipped',
  retry: 'after a failure; `on` names error codes, empty = all',
  timeout_ms: 'of one attempt',
  on_error: '`gate` asks a person; `compensate` undoes what is done',
  compensate: 'an effect that undoes the node',
};

const EXPRESSIONS = [
  'CEL. Inside of text between `${{ }}`: alone in a string it keeps its type, inside a longer string it becomes text. `when`, `if`, `expr`, `while`, `from`, `output`, `outputs` are expressions without these marks.',
  '`inputs.NAME`, `nodes.ID.output`, `nodes.ID.status` (of nodes upstream), `run.id`; in a map the name in `as`, and `index`; in a loop `last` and `index`.',
  'An element of `argv` must become a string: `${{ string(inputs.n) }}`. Never put a reference into the text of a shell: pass it as an argument.',
];

const EXAMPLE: JsonObject = {
  version: 1,
  title: 'Count commits',
  nodes: [
    { id: 'count', kind: 'process', with: { argv: ['git', 'rev-list', '--count', 'HEAD'], parse: 'json', idempotent: true } },
    { id: 'sentence', kind: 'value', needs: ['count'], with: { value: 'There are ${{ nodes.count.output.json }} commits.' } },
  ],
  outputs: { sentence: 'nodes.sentence.output' },
};

function kindFormat(kind: NodeKind): PlanFormat['kinds'][string] {
  const { summary, output, example, with: schema } = NODE_KINDS[kind];
  return { summary, with: fieldTexts(schema), output, example };
}

function annotated(shape: z.core.$ZodLooseShape, notes: Record<string, string>): Record<string, string> {
  const note = (field: string): string => notes[field.replace('?', '')] ?? '';
  return Object.fromEntries(
    Object.entries(fieldTexts(z.strictObject(shape))).map(([field, text]) => [
      field,
      note(field) === '' ? text : `${text}: ${note(field)}`,
    ]),
  );
}

const FORMAT: PlanFormat = {
  notation:
    '`name?` may be left out, and `= x` is then taken. Fields that are not named here are refused. drafts_validate checks a plan and stores nothing.',
  plan: { ...annotated(PlanHeadShape, HEAD_NOTES), nodes: 'node[]' },
  node: { ...annotated(NodeBaseShape, NODE_NOTES), kind: KIND_NAMES.join(' | '), with: 'the fields of its kind' },
  expressions: EXPRESSIONS,
  kinds: Object.fromEntries(KIND_NAMES.map((kind) => [kind, kindFormat(kind)])),
  example: EXAMPLE,
};

export function planFormat(): PlanFormat {
  return FORMAT;
}
