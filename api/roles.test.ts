import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_STREAM } from '#contract/gics.ts';
import { ROLES, type Problem } from '#contract/objects.ts';
import { ROUTE_IDS, ROUTES, type RouteId } from '#contract/routes/index.ts';
import type { Route } from '#contract/routes/route.ts';
import { pathFor, startApp, TOKENS, type Ask, type TestApp } from '#test/helpers/app.ts';
import { sha256 } from './services/credentials.ts';

const ULID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const PREFIX: Record<string, string> = { drafts: 'd_', approved: 'a_', runs: 'r_', gates: 'g_', webhooks: 'w_' };

function somePath(id: RouteId): string {
  const prefix = PREFIX[ROUTES[id].path.split('/')[2] ?? ''] ?? 'd_';
  return pathFor(id, { id: `${prefix}${ULID}`, node: 'answer' });
}

/** For no token, a wrong one, and those of the three roles. */
function expected(row: Route): string[] {
  if (row.role === 'public') return ['let in', 'let in', 'let in', 'let in', 'let in'];
  if (row.role === 'session') return Array.from({ length: 5 }, () => '401 UNAUTHENTICATED');
  const least = ROLES.indexOf(row.role);
  return ['401 UNAUTHENTICATED', '401 UNAUTHENTICATED', ...ROLES.map((_role, index) => (index >= least ? 'let in' : '403 FORBIDDEN'))];
}

// verifies: SEC-1, API-1, API-2, API-8, PRIN-2
describe('roles and classes of every route', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await startApp();
  });
  afterAll(() => t.close());

  const verdict = async (row: Route, path: string, ask: Ask): Promise<string> => {
    const { status, body } = await t.ask<Problem | null>(row.method, path, ask);
    return status === 401 || status === 403 ? `${status} ${body?.code}` : 'let in';
  };

  // Two rows refuse for reasons of their own: a login without a token, and generating as operator (tested below).
  it.each(ROUTE_IDS.filter((id) => id !== 'auth_login' && id !== 'generate'))('%s asks for the role of its row', async (id) => {
    const row: Route = ROUTES[id];
    const seen = [];
    for (const token of [null, 'a-token-that-nobody-has', ...ROLES.map((role) => TOKENS[role])]) {
      seen.push(await verdict(row, somePath(id), { token }));
    }
    expect(seen).toEqual(expected(row));
  });

  it.each(ROUTE_IDS.filter((id) => ROUTES[id].role !== 'public'))('%s takes an agent only when its row says so', async (id) => {
    const row: Route = ROUTES[id];
    const cookie = 'a-cookie-of-an-agent';
    const value = { label: await adminLabel(t), role: 'admin', class: 'agent', created_at: '', expires_at: '2999-01-01T00:00:00.000Z' };
    await t.store.gics.txn([{ op: 'put', collection: 'sessions', id: sha256(cookie).toString('hex'), value }]);
    const csrf = sha256(`gimo.csrf.v1\n${cookie}`).toString('hex');
    const headers = { cookie: `gimo_session=${cookie}`, 'x-gimo-csrf': csrf };
    const isForAgents = row.classes.includes('agent');
    expect(await verdict(row, somePath(id), { token: null, headers })).toBe(isForAgents ? 'let in' : '403 FORBIDDEN');
  });

  // verifies: API-7, OBJ-4
  it('lets operators generate only when the configuration says so', async () => {
    const asOperator = { token: TOKENS.operator, body: { prompt: 'x' } };
    expect((await t.ask('POST', '/ops/generate', asOperator)).status).toBe(403);
    await t.put('/ops/config', { operator_can_generate: true });
    expect((await t.ask('POST', '/ops/generate', asOperator)).status).toBe(201);
  });

  it('records the refusal of a known caller', async () => {
    const correlation = { 'x-correlation-id': 'refused-for-the-record' };
    await t.ask('PUT', '/ops/config', { token: TOKENS.actions, body: {}, headers: correlation });
    const [entry] = await t.store.gics.read(AUDIT_STREAM, { tailFirst: true, limit: 1 });
    expect(entry?.data).toMatchObject({
      actor: expect.stringMatching(/^actions:[0-9a-f]{12}$/),
      action: 'config_put',
      outcome: 'refused',
      code: 'FORBIDDEN',
      correlation_id: 'refused-for-the-record',
    });
  });
});

async function adminLabel(t: TestApp): Promise<string> {
  const { body } = await t.ask<{ label: string }>('POST', '/auth/login', { token: null, body: { token: TOKENS.admin } });
  return body.label;
}
