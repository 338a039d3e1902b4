/** Who is calling, and whether the row of the route lets them: Bearer token or cookie session, role, class, CSRF. */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GimoError } from '#contract/errors.ts';
import { ROLES, type Role } from '#contract/objects.ts';
import { ROUTES, type RouteId } from '#contract/routes/index.ts';
import type { Route } from '#contract/routes/route.ts';
import type { Actor, Core } from '../deps.ts';
import { sha256 } from '../services/credentials.ts';
import { findSession, SESSION_COOKIE } from '../services/sessions.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for every request whose credential is valid. */
    actor: Actor | null;
  }
  interface FastifyContextConfig {
    routeId?: RouteId;
  }
}

const BEARER = /^Bearer +([\x21-\x7e]{1,500})$/i;

export function hasRole(actor: Pick<Actor, 'role'>, least: Role): boolean {
  return ROLES.indexOf(actor.role) >= ROLES.indexOf(least);
}

async function authenticate(core: Core, request: FastifyRequest): Promise<Actor | null> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const token = BEARER.exec(authorization)?.[1];
    const role = token === undefined ? null : core.credentials.roleOf(token);
    if (role === null) throw new GimoError('UNAUTHENTICATED', { message: 'The token is not valid.' });
    return { label: core.credentials.label(role), role, class: 'human', session: null };
  }
  const cookie = request.cookies[SESSION_COOKIE];
  return cookie === undefined ? null : findSession(core, cookie);
}

function authorize(row: Route, actor: Actor | null): void {
  if (actor === null) throw new GimoError('UNAUTHENTICATED');
  if (row.role === 'session') {
    if (actor.session === null) throw new GimoError('UNAUTHENTICATED', { message: 'This needs a cookie session.', hint: 'Sign in first.' });
  } else if (row.role !== 'public' && !hasRole(actor, row.role)) {
    throw new GimoError('FORBIDDEN', { message: `This needs the role ${row.role}; this credential has ${actor.role}.` });
  }
  if (!row.classes.includes(actor.class))
    throw new GimoError('FORBIDDEN', { message: `This is only for credentials of class ${row.classes.join(', ')}.` });
}

/** A cookie travels with requests that other pages cause, so mutations need a value that only our pages can read. */
function checkCsrf(request: FastifyRequest, actor: Actor): void {
  if (actor.session === null || request.method === 'GET') return;
  const given = request.headers['x-gimo-csrf'];
  if (typeof given !== 'string' || !timingSafeEqual(sha256(given), sha256(actor.session.csrf))) throw new GimoError('CSRF');
}

export function registerAuth(app: FastifyInstance, core: Core): void {
  app.decorateRequest('actor', null);
  app.addHook('onRequest', async (request) => {
    const { routeId } = request.routeOptions.config;
    if (routeId === undefined) return;
    const row: Route = ROUTES[routeId];
    if (row.role === 'public') return;
    request.actor = await authenticate(core, request);
    authorize(row, request.actor);
    if (request.actor !== null) checkCsrf(request, request.actor);
  });
}
