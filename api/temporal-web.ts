/**
 * Temporal Web behind the sign-in of GIMO, on a port (so an origin) of its own. It is for looking only: what changes a run goes
 * through GIMO's own doors, where it is authorised and audited. What is encrypted is made plain on the way to it.
 */
import { request as ask, createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { FastifyInstance } from 'fastify';
import { isJsonObject, type Json } from '#contract/json.ts';
import { errorMessage } from '#contract/errors.ts';
import type { HttpTimes } from './server-options.ts';
import { makePlain } from './temporal-payloads.ts';

/** `origin`: where it is served; `upstream`: base URL of the page that Temporal brings; `api`: port of the API. */
export type TemporalWebOptions = { origin: string; upstream: string; api: number; times: HttpTimes };

const SETTINGS = '/api/v1/settings';
/** Runs and their histories. */
const NAMESPACES = '/api/v1/namespaces/';
/** Scripts and styles: the same for everybody. */
const ASSETS = '/_app/';
/** Asks a run for its state. */
const QUERY = /^\/api\/v1\/namespaces\/[^/]+\/workflows\/[^/]+(?:\/runs\/[^/]+)?\/query\//;
/** Belong to one connection, or to us: the session is no business of Temporal's page. */
const NOT_FORWARDED = ['connection', 'keep-alive', 'host', 'authorization', 'cookie', 'accept-encoding', 'transfer-encoding', 'upgrade'];

export function createTemporalWeb(app: FastifyInstance, options: TemporalWebOptions): Server {
  const { headers, request, keepAlive } = options.times;
  const limits = { headersTimeout: headers, requestTimeout: request, keepAliveTimeout: keepAlive };
  return createServer(limits, (incoming, reply) => {
    answer(app, options, incoming, reply).catch((error: unknown) => {
      app.log.warn({ err: error }, 'Temporal Web does not answer');
      refuse(reply, 502, `Temporal Web does not answer: ${errorMessage(error)}`);
    });
  });
}

async function answer(app: FastifyInstance, options: TemporalWebOptions, incoming: IncomingMessage, reply: ServerResponse): Promise<void> {
  const host = hostOf(incoming, options);
  if (host === null) return refuse(reply, 403, 'The Host of the request is not an address of this instance.');
  const { pathname } = new URL(incoming.url ?? '/', options.origin);
  const isLook = incoming.method === 'GET' || incoming.method === 'HEAD' || (incoming.method === 'POST' && QUERY.test(pathname));
  if (!isLook) return refuse(reply, 403, 'Temporal Web only shows here: change runs in the dashboard, with gimo, the API or MCP.');
  const api = `http://${host}:${options.api}`;
  const who = credentialOf(incoming, api);
  if (!pathname.startsWith(ASSETS) && !(await isSignedIn(app, who))) return askToSignIn(reply, api);
  const response = await forward(options.upstream, incoming);
  if (pathname === SETTINGS) return sendSettings(reply, response);
  if (hasPayloads(pathname, response)) return sendPlain(app, reply, response, who);
  reply.writeHead(response.statusCode ?? 502, response.headers);
  response.on('error', () => reply.destroy());
  reply.on('close', () => response.destroy());
  response.pipe(reply);
}

/** Out: the name by which the browser knows this machine, null for one that is not ours (DNS rebinding, pages of others). */
function hostOf({ headers }: IncomingMessage, { origin }: TemporalWebOptions): string | null {
  const { port, hostname } = new URL(origin);
  const name = [hostname, 'localhost'].find((known) => headers.host === `${known}:${port}`);
  return name !== undefined && (headers.origin === undefined || headers.origin === `http://${name}:${port}`) ? name : null;
}

/** Headers of a call of our own API by whoever asks. */
function credentialOf({ headers }: IncomingMessage, api: string): Record<string, string> {
  return { host: new URL(api).host, ...(headers.cookie === undefined ? {} : { cookie: headers.cookie }) };
}

async function isSignedIn(app: FastifyInstance, who: Record<string, string>): Promise<boolean> {
  return (await app.inject({ method: 'GET', url: '/auth/session', headers: who })).statusCode === 200;
}

function forward(upstream: string, incoming: IncomingMessage): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = { ...forwarded(incoming.headers), host: new URL(upstream).host };
  const outgoing = ask(new URL(incoming.url ?? '/', upstream), { method: incoming.method, headers }, resolve).on('error', reject);
  incoming.pipe(outgoing).on('error', reject);
  return promise;
}

function forwarded(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_FORWARDED.includes(name)));
  // Its own guard against forged requests.
  const csrf = headers.cookie?.split('; ').find((pair) => pair.startsWith('_csrf='));
  return csrf === undefined ? kept : { ...kept, cookie: csrf };
}

function hasPayloads(pathname: string, { headers, statusCode }: IncomingMessage): boolean {
  return pathname.startsWith(NAMESPACES) && statusCode === 200 && /^application\/json\b/.test(headers['content-type'] ?? '');
}

async function sendPlain(
  app: FastifyInstance,
  reply: ServerResponse,
  response: IncomingMessage,
  who: Record<string, string>,
): Promise<void> {
  const answer = JSON.parse(await text(response)) as Json;
  await makePlain(app, answer, who);
  sendJson(reply, answer);
}

async function sendSettings(reply: ServerResponse, response: IncomingMessage): Promise<void> {
  const settings = JSON.parse(await text(response)) as Json;
  sendJson(reply, { ...(isJsonObject(settings) ? settings : {}), DisableWriteActions: true });
}

function sendJson(reply: ServerResponse, body: Json): void {
  reply.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  reply.end(JSON.stringify(body));
}

function askToSignIn(reply: ServerResponse, api: string): void {
  reply.writeHead(401, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': "default-src 'none'" });
  reply.end(
    `<!doctype html><html lang="en"><title>Sign in</title><h1>Sign in to GIMO first</h1><p><a href="${api}/">Sign in</a>, then open this page again.</p></html>`,
  );
}

function refuse(reply: ServerResponse, status: number, message: string): void {
  if (reply.headersSent) return void reply.destroy();
  reply.writeHead(status, { 'content-type': 'application/json' });
  reply.end(JSON.stringify({ message }));
}
