import { createPublicKey, verify } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decisionBytes } from '#contract/decision.ts';
import { AUDIT_STREAM, COLLECTIONS, SECURITY_STREAM, type Collection } from '#contract/gics.ts';
import type { Token } from '#contract/tokens.ts';
import { startApp, TOKENS, type Answer, type TestApp } from '../helpers/app.ts';
import { hashOfToken, makeExpired, makeToken, signIn } from '../helpers/credentials.ts';
import { approvePlan, startRun } from '../helpers/runs.ts';

type Made = Token & { token: string | null };
const DAY_MS = 24 * 3_600_000;

describe('named tokens', () => {
  let t: TestApp;
  const create = (body: object, headers: Record<string, string> = {}): Promise<Answer<Made>> => t.post<Made>('/auth/tokens', body, headers);
  const statusWith = async (token: string, app: TestApp = t): Promise<number> => (await app.ask('GET', '/ops/drafts', { token })).status;
  const dump = async (): Promise<string> => {
    const collections = Object.keys(COLLECTIONS) as Collection[];
    const records = await Promise.all(collections.map((name) => t.store.gics.list(name, { limit: 1000 })));
    const streams = await Promise.all([AUDIT_STREAM, SECURITY_STREAM].map((name) => t.store.gics.read(name)));
    return JSON.stringify([records, streams]) + t.lines.join('');
  };
  beforeAll(async () => {
    t = await startApp({ env: { GIMO_LIMITS: 'invalid=1000' }, httpTimes: { stream: 50 } });
  });
  afterAll(() => t.close());

  // verifies: SEC-2
  it('are shown once; what is stored and logged is their SHA-256', async () => {
    const { status, body } = await create({ label: 'Pat Example', role: 'operator', class: 'agent' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ id: expect.stringMatching(/^t_[0-9A-Z]{26}$/), role: 'operator', class: 'agent', revoked_at: null });
    const token = body.token ?? '';
    expect(body.actor).toBe(`operator:${hashOfToken(token).slice(0, 12)}`);
    expect(await statusWith(token)).toBe(200);
    const listed = await t.get<Token[]>('/auth/tokens');
    expect(listed.body.find(({ id }) => id === body.id)).toMatchObject({ label: 'Pat Example' });
    expect(listed.text).not.toContain(hashOfToken(token));
    const text = await dump();
    expect(text).toContain(hashOfToken(token));
    expect(text).not.toContain(token);
  });

  it('always end: after 30 days, or after what was asked for, at most 365', async () => {
    const daysOf = ({ body }: Answer<Made>): number => (Date.parse(body.expires_at) - Date.parse(body.created_at)) / DAY_MS;
    const base = { label: 'x', role: 'actions' };
    expect(daysOf(await create(base))).toBeCloseTo(30, 3);
    expect(daysOf(await create({ ...base, expires_days: 365 }))).toBeCloseTo(365, 3);
    expect(daysOf(await create({ ...base, expires_at: new Date(Date.now() + 2 * DAY_MS).toISOString() }))).toBeCloseTo(2, 3);
    const refused = [{ expires_days: 366 }, { expires_at: '2020-01-01T00:00:00.000Z' }, { expires_at: '2999-01-01T00:00:00.000Z' }];
    for (const more of refused) expect((await create({ ...base, ...more })).status).toBe(400);
    expect((await create({ ...base, expires_days: 1, expires_at: '2999-01-01T00:00:00.000Z' })).status).toBe(400);
    const hidden = String.fromCodePoint(0x202e);
    for (const label of ['', ' ', 'a\nb', `a${hidden}b`]) expect((await create({ ...base, label })).status).toBe(400);
  });

  it('are not shown again when the request is repeated', async () => {
    const headers = { 'idempotency-key': 'one-token-please' };
    const body = { label: 'once', role: 'actions' };
    const [first, second] = [await create(body, headers), await create(body, headers)];
    expect(first.body.token).toMatch(/^gimo_/);
    expect(second).toMatchObject({ status: 201, body: { id: first.body.id, token: null } });
  });

  it('end at once when they are revoked, with their sessions, in every process of the API', async () => {
    const other = await startApp({ store: t.store, repo: t.repo });
    const { id, token } = await makeToken(t, 'operator');
    const { headers } = await signIn(other, token);
    const bySession = async (app: TestApp): Promise<number> => (await app.ask('GET', '/auth/session', { token: null, headers })).status;
    const seen = async (): Promise<number[]> => [
      await statusWith(token),
      await statusWith(token, other),
      await bySession(t),
      await bySession(other),
    ];
    expect(await seen()).toEqual([200, 200, 200, 200]);
    const revoked = await t.ask<Token>('DELETE', `/auth/tokens/${id}`);
    expect(await seen()).toEqual([401, 401, 401, 401]);
    const again = await t.ask<Token>('DELETE', `/auth/tokens/${id}`);
    expect(again.body.revoked_at).toBe(revoked.body.revoked_at);
    expect((await t.ask('GET', '/ops/drafts', { token })).body.detail).toContain('was revoked');
    await other.close();
  });

  it('that have expired are refused, and a session never outlives its token', async () => {
    const expired = await makeExpired(t, 'admin');
    expect(await statusWith(expired.token)).toBe(401);
    const { body } = await create({ label: 'short', role: 'operator', expires_at: new Date(Date.now() + 3_600_000).toISOString() });
    const session = await t.ask<{ expires_at: string; name: string }>('POST', '/auth/login', { token: null, body: { token: body.token } });
    expect(session.body).toMatchObject({ expires_at: body.expires_at, name: 'short' });
  });

  it('of agents open no session, whatever their role', async () => {
    const { token } = await makeToken(t, 'admin', 'agent');
    const login = await t.ask('POST', '/auth/login', { token: null, body: { token } });
    expect(login).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  });

  it('of agents never approve, answer a gate, make or revoke tokens, or change what governs them', async () => {
    const { id, token } = await makeToken(t, 'admin', 'agent');
    const draft = await t.post<{ id: string; hash: string }>('/ops/drafts', { prompt: 'x' });
    const tries: [string, string, object][] = [
      ['POST', `/ops/drafts/${draft.body.id}/approve`, { hash: draft.body.hash }],
      ['POST', `/ops/drafts/${draft.body.id}/reject`, {}],
      ['POST', '/auth/tokens', { label: 'mine', role: 'admin' }],
      ['DELETE', `/auth/tokens/${id}`, {}],
      ['PUT', '/ops/config', { operator_can_generate: true }],
      ['PUT', '/ops/provider', { active: 'openai' }],
      ['PUT', '/ui/allowlist', { paths: ['/'] }],
      ['POST', '/ui/security/resolve', {}],
    ];
    for (const [method, path, body] of tries) expect(await t.ask(method, path, { token, body })).toMatchObject({ status: 403 });
  });

  it('put the name of the person beside the signed decision, and into the audit log', async () => {
    const { token, actor } = await makeToken(t, 'operator', 'human', 'Kim Example');
    const approved = await approvePlan(t, token);
    expect(approved.approved_by).toBe(actor);
    expect(approved.decision).toMatchObject({ by: actor, by_name: 'Kim Example' });
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(t.publicKey, 'hex').toString('base64url') },
      format: 'jwk',
    });
    const signature = Buffer.from(approved.decision.signatures[0]?.signature ?? '', 'hex');
    expect(verify(null, decisionBytes(approved.decision), key, signature)).toBe(true);
    expect(verify(null, decisionBytes({ ...approved.decision, by_name: 'Sam Example' }), key, signature)).toBe(false);
    const [entry] = await t.store.gics.read(AUDIT_STREAM, { tailFirst: true, limit: 1 });
    expect(entry?.data).toMatchObject({ action: 'drafts_approve', actor, by_name: 'Kim Example' });
    expect((await approvePlan(t, TOKENS.operator)).decision).not.toHaveProperty('by_name');
  });

  it('end a stream that is open when they are revoked', async () => {
    const run = await startRun(t);
    const { id, token } = await makeToken(t, 'actions');
    const url = await t.app.listen({ host: '127.0.0.1', port: 0 });
    const headers = { authorization: `Bearer ${token}`, host: `localhost:${t.deps.config.port}` };
    const response = await rawStream(`${url}/ops/runs/${run.id}/events`, headers);
    expect(response.statusCode).toBe(200);
    await t.ask('DELETE', `/auth/tokens/${id}`);
    for await (const _chunk of response); // ends by itself, or the test's own time does
  });
});

/** `fetch` does not let a caller choose its Host. */
async function rawStream(url: string, headers: Record<string, string>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, resolve).on('error', reject).end();
  });
}
