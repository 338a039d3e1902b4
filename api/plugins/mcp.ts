/**
 * MCP on /mcp, on the API's own instance: Host, Origin, credential, CSRF and size are checked as for every request, and each tool
 * comes back in as a request with the same credential, so that there is no second way to anything.
 */
import { text } from 'node:stream/consumers';
import { createMcpHandler, isLegacyRequest, type AuthInfo, type McpServer, type ServerContext } from '@modelcontextprotocol/server';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GimoError } from '#contract/errors.ts';
import { isJsonObject } from '#contract/json.ts';
import { problemFrom } from '#contract/problem-from.ts';
import { ROUTES, type RouteId } from '#contract/routes/index.ts';
import { BOTH } from '#contract/routes/route.ts';
import type { Core } from '../deps.ts';
import { nextCursor, pathOf, queryOf, type Backend, type BackendAnswer, type BackendInput } from '../mcp/backend.ts';
import { TOOLSETS_HEADER, tighten, unknownToolset } from '../mcp/options.ts';
import type { McpHost } from '../mcp/host.ts';
import { createMcpServer, EVERYTHING, Questions, Refusal, TOOLSETS } from '../mcp/server.ts';
import { LegacySessions } from '../mcp/sessions.ts';
import { listeningOf, withTasks } from '../mcp/subscriptions.ts';
import { sendWeb, untilGone, webRequest } from './web.ts';

/** What a request of a tool takes over from the request that it came in with. */
const KEPT_HEADERS = ['host', 'authorization', 'cookie', 'x-gimo-csrf'] as const;
const NO_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD']);

function keptHeaders(request: FastifyRequest): Record<string, string> {
  const kept = KEPT_HEADERS.flatMap((name) => {
    const value = request.headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  return { ...Object.fromEntries(kept), 'x-correlation-id': request.id };
}

/** The API for one request: its rows, called with that request's credential. */
function backendFor(app: FastifyInstance, core: Core, request: FastifyRequest): Backend {
  const headers = keptHeaders(request);
  const call = async (id: RouteId, { params, query, body, key, signal }: BackendInput = {}): Promise<BackendAnswer> => {
    const { method, path } = ROUTES[id];
    const response = await app.inject({
      validate: false,
      method,
      url: `${pathOf(path, params)}${queryOf(query)}`,
      remoteAddress: request.ip,
      headers: { ...headers, ...(key === undefined ? {} : { 'idempotency-key': key }) },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    const data = bodyOf(response);
    if (response.statusCode >= 400) throw new Refusal(problemFrom(response.statusCode, data), id);
    const { link } = response.headers;
    return { status: response.statusCode, data, next: nextCursor(typeof link === 'string' ? link : null) };
  };
  const stream: Backend['stream'] = async (id, { params, signal }) => {
    const { method, path } = ROUTES[id];
    const asked = { method, url: pathOf(path, params), remoteAddress: request.ip, headers, ...(signal === undefined ? {} : { signal }) };
    const response = await app.inject({ ...asked, payloadAsStream: true });
    if (response.statusCode >= 400) throw new Refusal(problemFrom(response.statusCode, JSON.parse(await text(response.stream()))), id);
    return response.stream();
  };
  // The answer of a row has the shape of its own schema; the table cannot be indexed with that knowledge kept.
  return { url: `http://${request.headers.host ?? `${core.config.host}:${core.config.port}`}`, call: call as Backend['call'], stream };
}

/** Text stays text: one row answers in lines. */
function bodyOf({ body, headers }: { body: string; headers: Record<string, unknown> }): unknown {
  if (body === '') return null;
  return /^application\/(?:problem\+)?json\b/.test(String(headers['content-type'])) ? (JSON.parse(body) as unknown) : body;
}

/** What tools find in their context again. */
function authInfoOf(request: FastifyRequest, backend: Backend): AuthInfo {
  return {
    token: '',
    clientId: request.actor?.label ?? '',
    scopes: request.actor === null ? [] : [request.actor.role],
    extra: { backend },
  };
}

function backendOf(ctx: ServerContext): Backend {
  return ctx.http?.authInfo?.extra?.['backend'] as Backend;
}

/** Throws: BAD_REQUEST. */
function refuseUnknownToolset({ headers }: FastifyRequest): void {
  const header = headers[TOOLSETS_HEADER];
  const unknown = unknownToolset(typeof header === 'string' ? header : null);
  if (unknown === null) return;
  const message = `\`${unknown.slice(0, 64)}\` in the header ${TOOLSETS_HEADER} is no toolset; there are: ${TOOLSETS.join(', ')}.`;
  throw new GimoError('BAD_REQUEST', { message });
}

/** Makes the server of one request, or of one session of the earlier era. */
export type McpFactory = (host: McpHost) => McpServer;

export function registerMcp(app: FastifyInstance, core: Core, make: McpFactory = createMcpServer): void {
  const questions = new Questions();
  const create = ({ headers }: Request): McpServer => make({ backendOf, questions, options: tighten(EVERYTHING, headers) });
  /** The SDK has compared the headers with the message before it asks for a server. */
  const createForOne = (headers: Headers | undefined): McpServer => {
    const name = headers?.get('mcp-method') === 'tools/call' ? headers.get('mcp-name') : null;
    return make({ backendOf, questions, options: tighten(EVERYTHING, headers), ...(name === null ? {} : { onlyTool: name }) });
  };
  const onerror = (error: unknown): void => core.log.warn({ err: error }, 'a request of MCP failed');
  const modern = createMcpHandler(({ requestInfo }) => createForOne(requestInfo?.headers), { legacy: 'reject', onerror });
  const legacy = new LegacySessions(create, { idleMs: core.config.mcpIdleMs });
  app.addHook('preClose', async () => {
    await Promise.all([modern.close(), legacy.close()]);
  });
  app.route({
    method: ['GET', 'POST', 'DELETE'],
    url: '/mcp',
    exposeHeadRoute: false,
    config: { access: { role: 'actions', classes: BOTH } },
    handler: async (request, reply) => {
      refuseUnknownToolset(request);
      const signal = untilGone(reply, core.stop);
      const web = webRequest(request, signal);
      const body: unknown = NO_BODY.has(request.method) ? undefined : request.body;
      const backend = backendFor(app, core, request);
      const authInfo = authInfoOf(request, backend);
      const isLegacy = await isLegacyRequest(web, isJsonObject(body) || Array.isArray(body) ? body : undefined);
      const response = isLegacy
        ? await legacy.serve({ request: web, body, authInfo })
        : await modern.fetch(web, { authInfo, parsedBody: body });
      const listening = isLegacy ? null : listeningOf(body);
      const host = { backend, questions, signal, onerror };
      return sendWeb(reply, listening === null ? response : await withTasks(response, listening, host));
    },
  });
}
