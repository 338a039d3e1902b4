/**
 * JSON Schema (2020-12 without its rarer half) for answers of models: says where a value does not fit.
 * Own code, because zod's converter lets everything pass where `type` is missing, and because a pattern from a plan
 * must run on a linear engine: a backtracking one can be held up for good by an answer.
 */
import { RE2JS } from 're2js';
import { canonicalJson } from './canonical.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';

export type SchemaFault = { path: string; message: string };
type Report = (message: string, path?: string) => void;
/** `steps`: what checking has taken so far, in all branches together. */
type Context = { root: JsonObject; faults: SchemaFault[]; depth: number; steps: { taken: number } };

const MAX_FAULTS = 20;
const MAX_DEPTH = 64;
/** A schema whose parts lead back to it, or list each other, would else be checked for ever: some hundred milliseconds. */
const MAX_STEPS = 2_000_000;
/** Of an answer; deeper ones cannot be passed on. */
const MAX_NESTING = 100;
const IGNORED = new Set(
  'title description default examples $schema $id $comment $defs definitions format deprecated readOnly writeOnly'.split(' '),
);

/** What `value` breaks, empty when it fits. In: a schema that `schemaFaults` found nothing against. */
export function valueFaults(schema: JsonObject, value: Json): SchemaFault[] {
  if (isNestedTooDeeply(value)) return [{ path: '', message: 'is nested too deeply' }];
  const context: Context = { root: schema, faults: [], depth: 0, steps: { taken: 0 } };
  check(schema, value, '', context);
  if (context.steps.taken > MAX_STEPS) return [{ path: '', message: 'cannot be checked: it would take too long with this schema' }];
  return context.faults.slice(0, MAX_FAULTS);
}

function isNestedTooDeeply(value: Json): boolean {
  let level: Json[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_NESTING) return true;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}

/** What of the schema itself cannot be used: unknown keywords, patterns or references that do not resolve. */
export function schemaFaults(schema: JsonObject): SchemaFault[] {
  const faults: SchemaFault[] = [];
  walk(schema, '', faults, schema, 0);
  return faults;
}

function walk(schema: Json | undefined, path: string, faults: SchemaFault[], root: JsonObject, depth: number): void {
  if (typeof schema === 'boolean' || faults.length >= MAX_FAULTS) return;
  if (!isJsonObject(schema) || depth > MAX_DEPTH) {
    faults.push({ path, message: depth > MAX_DEPTH ? 'is nested too deeply' : 'must be a schema' });
    return;
  }
  for (const [keyword, operand] of Object.entries(schema)) {
    const at = `${path}/${keyword}`;
    if (!Object.hasOwn(KEYWORDS, keyword) && !IGNORED.has(keyword))
      faults.push({ path: at, message: 'is a keyword that is not supported here' });
    else if (keyword === 'pattern' && !isPattern(operand)) faults.push({ path: at, message: 'is not a regular expression of RE2' });
    else if (keyword === '$ref' && resolve(root, operand) === null)
      faults.push({ path: at, message: 'does not name a schema in this document' });
    for (const [name, part] of subschemas(keyword, operand)) walk(part, `${at}${name}`, faults, root, depth + 1);
  }
}

const ONE = new Set(['items', 'not', 'additionalProperties']);
const LIST = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const MAP = new Set(['properties', '$defs', 'definitions']);

function subschemas(keyword: string, operand: Json): [string, Json][] {
  if (ONE.has(keyword)) return [['', operand]];
  if (LIST.has(keyword) && Array.isArray(operand)) return operand.map((part, index) => [`/${index}`, part]);
  if (MAP.has(keyword) && isJsonObject(operand)) return Object.entries(operand).map(([name, part]) => [`/${name}`, part]);
  return [];
}

function isPattern(operand: Json): boolean {
  if (typeof operand !== 'string') return false;
  try {
    RE2JS.compile(operand);
    return true;
  } catch {
    return false; // the only fault a compiler reports is that the pattern is not one
  }
}

function check(schema: Json | undefined, value: Json, path: string, context: Context): void {
  if (schema === false) context.faults.push({ path, message: 'is not allowed' });
  if (!isJsonObject(schema) || context.faults.length >= MAX_FAULTS || context.steps.taken > MAX_STEPS) return;
  if (context.depth > MAX_DEPTH) {
    context.faults.push({ path, message: 'is nested too deeply' });
    return;
  }
  context.depth++;
  const report: Report = (message, at = '') => context.faults.push({ path: path + at, message });
  for (const [keyword, operand] of Object.entries(schema)) {
    context.steps.taken += stepsOf(keyword, operand, value);
    if (Object.hasOwn(KEYWORDS, keyword)) KEYWORDS[keyword]?.({ operand, value, schema, path, context, report });
  }
  context.depth--;
}

function stepsOf(keyword: string, operand: Json, value: Json): number {
  if (typeof value === 'string' && (keyword === 'pattern' || keyword.endsWith('Length'))) return 1 + Math.ceil(value.length / 8);
  return typeof operand === 'object' && operand !== null ? 1 + Object.keys(operand).length : 1;
}

function fits(schema: Json, value: Json, context: Context): boolean {
  const inner: Context = { root: context.root, faults: [], depth: context.depth, steps: context.steps };
  check(schema, value, '', inner);
  return inner.faults.length === 0;
}

/** Local references only: `#`, `#/$defs/name`, any pointer into the document. */
function resolve(root: JsonObject, ref: Json): Json | null {
  if (typeof ref !== 'string' || !(ref === '#' || ref.startsWith('#/'))) return null;
  let current: Json = root;
  for (const part of ref.split('/').slice(1)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (!isJsonObject(current) || !Object.hasOwn(current, key)) return null;
    current = current[key] ?? null;
  }
  return current;
}

