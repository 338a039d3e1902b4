/**
 * Who is calling, and whether the row of the route lets them: Bearer token or cookie session, limit, role, class, CSRF, lockdown.
 * What is refused for want of a valid credential is counted against the address that it came from.
 */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { errorCode, GimoError } from '#contract/errors.ts';
import { ROLES, type Role } from '#contract/objects.ts';
import { ROUTES, type RouteId } from '#contract/routes/index.ts';
import type { Route } from '#contract/routes/route.ts';
import type { Actor, Core } from '../deps.ts';
import { sha256 } from '../services/credentials.ts';
import { requireCalm } from '../services/security.ts';
import { findSession, SESSION_COOKIE } from '../services/sessions.ts';
import { sourceOf } from '../services/sources.ts';
import { holderOfToken } from '../services/tokens.ts';
import { createLimiter, type Limiter } from './limits.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for every request whose credential is valid. */
    actor: Actor | null;
    /** Revision of the lockdown's record when a change was let in; undefined where a lockdown does not matter. */
    panicRev: number | undefined;
  }
  interface FastifyContextConfig {
    routeId?: RouteId;
    /** Who may call what is no row of the table. */
    access?: Access;
  }
}

type Access = Pick<Route, 'role' | 'classes'>;
type Admission = Access & Pick<Route, 'method' | 'isStop' | 'isLook' | 'isCostly'>;

const BEARER = /^Bearer +([\x21-\x7e]{1,500})$/i;

export function hasRole(actor: Pick<Actor, 'role'>, least: Role): boolean {
  return ROLES.indexOf(actor.role) >= ROLES.indexOf(least);
}

async function authenticate(core: Core, request: FastifyRequest): Promise<Actor | null> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined)
      throw new GimoError('UNAUTHENTICATED', { message: 'The Authorization header is not a Bearer token.', data: { reason: 'malformed' } });
    return { ...(await holderOfToken(core, token)), session: null };
  }
  const cookie = request.cookies[SESSION_COOKIE];
  return cookie === undefined ? null : findSession(core, cookie);
}

function requireActor(row: Admission, actor: Actor | null): Actor {
  if (actor === null) throw new GimoError('UNAUTHENTICATED');
  if (row.role === 'session' && actor.session === null)
    throw new GimoError('UNAUTHENTICATED', { message: 'This needs a cookie session.', hint: 'Sign in first.' });
  return actor;
}

function authorize(row: Admission, actor: Actor): void {
  if (row.role !== 'session' && row.role !== 'public' && !hasRole(actor, row.role))
    throw new GimoError('FORBIDDEN', { message: `This needs the role ${row.role}; this credential has ${actor.role}.` });
  if (!row.classes.includes(actor.class))
    throw new GimoError('FORBIDDEN', { message: `This is only for credentials of class ${row.classes.join(', ')}.` });
}

/** A cookie travels with requests that other pages cause, so mutations need a value that only our pages can read. */
function checkCsrf(request: FastifyRequest, actor: Actor): void {
  if (actor.session === null || request.method === 'GET') return;
  const given = request.headers['x-gimo-csrf'];
  if (typeof given !== 'string' || !timingSafeEqual(sha256(given), sha256(actor.session.csrf))) throw new GimoError('CSRF');
}

async function admit(core: Core, limiter: Limiter, request: FastifyRequest, row: Admission): Promise<void> {
  request.actor = await authenticate(core, request);
  const actor = requireActor(row, request.actor);
  await limiter(request, row);
  authorize(row, actor);
  if (row.isLook === true) return;
  checkCsrf(request, actor);
  if (row.method !== 'GET' && row.isStop !== true) request.panicRev = await requireCalm(core);
}

/** What the dashboard's files are served from; everything else is a row of the table. */
const FILES = '/*';

/** Throws while routes are added: at one that is no row of the table, since nothing would say who may call it. */
export function registerAuth(app: FastifyInstance, core: Core): void {
  app.addHook('onRoute', ({ url, config }) => {
    if (config?.routeId === undefined && config?.access === undefined && url !== FILES)
      throw new Error(`${url} is no row of the route table: who may call it is not known.`);
  });
  const limiter = createLimiter(app, core.config.limits);
  app.decorateRequest('actor', null);
  app.decorateRequest('panicRev', undefined);
  app.addHook('onRequest', async (request) => {
    const { routeId, access } = request.routeOptions.config;
    // What comes in through another door is admitted once more as the row that it calls, so here it only counts as a look.
    const row: Admission | undefined = routeId === undefined ? access && { ...access, method: 'GET' } : ROUTES[routeId];
    if (row !== undefined && row.role !== 'public') await admit(core, limiter, request, row);
  });
}

/**
 * What a refusal for want of a valid credential is answered with: itself, or that its address is locked. Such a token is counted and
 * recorded here, wherever it was refused. When the store does not answer, nothing is known of locks.
 */
export async function refusalOf(core: Core, request: FastifyRequest, error: GimoError): Promise<GimoError> {
  const { reason } = error.data;
  const source = sourceOf(request.ip);
  try {
    const lock = typeof reason === 'string' ? await core.sources.refused(source, reason === 'unknown') : await core.sources.lockOf(source);
    if (lock === null) return error;
    const seconds = Math.max(1, Math.ceil((Date.parse(lock.until) - Date.now()) / 1000));
    return new GimoError('SOURCE_LOCKED', { data: { retry_after_s: seconds } });
  } catch (failure) {
    if (errorCode(failure) === null) throw failure;
    return error;
  }
}
