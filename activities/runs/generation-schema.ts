/**
 * What a model is asked for when it writes a plan: flat, every field present, no free maps and no recursion, because the
 * strict modes of providers have neither. Turned into a plan, which then passes the same total validation as any other.
 */
import { isJsonObject, type Json, type JsonObject } from '#contract/json.ts';

const text = (description: string): JsonObject => ({ type: ['string', 'null'], description });
const texts = (description: string): JsonObject => ({ type: ['array', 'null'], items: { type: 'string' }, description });

const STEP_FIELDS: JsonObject = {
  id: { type: 'string', description: 'lower-case letters, digits and _, beginning with a letter; unique' },
  kind: { type: 'string', enum: ['process', 'llm', 'gate', 'patch', 'transform'] },
  needs: { type: 'array', items: { type: 'string' }, description: 'ids of the steps that must be done before' },
  argv: texts('process: the program and its arguments, each its own string; no shell unless needed'),
  write: texts('process: folders below which it may write; null = read-only'),
  prompt: text('llm: the prompt; earlier results as ${{ nodes.<id>.output.stdout }} or ${{ nodes.<id>.output.text }}'),
  title: text('gate: the question to a person'),
  message: text('gate: what the person should know'),
  path: text('patch: the file to write, relative to the repository'),
  content: text('patch: the whole new content of that file; references are allowed'),
  expr: text('transform: a CEL expression over nodes and inputs'),
};

export const GENERATION_SCHEMA: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['title', 'intent', 'steps'],
  properties: {
    title: { type: 'string' },
    intent: { type: 'string' },
    steps: {
      type: 'array',
      items: { type: 'object', additionalProperties: false, required: Object.keys(STEP_FIELDS), properties: STEP_FIELDS },
    },
  },
};

export const GENERATION_SYSTEM = [
  'You write plans for GIMO. A plan is a DAG of steps that a person approves before anything runs.',
  'Steps run on a private clone of a git repository, in a sandbox without network; processes see it read-only unless `write` names folders.',
  'Kinds: process (one command), llm (one model call), gate (asks a person), patch (writes one file on a branch), transform (a CEL expression).',
  'A step may only refer to steps that it needs, directly or through others. Put a gate before a patch. Use few steps. Set fields that a kind does not use to null.',
].join('\n');

function given(step: JsonObject, field: string): Json | undefined {
  return step[field] ?? undefined;
}

function withOf(step: JsonObject): JsonObject {
  const fields: Record<string, JsonObject> = {
    process: { argv: given(step, 'argv') ?? [], ...(step['write'] ? { write: step['write'] } : { idempotent: true }) },
    llm: { prompt: given(step, 'prompt') ?? '' },
    gate: { title: given(step, 'title') ?? '', message: given(step, 'message') ?? '' },
    patch: { files: [{ path: given(step, 'path') ?? '', content: given(step, 'content') ?? '' }] },
    transform: { expr: given(step, 'expr') ?? '' },
  };
  return typeof step['kind'] === 'string' ? (fields[step['kind']] ?? {}) : {};
}

/** In: what the model answered. Out: a plan that still has to be validated. */
export function planFromAnswer(answer: Json, prompt: string): JsonObject {
  const root = isJsonObject(answer) ? answer : {};
  const steps = Array.isArray(root['steps']) ? root['steps'].filter(isJsonObject) : [];
  const nodes = steps.map((step): JsonObject => ({
    id: step['id'] ?? '',
    kind: step['kind'] ?? '',
    needs: step['needs'] ?? [],
    with: withOf(step),
  }));
  const { title, intent } = root;
  return {
    version: 1,
    title: typeof title === 'string' ? title.slice(0, 200) : '',
    intent: typeof intent === 'string' ? intent : prompt,
    nodes,
  };
}
