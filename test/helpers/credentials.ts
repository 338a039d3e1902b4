/** Credentials in every state in which a caller can hold one, made through the API itself. */
import { sha256 } from '#api/services/credentials.ts';
import { ROLES, type Role, type TokenClass } from '#contract/objects.ts';
import { TOKENS, type Answer, type Ask, type TestApp } from './app.ts';

type Made = { id: string; token: string; actor: string };

export async function makeToken(t: TestApp, role: Role, tokenClass: TokenClass = 'human', label = `${tokenClass} ${role}`): Promise<Made> {
  const { status, body, text } = await t.ask<Made>('POST', '/auth/tokens', { body: { label, role, class: tokenClass } });
  if (status !== 201) throw new Error(text);
  return body;
}

/** A named token whose time has passed. */
export async function makeExpired(t: TestApp, role: Role): Promise<Made> {
  const made = await makeToken(t, role);
  await t.store.gics.txn([{ op: 'patch', collection: 'tokens', id: made.id, set: { expires_at: '2020-01-01T00:00:00.000Z' } }]);
  return made;
}

export async function makeRevoked(t: TestApp, role: Role): Promise<Made> {
  const made = await makeToken(t, role);
  const { status, text } = await t.ask('DELETE', `/auth/tokens/${made.id}`);
  if (status !== 200) throw new Error(text);
  return made;
}

export type CookieSession = { headers: Record<string, string>; cookie: string };

/** Signs in; `headers` hold the cookie and the CSRF value. */
export async function signIn(t: TestApp, token: string): Promise<CookieSession> {
  const answer: Answer<{ csrf: string }> = await t.ask('POST', '/auth/login', { token: null, body: { token } });
  const cookie = answer.headers['set-cookie']?.split(';')[0] ?? '';
  if (answer.status !== 200) throw new Error(answer.text);
  return { cookie, headers: { cookie, 'x-gimo-csrf': answer.body.csrf } };
}

/** How a caller stands: what it sends, and what the table must make of it. */
export type State = {
  name: string;
  /** Null: no valid credential. */
  holder: { role: Role; class: TokenClass; hasSession: boolean } | null;
  isInUrl?: true;
  lacksCsrf?: true;
  ask: () => Promise<Ask>;
};

const bearer = (token: string): Ask => ({ token });

/** Every state; sessions are opened anew for each call, since one of the routes ends them. */
export async function everyState(t: TestApp): Promise<State[]> {
  const [revoked, expired, revokedLater] = [await makeRevoked(t, 'admin'), await makeExpired(t, 'admin'), await makeToken(t, 'admin')];
  const dead = await signIn(t, revokedLater.token);
  await t.ask('DELETE', `/auth/tokens/${revokedLater.id}`);
  const none = (name: string, ask: Ask): State => ({ name, holder: null, ask: async () => ask });
  const byToken = async (role: Role, tokenClass: TokenClass): Promise<State> => {
    const { token } = await makeToken(t, role, tokenClass);
    return {
      name: `named ${tokenClass} token, ${role}`,
      holder: { role, class: tokenClass, hasSession: false },
      ask: async () => bearer(token),
    };
  };
  return [
    none('no credential', { token: null }),
    none('malformed header', { token: null, headers: { authorization: 'Basic YWRtaW46YWRtaW4=' } }),
    none('unknown token', bearer('a-token-that-nobody-has')),
    none('unknown token of the right shape', bearer(`gimo_${'A'.repeat(43)}`)),
    none('revoked token', bearer(revoked.token)),
    none('expired token', bearer(expired.token)),
    none('unknown cookie', { token: null, headers: { cookie: `gimo_session=${'B'.repeat(43)}` } }),
    none('cookie of a revoked token', { token: null, headers: dead.headers }),
    ...ROLES.map((role): State => ({
      name: `token of the role ${role}`,
      holder: { role, class: 'human', hasSession: false },
      ask: async () => bearer(TOKENS[role]),
    })),
    ...ROLES.map((role): State => ({
      name: `cookie, ${role}`,
      holder: { role, class: 'human', hasSession: true },
      ask: async () => ({ token: null, headers: (await signIn(t, TOKENS[role])).headers }),
    })),
    ...(await Promise.all(ROLES.map((role) => byToken(role, 'human')))),
    ...(await Promise.all(ROLES.map((role) => byToken(role, 'agent')))),
    {
      name: 'cookie of an admin without the CSRF value',
      holder: { role: 'admin', class: 'human', hasSession: true },
      lacksCsrf: true,
      ask: async () => ({ token: null, headers: { cookie: (await signIn(t, TOKENS.admin)).cookie } }),
    },
    { name: 'token of an admin in the address', holder: null, isInUrl: true, ask: async () => ({ token: null }) },
  ];
}

export const hashOfToken = (token: string): string => sha256(token).toString('hex');
