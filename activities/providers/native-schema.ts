/** Which schemas an endpoint can be asked to enforce by itself. */
import { isLocalProvider, providerHost, type Provider } from '#contract/provider.ts';
import { isJsonObject, type Json, type JsonObject } from '#contract/json.ts';
import type { Turn } from './port.ts';

const STRICT_HOSTS = new Set(['api.openai.com', 'api.anthropic.com']);
const STRICT_KEYWORDS = new Set(
  'type properties required additionalProperties items enum const anyOf description title $defs $ref'.split(' '),
);

/**
 * Local servers turn any schema into a grammar, which leaves no way to ask for a tool. OpenAI and Anthropic take a strict subset and refuse the rest.
 * Of other hosts nothing is known: they get the schema in words alone. Null = in words alone.
 */
export function nativeSchema(provider: Provider, schema: JsonObject, hasTools: boolean): Turn['nativeSchema'] {
  const isStrict = isStrictSchema(schema, true);
  if (isLocalProvider(provider)) return hasTools ? null : { schema, isStrict };
  return isStrict && STRICT_HOSTS.has(providerHost(provider) ?? '') ? { schema, isStrict } : null;
}

/** The subset of OpenAI's strict mode: an object at the root, every object closed with all fields required. */
function isStrictSchema(schema: Json | undefined, isRoot = false): boolean {
  if (!isJsonObject(schema) || Object.keys(schema).some((keyword) => !STRICT_KEYWORDS.has(keyword))) return false;
  if (isRoot && schema['type'] !== 'object') return false;
  if (schema['type'] === 'object' && !isClosed(schema)) return false;
  const lists = Array.isArray(schema['anyOf']) ? schema['anyOf'] : [];
  const maps = [schema['properties'], schema['$defs']].flatMap((map) => (isJsonObject(map) ? Object.values(map) : []));
  const item = schema['items'] === undefined ? [] : [schema['items']];
  return [...lists, ...maps, ...item].every((part) => isStrictSchema(part));
}

function isClosed(schema: JsonObject): boolean {
  const names = isJsonObject(schema['properties']) ? Object.keys(schema['properties']) : [];
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return schema['additionalProperties'] === false && names.every((name) => required.includes(name));
}
