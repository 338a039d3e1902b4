import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_STREAM } from '#contract/gics.ts';
import { ROLES, type Problem } from '#contract/objects.ts';
import { ROUTE_IDS, ROUTES, type RouteId } from '#contract/routes/index.ts';
import type { Route } from '#contract/routes/route.ts';
import { pathFor, startApp, TOKENS, type TestApp } from '#test/helpers/app.ts';
import { sha256 } from './services/credentials.ts';

const ULID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const PREFIX: Record<string, string> = { drafts: 'd_', approved: 'a_', runs: 'r_', gates: 'g_' };

function somePath(id: RouteId): string {
  const prefix = PREFIX[ROUTES[id].path.split('/')[2] ?? ''] ?? 'd_';
  return pathFor(id, { id: `${prefix}${ULID}`, node: 'answer' });
}

describe('roles and classes of every route', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await startApp();
  });
  afterAll(() => t.close());

  it.each(ROUTE_IDS)('%s asks for the role of its row', async (id) => {
    const row: Route = ROUTES[id];
    for (const token of [null, 'a-token-that-nobody-has', ...ROLES.map((role) => TOKENS[role])]) {
      const { status, body } = await t.ask<Problem | null>(row.method, somePath(id), { token });
      const role = ROLES.find((name) => TOKENS[name] === token);
      const isKnown = role !== undefined && row.role !== 'session';
      const isEnough = row.role === 'public' || (isKnown && ROLES.indexOf(role) >= ROLES.indexOf(row.role as 'admin'));
      if (isEnough && id !== 'generate' && id !== 'auth_login') expect([401, 403], `${id} as ${role}`).not.toContain(status);
      if (!isEnough) expect(status, `${id} as ${role}`).toBe(isKnown ? 403 : 401);
      if (!isEnough) expect(body).toMatchObject({ code: isKnown ? 'FORBIDDEN' : 'UNAUTHENTICATED', status });
    }
  });

  it.each(ROUTE_IDS.filter((id) => ROUTES[id].role !== 'public'))('%s takes an agent only when its row says so', async (id) => {
    const row: Route = ROUTES[id];
    const cookie = 'a-cookie-of-an-agent';
    const value = { label: await adminLabel(t), role: 'admin', class: 'agent', created_at: '', expires_at: '2999-01-01T00:00:00.000Z' };
    await t.store.gics.txn([{ op: 'put', collection: 'sessions', id: sha256(cookie).toString('hex'), value }]);
    const csrf = sha256(`gimo.csrf.v1\n${cookie}`).toString('hex');
    const headers = { cookie: `gimo_session=${cookie}`, 'x-gimo-csrf': csrf };
    const { status } = await t.ask(row.method, somePath(id), { token: null, headers });
    if (row.classes.includes('agent')) expect([401, 403]).not.toContain(status);
    else expect(status).toBe(403);
  });

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
