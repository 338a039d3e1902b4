/** OpenAPI 3.1, made from the table of routes. */
import { ERRORS } from '#contract/error-table.ts';
import { type ErrorCode } from '#contract/errors.ts';
import type { JsonObject } from '#contract/json.ts';
import { ProblemSchema } from '#contract/objects.ts';
import { ROUTE_IDS, ROUTES, type RouteId } from '#contract/routes/index.ts';
import type { Route } from '#contract/routes/route.ts';
import { z } from '#contract/zod.ts';
import { VERSION } from '#platform/version.ts';

const PROBLEM = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
const IDEMPOTENCY: JsonObject = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key with the same body gets the same answer for 24 hours.',
  schema: { type: 'string', maxLength: 200 },
};
const documents = new Map<string, JsonObject>();

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' });
  return JSON.parse(JSON.stringify(rest)) as JsonObject;
}

function parameters(schema: z.ZodObject | undefined, place: 'path' | 'query'): JsonObject[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as { properties?: JsonObject; required?: string[] };
  return Object.entries(properties).map(([name, value]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: value,
  }));
}

/** A lockdown can refuse every change that is no stop. */
function errorsOf({ errors, method, role, isStop, isLook }: Route): readonly ErrorCode[] {
  return method === 'GET' || role === 'public' || isStop === true || isLook === true ? errors : [...errors, 'PANIC'];
}

function responses(row: Route): JsonObject {
  const media = row.media ?? (row.isStream === true ? 'text/event-stream' : 'application/json');
  const answers = Object.entries(row.responses).map(([status, schema]) => {
    const content = status === '204' || schema === undefined ? {} : { content: { [media]: { schema: jsonSchema(schema, 'output') } } };
    return [status, { description: status === '202' ? 'Accepted' : 'OK', ...content }];
  });
  const byStatus = new Map<number, string[]>();
  for (const code of errorsOf(row)) byStatus.set(ERRORS[code].status, [...(byStatus.get(ERRORS[code].status) ?? []), code]);
  const problems = [...byStatus].map(([status, codes]) => [String(status), { description: codes.join(', '), content: PROBLEM }]);
  return Object.fromEntries([...answers, ...problems]) as JsonObject;
}

function operation(id: RouteId): JsonObject {
  const row: Route = ROUTES[id];
  const isKeyed = row.method !== 'GET' && row.role !== 'public';
  const optional = row.body?.safeParse(undefined).success === true;
  return {
    operationId: id,
    summary: row.summary,
    parameters: [...parameters(row.params, 'path'), ...parameters(row.query, 'query'), ...(isKeyed ? [IDEMPOTENCY] : [])],
    ...(row.body === undefined
      ? {}
      : { requestBody: { required: !optional, content: { 'application/json': { schema: jsonSchema(row.body, 'input') } } } }),
    responses: responses(row),
    security: row.role === 'public' ? [] : row.role === 'session' ? [{ session: [] }] : [{ bearer: [] }, { session: [] }],
    'x-role': row.role,
    'x-token-classes': [...row.classes],
  };
}

/** In: whether only what outside tools may use is wanted, and the base URL. Out: the document, made once. */
export function openApi(isFiltered: boolean, url: string): JsonObject {
  const key = `${isFiltered} ${url}`;
  const known = documents.get(key);
  if (known !== undefined) return known;
  const paths: Record<string, JsonObject> = {};
  for (const id of ROUTE_IDS) {
    const row = ROUTES[id];
    if (isFiltered && !row.forIntegrations) continue;
    paths[row.path] = { ...paths[row.path], [row.method.toLowerCase()]: operation(id) };
  }
  const session: JsonObject = { type: 'apiKey', in: 'cookie', name: 'gimo_session' };
  const document: JsonObject = {
    openapi: '3.1.0',
    info: { title: 'GIMO', version: VERSION, description: 'The control plane for work that LLM agents do on real machines.' },
    servers: [{ url }],
    paths,
    components: {
      schemas: { Problem: jsonSchema(ProblemSchema, 'output') },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' }, ...(isFiltered ? {} : { session }) },
    },
  };
  documents.set(key, document);
  return document;
}
