/** Every route of the table against every state of a credential. What must happen follows from the row alone. */
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerAuth } from '#api/plugins/auth.ts';
import type { Core } from '#api/deps.ts';
import { ROLES, TOKEN_CLASSES, type Problem } from '#contract/objects.ts';
import { ROUTE_IDS, ROUTES, type RouteId } from '#contract/routes/index.ts';
import type { Route } from '#contract/routes/route.ts';
import { pathFor, startApp, TOKENS, type TestApp } from '../helpers/app.ts';
import { everyState, type State } from '../helpers/credentials.ts';

const ULID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const PREFIX: Record<string, string> = { drafts: 'd_', approved: 'a_', runs: 'r_', gates: 'g_', tokens: 't_', grants: 's_' };
const DECIDED: ReadonlySet<string> = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'CSRF', 'TOKEN_IN_URL']);

/** Well-formed, and of nothing that exists. */
function somePath(id: RouteId): string {
  const prefix = PREFIX[ROUTES[id].path.split('/')[2] ?? ''] ?? '';
  return pathFor(id, { id: `${prefix}${ULID}`, node: 'answer' });
}

/** The table's own words; nothing here knows what a route does. */
function expected(row: Route, { holder, isInUrl, lacksCsrf }: State): string {
  if (isInUrl) return '400 TOKEN_IN_URL';
  if (row.role === 'public') return 'let in';
  if (holder === null || (row.role === 'session' && !holder.hasSession)) return '401 UNAUTHENTICATED';
  if (row.role !== 'session' && ROLES.indexOf(holder.role) < ROLES.indexOf(row.role)) return '403 FORBIDDEN';
  if (!row.classes.includes(holder.class)) return '403 FORBIDDEN';
  return lacksCsrf && row.method !== 'GET' && row.isLook !== true ? '403 CSRF' : 'let in';
}

// verifies: SEC-1, API-1, API-2, API-8, PRIN-2
describe('every route against every state of a credential', () => {
  let t: TestApp;
  let states: State[];
  beforeAll(async () => {
    // Refusals are what is tested here, and a locked address would hide them.
    t = await startApp({ env: { GIMO_LIMITS: 'invalid=1000000,panic=1000000,read=1000000,write=1000000,costly=1000000,stop=1000000' } });
    // Whether an operator may generate is the configuration's to say; the row says operator.
    await t.put('/ops/config', { operator_can_generate: true });
    states = await everyState(t);
  });
  afterAll(() => t.close());

  const verdict = async (row: Route, path: string, state: State): Promise<string> => {
    const url = state.isInUrl ? `${path}?access_token=${TOKENS.admin}` : path;
    const { status, body } = await t.ask<Problem | null>(row.method, url, await state.ask());
    return body !== null && DECIDED.has(body.code) ? `${status} ${body.code}` : 'let in';
  };
  const wrongOf = async (id: RouteId): Promise<string[]> => {
    const row: Route = ROUTES[id];
    const pairs = states.map(async (state) => ({
      name: state.name,
      seen: await verdict(row, somePath(id), state),
      due: expected(row, state),
    }));
    return (await Promise.all(pairs)).flatMap(({ name, seen, due }) => (seen === due ? [] : [`${name}: ${seen} instead of ${due}`]));
  };

  it.each(ROUTE_IDS)('%s', async (id) => {
    expect(await wrongOf(id)).toEqual([]);
  });

  it('has at least fourteen states, each with a name of its own', () => {
    expect(states.length).toBeGreaterThanOrEqual(14);
    expect(new Set(states.map(({ name }) => name)).size).toBe(states.length);
  });
});

describe('the table', () => {
  it('names a role and the classes for every route', () => {
    const roles = ['public', 'session', ...ROLES];
    const faults = ROUTE_IDS.filter((id) => !roles.includes(ROUTES[id].role) || ROUTES[id].classes.length === 0);
    expect(faults).toEqual([]);
    expect(ROUTE_IDS.filter((id) => !ROUTES[id].classes.every((name) => TOKEN_CLASSES.includes(name)))).toEqual([]);
  });

  it('lets an agent read, draft, ask for a standing grant, start, fork, delegate, spawn, pause and cancel, and change nothing else', () => {
    const forAgents = ROUTE_IDS.filter((id) => ROUTES[id].method !== 'GET' && ROUTES[id].classes.includes('agent'));
    expect(forAgents.toSorted()).toEqual(
      [
        'agents_delegate',
        'chat_send',
        'drafts_create',
        'drafts_grant',
        'drafts_update',
        'drafts_validate',
        'generate',
        'runs_cancel',
        'runs_create',
        'runs_fork',
        'runs_pause',
        'spawn_create',
        'spawn_kill',
      ].toSorted(),
    );
  });

  it('is the only source of routes: one that is no row cannot be added', async () => {
    const app = Fastify();
    app.decorate('createRateLimit', () => async () => ({ isAllowed: true as const, key: '' }));
    registerAuth(app, { config: { limits: {} } } as Core);
    expect(() => app.get('/open', async () => 'nobody asked who calls')).toThrow('no row of the route table');
    await app.close();
  });
});
