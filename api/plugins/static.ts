/** The built dashboard, and the answers for paths and methods that do not exist. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GimoError } from '#contract/errors.ts';
import { ROUTE_IDS, ROUTES } from '#contract/routes/index.ts';
import { sendProblem } from './problem.ts';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');
/** What is no page loads nothing, also when a browser is made to show it. */
const NOTHING = "default-src 'none'; frame-ancestors 'none'; sandbox";
const HEADERS = {
  'content-security-policy': NOTHING,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};
const INDEX = 'index.html';

const rows = ROUTE_IDS.map((id) => ROUTES[id]);
const patterns = rows.map(({ method, path }) => ({
  method,
  matches: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}));
/** First words of the API's paths: below them nothing is a page. */
const prefixes = new Set(rows.map((row) => row.path.split('/')[1]));

/** Headers of every answer; the policy says what a page may load. */
export function registerSecurityHeaders(app: FastifyInstance): void {
  // Set first, so that streams, which leave the framework, have them too.
  app.addHook('onRequest', async (_request, reply) => void reply.headers(HEADERS));
  app.addHook('onSend', async (_request, reply) => {
    const type = reply.getHeader('content-type');
    if (typeof type === 'string' && type.startsWith('text/html')) void reply.header('content-security-policy', POLICY);
    // A browser takes the headers of this answer for the page that it has kept, and its type is not told here.
    if (reply.statusCode === 304) void reply.removeHeader('content-security-policy');
  });
}

function isPage(request: FastifyRequest, pathname: string): boolean {
  const wantsHtml = request.headers.accept?.includes('text/html') === true;
  return request.method === 'GET' && wantsHtml && !prefixes.has(pathname.split('/')[1] ?? '');
}

function onNotFound(request: FastifyRequest, reply: FastifyReply, hasDashboard: boolean): FastifyReply {
  const { pathname } = new URL(request.url, 'http://localhost');
  const methods = patterns.filter(({ matches }) => matches.test(pathname)).map(({ method }) => method);
  if (methods.length > 0) {
    void reply.header('allow', methods.join(', '));
    return sendProblem(request, reply, new GimoError('METHOD_NOT_ALLOWED', { message: `${request.method} does not exist here.` }));
  }
  if (hasDashboard && isPage(request, pathname)) return reply.sendFile(INDEX, { maxAge: 0, cacheControl: false });
  return sendProblem(
    request,
    reply,
    new GimoError('NOT_FOUND', { message: 'There is nothing at this path.', hint: 'See /openapi.json for what there is.' }),
  );
}

export function registerStatic(app: FastifyInstance, webDir: string): void {
  const hasDashboard = existsSync(path.join(webDir, INDEX));
  if (hasDashboard) {
    void app.register(fastifyStatic, {
      root: webDir,
      wildcard: true,
      setHeaders: (response, file) => {
        // Names of assets hold a hash of their content, the page itself does not.
        const isAsset = file.includes(`${path.sep}assets${path.sep}`);
        void response.header('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler((request, reply) => onNotFound(request, reply, hasDashboard));
}
