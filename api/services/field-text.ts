/** What a schema takes, in one short line a field: for models, to which a JSON Schema is many words that say little. */
import { isJsonObject, type Json, type JsonObject } from '#contract/json.ts';
import { z } from '#contract/zod.ts';

/** In: the schema of an object. Out: `argv` → `string[]`; `cwd?` may be left out, and what stands behind `=` is then taken. */
export function fieldTexts(schema: z.ZodType): Record<string, string> {
  return fieldsOf(JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))) as JsonObject);
}

function fieldsOf({ properties, required }: JsonObject): Record<string, string> {
  const isNeeded = (name: string): boolean => Array.isArray(required) && required.includes(name);
  const fields = isJsonObject(properties) ? Object.entries(properties) : [];
  return Object.fromEntries(fields.map(([name, field]) => [isNeeded(name) ? name : `${name}?`, fieldText(field)]));
}

function fieldText(field: Json): string {
  if (!isJsonObject(field)) return 'any JSON';
  const { description, default: byDefault } = field;
  const isEmpty = byDefault === '' || (typeof byDefault === 'object' && Object.keys(byDefault ?? {}).length === 0);
  const taken = byDefault === undefined || isEmpty ? '' : ` = ${JSON.stringify(byDefault)}`;
  return `${typeText(field)}${taken}${typeof description === 'string' ? `: ${description}` : ''}`;
}

function typeText(schema: Json | undefined): string {
  if (!isJsonObject(schema)) return 'any JSON';
  if (schema['const'] !== undefined) return JSON.stringify(schema['const']);
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => JSON.stringify(value)).join(' | ');
  if (Array.isArray(schema['anyOf'])) return schema['anyOf'].map(typeText).join(' | ');
  switch (schema['type']) {
    case 'array': {
      const item = typeText(schema['items']);
      return item.includes(' | ') && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
    }
    case 'object':
      return objectText(schema);
    case 'integer':
    case 'number':
      return `${schema['type']}${rangeText(schema)}`;
    case 'string':
    case 'boolean':
    case 'null':
      return schema['type'];
    default:
      return 'any JSON';
  }
}

function rangeText({ minimum, maximum }: JsonObject): string {
  return typeof minimum === 'number' && typeof maximum === 'number' ? ` ${minimum}–${maximum}` : '';
}

function objectText(schema: JsonObject): string {
  const fields = Object.entries(fieldsOf(schema)).map(([name, text]) => `${name}: ${text}`);
  if (fields.length > 0) return `{${fields.join('; ')}}`;
  return `{name: ${typeText(schema['additionalProperties'])}}`;
}
