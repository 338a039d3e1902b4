/** Cookie sessions: a random value in an HttpOnly cookie, of which GICS holds the SHA-256 only. */
import { randomBytes } from 'node:crypto';
import type { CookieSerializeOptions } from '@fastify/cookie';
import { GimoError } from '#contract/errors.ts';
import type { Role, TokenClass } from '#contract/objects.ts';
import type { Actor, Call, Core } from '../deps.ts';
import { commit, orOnConflict } from './commit.ts';
import { sha256 } from './credentials.ts';

export const SESSION_COOKIE = 'gimo_session';
const SESSION_MS = 12 * 3_600_000;
const COOKIE: CookieSerializeOptions = { httpOnly: true, sameSite: 'strict', path: '/' };

type SessionRecord = { label: string; role: Role; class: TokenClass; created_at: string; expires_at: string };
/** Written by whoever prints a login link; a code without a label stands for the role's own token. */
type LoginCode = { role: Role; label?: string; expires_at: string; used: boolean };
export type SessionView = { label: string; role: Role; class: TokenClass; expires_at: string; csrf: string };
export type Cookie = { name: string; value: string; options: CookieSerializeOptions };

const hex = (text: string): string => sha256(text).toString('hex');
/** Derived, so that it needs no storage; a page of another origin cannot read it. */
const csrfOf = (cookie: string): string => hex(`gimo.csrf.v1\n${cookie}`);

/** Out: null for a cookie that is unknown, expired, or of a token that was replaced since. */
export async function findSession(core: Core, cookie: string): Promise<Actor | null> {
  const id = hex(cookie);
  const record = await core.gics.get<SessionRecord>('sessions', id);
  if (record === null) return null;
  const { label, role, class: tokenClass, expires_at } = record.value;
  if (expires_at <= new Date().toISOString() || label !== core.credentials.label(role)) return null;
  return { label, role, class: tokenClass, session: { id, csrf: csrfOf(cookie), expires_at } };
}

async function openSession(core: Core, call: Call, role: Role, first: Parameters<typeof commit>[2]['ops']): Promise<Login> {
  const cookie = randomBytes(32).toString('base64url');
  const label = core.credentials.label(role);
  const expiresAt = new Date(Date.now() + SESSION_MS).toISOString();
  const value: SessionRecord = { label, role, class: 'human', created_at: new Date().toISOString(), expires_at: expiresAt };
  const id = hex(cookie);
  const actor: Actor = { label, role, class: 'human', session: null };
  const put = { op: 'put', collection: 'sessions', id, value, rev: 0 } as const;
  await commit(core, { ...call, actor }, { ops: [...first, put], object: `session:${id.slice(0, 12)}`, answer: null });
  const options = { ...COOKIE, maxAge: SESSION_MS / 1000 };
  return {
    view: { label, role, class: 'human', expires_at: expiresAt, csrf: csrfOf(cookie) },
    cookie: { name: SESSION_COOKIE, value: cookie, options },
  };
}

export type Login = { view: SessionView; cookie: Cookie };

/** Throws: UNAUTHENTICATED. */
export async function loginWithToken(core: Core, call: Call, token: string): Promise<Login> {
  const role = core.credentials.roleOf(token);
  if (role === null) throw new GimoError('UNAUTHENTICATED', { message: 'The token is not valid.' });
  return openSession(core, call, role, []);
}

/** A code works once. Throws: UNAUTHENTICATED when it is unknown, used or too old. */
export async function loginWithCode(core: Core, call: Call, code: string): Promise<Login> {
  const refuse = (): never => {
    const hint = 'Codes work once and for five minutes; `gimo login` prints a new link, and a token always works.';
    throw new GimoError('UNAUTHENTICATED', { message: 'The login code is not valid any more.', hint });
  };
  const record = await core.gics.get<LoginCode>('login_codes', hex(code));
  if (record === null || record.value.used || record.value.expires_at <= new Date().toISOString()) return refuse();
  const { id, rev, value } = record;
  if (value.label !== undefined && value.label !== core.credentials.label(value.role)) return refuse();
  const spend = { op: 'put', collection: 'login_codes', id, value: { ...value, used: true }, rev } as const;
  return orOnConflict(openSession(core, call, value.role, [spend]), refuse);
}

export async function logout(core: Core, call: Call): Promise<Cookie> {
  const id = call.actor.session?.id ?? '';
  await commit(core, call, { ops: [{ op: 'delete', collection: 'sessions', id }], object: `session:${id.slice(0, 12)}`, answer: null });
  return { name: SESSION_COOKIE, value: '', options: { ...COOKIE, maxAge: 0 } };
}

export function sessionView(actor: Actor): SessionView {
  const { label, role, class: tokenClass, session } = actor;
  return { label, role, class: tokenClass, expires_at: session?.expires_at ?? '', csrf: session?.csrf ?? '' };
}
