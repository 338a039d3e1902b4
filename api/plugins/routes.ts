/** Makes one Fastify route of each row of the table; nothing else answers API requests. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GimoError, type Fault } from '#contract/errors.ts';
import { isJsonObject } from '#contract/json.ts';
import { ROUTE_IDS, ROUTES, type RouteId } from '#contract/routes/index.ts';
import type { Route } from '#contract/routes/route.ts';
import type { z } from '#contract/zod.ts';
import type { Actor, Call, Core } from '../deps.ts';
import { HANDLERS } from '../handlers.ts';
import type { Answer, HandlerInput, LooseHandler } from '../handler.ts';
import { checkKey, withIdempotency } from '../services/idempotency.ts';
import { recordRefusal } from '../services/refusals.ts';
import { refusalOf } from './auth.ts';
import { sendStream } from './sse.ts';
import { fault, sendProblem, toGimoError } from './problem.ts';

/** Caller of public routes. Never stored: the services that public routes use name their own actor. */
const NOBODY: Actor = {
  label: 'nobody',
  role: 'actions',
  class: 'human',
  name: null,
  owner: null,
  tokenId: null,
  expiresAt: null,
  session: null,
};
/** Fields of bodies whose schema is `any JSON`. */
const ANY_JSON = ['plan', 'context'] as const;
const LARGE_BYTES = 64 * 1024;
const REFUSED: ReadonlySet<number> = new Set([403, 409]);

function pathOf(parts: PropertyKey[], root: string): string {
  return parts.reduce<string>((path, part) => (typeof part === 'number' ? `${path}[${part}]` : `${path}.${String(part)}`), root);
}

function check(schema: z.ZodType | undefined, value: unknown, root: string, faults: Fault[]): unknown {
  if (schema === undefined) {
    const isEmpty = value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
    if (!isEmpty) faults.push(fault(root, 'is not taken here'));
    return undefined;
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) faults.push(fault(pathOf(issue.path, root), issue.message, issue.code.toUpperCase()));
  return undefined;
}

/** Throws: BAD_REQUEST with every fault of path, query and body. */
function readInput(row: Route, request: FastifyRequest): Pick<HandlerInput, 'params' | 'query' | 'body'> {
  const faults: Fault[] = [];
  const params = check(row.params, request.params, 'path', faults);
  const query = check(row.query, request.query, 'query', faults);
  const body = checkBody(row, request, faults);
  if (faults.length > 0) throw new GimoError('BAD_REQUEST', { message: sentenceOf(faults), faults });
  return { params, query, body };
}

/**
 * Fields that may hold any JSON were proven to be JSON by the parser. In a large body their schema is not asked again:
 * for two megabytes it would take a quarter of a second of everybody's time.
 */
function checkBody(row: Route, request: FastifyRequest, faults: Fault[]): unknown {
  const { body } = request;
  if (request.bodyBytes < LARGE_BYTES || !isJsonObject(body)) return check(row.body, body, 'body', faults);
  const held = ANY_JSON.filter((name) => isJsonObject(body[name]));
  const light = { ...body, ...Object.fromEntries(held.map((name) => [name, {}])) };
  const checked = check(row.body, light, 'body', faults);
  return isJsonObject(checked) ? { ...checked, ...Object.fromEntries(held.map((name) => [name, body[name]])) } : checked;
}

function sentenceOf(faults: Fault[]): string {
  const [first] = faults;
  return `The request is not valid: ${first?.path} ${first?.message}${faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''}.`;
}

function nextLink(request: FastifyRequest, cursor: string): string {
  const url = new URL(request.url, 'http://localhost');
  url.searchParams.set('cursor', cursor);
  return `<${url.pathname}${url.search}>; rel="next"`;
}

/** Once: when the answer has been handed to the system, or its reader has gone. */
function onceSent(reply: FastifyReply, work: () => void): void {
  let isDone = false;
  for (const event of ['finish', 'close'])
    reply.raw.once(event, () => {
      if (!isDone) work();
      isDone = true;
    });
}

async function send(request: FastifyRequest, reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  if (answer.next !== undefined && answer.next !== null) void reply.header('link', nextLink(request, answer.next));
  if (answer.cookie !== undefined) void reply.setCookie(answer.cookie.name, answer.cookie.value, answer.cookie.options);
  void reply.code(answer.httpStatus ?? answer.status).header('cache-control', 'no-store');
  if (answer.after !== undefined) onceSent(reply, answer.after);
  if (answer.status === 204) return reply.send();
  if (answer.lines !== undefined) return reply.header('content-type', answer.lines.type).send(Readable.from(answer.lines.text));
  return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(answer.body));
}

function serve(core: Core, id: RouteId): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  const row: Route = ROUTES[id];
  // Each handler takes what its own row's schemas gave; the table cannot be indexed with that knowledge kept.
  const handle = HANDLERS[id] as unknown as LooseHandler;
  return async (request, reply) => {
    const input = readInput(row, request);
    const { panicRev } = request;
    const call: Call = {
      actor: request.actor ?? NOBODY,
      action: id,
      correlationId: request.id,
      idempotency: null,
      ...(panicRev === undefined ? {} : { panicRev }),
    };
    const parts = { ...input, core, bodyBytes: request.bodyBytes, lastEventId: request.headers['last-event-id'], signal: request.signal };
    if (row.isStream) return sendStream(core, request, reply, await handle({ ...parts, call }));
    const key = row.method === 'GET' || row.role === 'public' ? null : checkKey(request.headers['idempotency-key']);
    if (key === null) return send(request, reply, await handle({ ...parts, call }));
    const requestHash = `${request.url} ${request.bodyHash}`;
    return send(request, reply, await withIdempotency(core, { key, requestHash, call }, (keyed) => handle({ ...parts, call: keyed })));
  };
}

/** The answer to anything thrown; refusals of known callers are recorded. */
async function onError(core: Core, request: FastifyRequest, reply: FastifyReply, thrown: unknown): Promise<FastifyReply> {
  const error = toGimoError(thrown);
  const { routeId } = request.routeOptions.config;
  if (request.actor !== null && routeId !== undefined && request.method !== 'GET' && REFUSED.has(error.status)) {
    const object = new URL(request.url, 'http://localhost').pathname;
    await recordRefusal(core, { actor: request.actor, action: routeId, correlationId: request.id }, object, error.code);
  }
  return sendProblem(request, reply, error.code === 'UNAUTHENTICATED' ? await refusalOf(core, request, error) : thrown);
}

export function registerRoutes(app: FastifyInstance, core: Core): void {
  app.setErrorHandler((error, request, reply) => onError(core, request, reply, error));
  for (const id of ROUTE_IDS) {
    const { method, path, maxBodyBytes }: Route = ROUTES[id];
    app.route({
      method,
      url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      exposeHeadRoute: false,
      ...(maxBodyBytes === undefined ? {} : { bodyLimit: maxBodyBytes }),
      config: { routeId: id },
      handler: serve(core, id),
    });
  }
}
