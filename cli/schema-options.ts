/** Options of a command, derived from the schemas of its route. */
import type { Json } from '#contract/json.ts';
import { z } from '#contract/zod.ts';
import { parseArgument, parsePairs } from './documents.ts';
import { CliFailure, EXIT } from './failure.ts';

export type OptionKind = 'text' | 'number' | 'boolean' | 'json' | 'pairs' | 'list';
export type OptionSpec = {
  field: string;
  /** Name without dashes. */
  flag: string;
  where: 'query' | 'body';
  kind: OptionKind;
  choices: string[];
  description: string;
};

/** The parts of a JSON Schema that matter here. */
type Shape = {
  type?: string;
  enum?: unknown[];
  properties?: Record<string, Shape>;
  anyOf?: Shape[];
  oneOf?: Shape[];
  items?: Shape;
  description?: string;
};

/** Names that every command has already. */
const TAKEN = new Set(['json', 'url', 'token', 'data', 'body', 'help']);

/** In: the schema of a query or a body. Out: one option for each field it may have; a union gives the fields of all its branches. */
export function optionsOf(schema: z.ZodType | undefined, where: OptionSpec['where']): OptionSpec[] {
  if (schema === undefined) return [];
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape;
  return Object.entries(fieldsOf(shape)).map(([field, value]) => optionOf(field, value, where));
}

function fieldsOf(shape: Shape): Record<string, Shape> {
  const branches = shape.anyOf ?? shape.oneOf ?? [];
  return Object.assign({}, ...branches.map(fieldsOf), shape.properties) as Record<string, Shape>;
}

function optionOf(field: string, shape: Shape, where: OptionSpec['where']): OptionSpec {
  const dashed = field.replaceAll('_', '-');
  const choices = (shape.enum ?? []).filter((item) => typeof item === 'string');
  const isSwitch = choices.length === 2 && choices.includes('true') && choices.includes('false');
  const flag = TAKEN.has(dashed) ? `${where}-${dashed}` : dashed;
  return {
    field,
    flag,
    where,
    kind: isSwitch ? 'boolean' : kindOf(shape),
    choices: isSwitch ? [] : choices,
    description: shape.description ?? '',
  };
}

function kindOf(shape: Shape): OptionKind {
  switch (shape.type) {
    case 'string':
      return 'text';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return shape.items?.type === 'string' ? 'list' : 'json';
    case 'object':
      return shape.properties === undefined ? 'pairs' : 'json';
    default:
      return 'json';
  }
}

const PLACEHOLDER: Record<OptionKind, string> = {
  text: '<text>',
  number: '<number>',
  boolean: '[true|false]',
  json: '<json or @file>',
  pairs: '<name=value>',
  list: '<text>',
};

/** Pairs and lists are given by repeating the option. */
export function isRepeated({ kind }: OptionSpec): boolean {
  return kind === 'pairs' || kind === 'list';
}

export function optionFlags(spec: OptionSpec): string {
  return `--${spec.flag} ${PLACEHOLDER[spec.kind]}`;
}

/** In: what commander read for one option. Out: the value that goes into the body. Throws: CliFailure (usage). */
export function optionValue(spec: OptionSpec, raw: unknown): Json {
  const name = `--${spec.flag}`;
  if (spec.kind === 'boolean') return booleanOf(name, raw);
  if (spec.kind === 'list') return (raw as string[]).map(String);
  if (spec.kind === 'pairs') return pairsOf(name, raw as string[]);
  const text = String(raw);
  if (spec.kind === 'json') return parseArgument(text, name);
  if (spec.kind === 'text') return text;
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new CliFailure(EXIT.usage, `${name} takes a number, not \`${text}\`.`);
  return number;
}

function booleanOf(name: string, raw: unknown): boolean {
  if (raw === true || raw === 'true') return true;
  if (raw === 'false') return false;
  throw new CliFailure(EXIT.usage, `${name} takes true or false, not \`${String(raw)}\`.`);
}

/** Pairs, or one JSON object or `@file` in their place. */
function pairsOf(name: string, raw: string[]): Json {
  const [first = ''] = raw;
  return raw.length === 1 && /^[@{]/.test(first) ? parseArgument(first, name) : parsePairs(raw, name);
}