function isSame(a: Json, b: Json | undefined): boolean {
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  if (!isJsonObject(a) || !isJsonObject(b)) return a === b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && isSame(a[name] ?? null, b[name]));
}

type Use = { operand: Json; value: Json; schema: JsonObject; path: string; context: Context; report: Report };
type Keyword = (use: Use) => void;

const parts = (operand: Json): Json[] => (Array.isArray(operand) ? operand : []);
const bound =
  (measure: (value: Json) => number | null, holds: (size: number, limit: number) => boolean, words: string): Keyword =>
  ({ operand, value, report }) => {
    const size = measure(value);
    if (size !== null && typeof operand === 'number' && !holds(size, operand)) report(`must ${words} ${operand}`);
  };
const number = (value: Json): number | null => (typeof value === 'number' ? value : null);
// JSON Schema counts code points.
const length = (value: Json): number | null => (typeof value === 'string' ? Array.from(value).length : null);
const items = (value: Json): number | null => (Array.isArray(value) ? value.length : null);
const keys = (value: Json): number | null => (isJsonObject(value) ? Object.keys(value).length : null);
const atLeast = (size: number, limit: number): boolean => size >= limit;
const atMost = (size: number, limit: number): boolean => size <= limit;

const KEYWORDS: Record<string, Keyword> = {
  type: ({ operand, value, report }) => {
    const wanted = Array.isArray(operand) ? operand : [operand];
    if (!wanted.some((type) => isOfType(value, type))) report(`must be ${wanted.map((type) => JSON.stringify(type)).join(' or ')}`);
  },
  enum: ({ operand, value, report }) => {
    if (!parts(operand).some((allowed) => isSame(allowed, value))) report(`must be one of ${JSON.stringify(operand).slice(0, 200)}`);
  },
  const: ({ operand, value, report }) => {
    if (!isSame(operand, value)) report(`must be ${JSON.stringify(operand).slice(0, 200)}`);
  },
  $ref: ({ operand, value, path, context }) => check(resolve(context.root, operand) ?? false, value, path, context),
  allOf: ({ operand, value, path, context }) => parts(operand).forEach((part) => check(part, value, path, context)),
  anyOf: ({ operand, value, context, report }) => {
    if (!parts(operand).some((part) => fits(part, value, context))) report('must fit one of the schemas in anyOf');
  },
  oneOf: ({ operand, value, context, report }) => {
    if (parts(operand).filter((part) => fits(part, value, context)).length !== 1) report('must fit exactly one of the schemas in oneOf');
  },
  not: ({ operand, value, context, report }) => {
    if (fits(operand, value, context)) report('must not fit the schema in not');
  },
  properties: ({ operand, value, path, context }) => {
    if (!isJsonObject(operand) || !isJsonObject(value)) return;
    for (const [name, part] of Object.entries(operand)) {
      if (Object.hasOwn(value, name)) check(part, value[name] ?? null, `${path}/${name}`, context);
    }
  },
  required: ({ operand, value, report }) => {
    if (!isJsonObject(value)) return;
    for (const name of parts(operand)) if (typeof name === 'string' && !Object.hasOwn(value, name)) report('is required', `/${name}`);
  },
  additionalProperties: ({ operand, value, schema, path, context }) => {
    if (!isJsonObject(value)) return;
    const named = isJsonObject(schema['properties']) ? schema['properties'] : {};
    for (const [name, part] of Object.entries(value)) if (!Object.hasOwn(named, name)) check(operand, part, `${path}/${name}`, context);
  },
  items: ({ operand, value, schema, path, context }) => {
    const from = parts(schema['prefixItems'] ?? null).length;
    parts(value).forEach((item, index) => index >= from && check(operand, item, `${path}/${index}`, context));
  },
  prefixItems: ({ operand, value, path, context }) => {
    if (!Array.isArray(value)) return;
    parts(operand).forEach((part, index) => index < value.length && check(part, value[index] ?? null, `${path}/${index}`, context));
  },
  uniqueItems: ({ operand, value, report }) => {
    const list = parts(value);
    if (operand === true && new Set(list.map(canonicalJson)).size < list.length) report('must not repeat an item');
  },
  pattern: ({ operand, value, report }) => {
    if (typeof operand === 'string' && typeof value === 'string' && !RE2JS.compile(operand).matcher(value).find())
      report(`must match ${operand}`);
  },
  multipleOf: bound(number, (size, step) => Number.isInteger(size / step), 'be a multiple of'),
  minimum: bound(number, atLeast, 'be at least'),
  maximum: bound(number, atMost, 'be at most'),
  exclusiveMinimum: bound(number, (size, limit) => size > limit, 'be more than'),
  exclusiveMaximum: bound(number, (size, limit) => size < limit, 'be less than'),
  minLength: bound(length, atLeast, 'have a length of at least'),
  maxLength: bound(length, atMost, 'have a length of at most'),
  minItems: bound(items, atLeast, 'have a number of items of at least'),
  maxItems: bound(items, atMost, 'have a number of items of at most'),
  minProperties: bound(keys, atLeast, 'have a number of fields of at least'),
  maxProperties: bound(keys, atMost, 'have a number of fields of at most'),
};

function isOfType(value: Json, type: Json): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return isJsonObject(value);
  if (type === 'array') return Array.isArray(value);
  return type === 'null' ? value === null : typeof value === type;
}
