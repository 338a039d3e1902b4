/** Cookie sessions: a random value in an HttpOnly cookie, of which GICS holds the SHA-256 only. A session ends with its token. */
import { randomBytes } from 'node:crypto';
import type { CookieSerializeOptions } from '@fastify/cookie';
import { errorCode, GimoError } from '#contract/errors.ts';
import type { GicsOp } from '#contract/gics.ts';
import type { Role, TokenClass } from '#contract/objects.ts';
import type { Actor, Call, Core } from '../deps.ts';
import { commit, orOnConflict } from './commit.ts';
import { sha256, type Holder } from './credentials.ts';
import { holderOfToken, holderOfTokenId } from './tokens.ts';

export const SESSION_COOKIE = 'gimo_session';
const SESSION_MS = 12 * 3_600_000;
const COOKIE: CookieSerializeOptions = { httpOnly: true, sameSite: 'strict', path: '/' };

/** `token_id` is null for the token of a role, which `label` then names. */
type SessionRecord = { label: string; role: Role; token_id: string | null; created_at: string; expires_at: string };
/** Written by whoever prints a login link; a code without a label stands for the role's own token. */
type LoginCode = { role: Role; label?: string; expires_at: string; used: boolean };
export type SessionView = { label: string; role: Role; class: TokenClass; name: string | null; expires_at: string; csrf: string };
export type Cookie = { name: string; value: string; options: CookieSerializeOptions };

const hex = (text: string): string => sha256(text).toString('hex');
/** Derived, so that it needs no storage; a page of another origin cannot read it. */
const csrfOf = (cookie: string): string => hex(`gimo.csrf.v1\n${cookie}`);

/** Out: null for a cookie that is unknown, expired, or of a token that was replaced, was revoked or has expired since. */
export async function findSession(core: Core, cookie: string): Promise<Actor | null> {
  const id = hex(cookie);
  const record = await core.gics.get<SessionRecord>('sessions', id);
  if (record === null || record.value.expires_at <= new Date().toISOString()) return null;
  const holder = await holderOfSession(core, record.value);
  return holder === null ? null : { ...holder, session: { id, csrf: csrfOf(cookie), expires_at: record.value.expires_at } };
}

async function holderOfSession(core: Core, { label, role, token_id }: SessionRecord): Promise<Holder | null> {
  if (token_id === null) {
    const current = core.credentials.ofRole(role);
    return current.label === label ? current : null;
  }
  try {
    return await holderOfTokenId(core, token_id);
  } catch (error) {
    if (errorCode(error) === 'UNAUTHENTICATED') return null;
    throw error;
  }
}

async function openSession(core: Core, call: Call, holder: Holder, first: GicsOp[]): Promise<Login> {
  const { label, role, class: tokenClass, name, tokenId } = holder;
  if (tokenClass !== 'human')
    throw new GimoError('FORBIDDEN', { message: 'Sessions are for people.', hint: 'An agent sends its token with each call.' });
  const cookie = randomBytes(32).toString('base64url');
  const now = Date.now();
  const end = Math.min(now + SESSION_MS, holder.expiresAt === null ? Infinity : Date.parse(holder.expiresAt));
  const expiresAt = new Date(end).toISOString();
  const value: SessionRecord = { label, role, token_id: tokenId, created_at: new Date(now).toISOString(), expires_at: expiresAt };
  const id = hex(cookie);
  const put = { op: 'put', collection: 'sessions', id, value, rev: 0 } as const;
  const signedIn: Call = { ...call, actor: { ...holder, session: null } };
  await commit(core, signedIn, { ops: [...first, put], object: `session:${id.slice(0, 12)}`, answer: null });
  return {
    view: { label, role, class: tokenClass, name, expires_at: expiresAt, csrf: csrfOf(cookie) },
    cookie: { name: SESSION_COOKIE, value: cookie, options: { ...COOKIE, maxAge: Math.floor((end - now) / 1000) } },
  };
}

export type Login = { view: SessionView; cookie: Cookie };

/** Throws: UNAUTHENTICATED, FORBIDDEN for the token of an agent. */
export async function loginWithToken(core: Core, call: Call, token: string): Promise<Login> {
  return openSession(core, call, await holderOfToken(core, token), []);
}

/** A code works once. Throws: UNAUTHENTICATED when it is unknown, used or too old. */
export async function loginWithCode(core: Core, call: Call, code: string): Promise<Login> {
  const refuse = (reason: string): never => {
    const hint = 'Codes work once and for five minutes; `gimo open` makes a new link, and a token always works.';
    throw new GimoError('UNAUTHENTICATED', { message: 'The login code is not valid any more.', hint, data: { reason } });
  };
  const record = await core.gics.get<LoginCode>('login_codes', hex(code));
  if (record === null) return refuse('unknown');
  const { id, rev, value } = record;
  const holder = core.credentials.ofRole(value.role);
  const isReplaced = value.label !== undefined && value.label !== holder.label;
  if (value.used || isReplaced || value.expires_at <= new Date().toISOString()) return refuse('expired');
  const spend = { op: 'put', collection: 'login_codes', id, value: { ...value, used: true }, rev } as const;
  return orOnConflict(openSession(core, call, holder, [spend]), () => refuse('expired'));
}

/** Whether what a long answer is sent to may still get it: its session has not ended, its token was not revoked and has not expired. */
export async function isStillValid(core: Core, { session, tokenId }: Actor): Promise<boolean> {
  if (session !== null && (await core.gics.get('sessions', session.id)) === null) return false;
  if (session !== null && session.expires_at <= new Date().toISOString()) return false;
  if (tokenId === null) return true;
  try {
    await holderOfTokenId(core, tokenId);
    return true;
  } catch (error) {
    if (errorCode(error) === 'UNAUTHENTICATED') return false;
    throw error;
  }
}

export async function logout(core: Core, call: Call): Promise<Cookie> {
  const id = call.actor.session?.id ?? '';
  await commit(core, call, { ops: [{ op: 'delete', collection: 'sessions', id }], object: `session:${id.slice(0, 12)}`, answer: null });
  return { name: SESSION_COOKIE, value: '', options: { ...COOKIE, maxAge: 0 } };
}

export function sessionView({ label, role, class: tokenClass, name, session }: Actor): SessionView {
  return { label, role, class: tokenClass, name, expires_at: session?.expires_at ?? '', csrf: session?.csrf ?? '' };
}
