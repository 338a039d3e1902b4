import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_STREAM, COLLECTIONS, type Collection } from '#contract/gics.ts';
import type { Draft } from '#contract/objects.ts';
import { startApp, TOKENS, type Answer, type TestApp } from '#test/helpers/app.ts';
import { sha256 } from './services/credentials.ts';

type Session = { label: string; role: string; class: string; name: string | null; expires_at: string; csrf: string };

const cookieOf = (answer: Answer<unknown>): string => answer.headers['set-cookie'] ?? '';
const pair = (answer: Answer<unknown>): string => cookieOf(answer).split(';')[0] ?? '';
const labelOf = (role: keyof typeof TOKENS): string => `${role}:${sha256(TOKENS[role]).toString('hex').slice(0, 12)}`;

// verifies: ARC-4
describe('signing in', () => {
  let t: TestApp;
  const login = (body: object): Promise<Answer<Session>> => t.ask<Session>('POST', '/auth/login', { token: null, body });
  const putCode = (code: string, value: object): Promise<unknown> =>
    t.store.gics.txn([
      {
        op: 'put',
        collection: 'login_codes',
        id: sha256(code).toString('hex'),
        value: { role: 'operator', expires_at: '2999-01-01T00:00:00.000Z', used: false, ...value },
      },
    ]);
  beforeAll(async () => {
    t = await startApp({ env: { GIMO_CORS_ORIGINS: 'https://gimo.example', GIMO_LIMITS: 'invalid=1000' } });
  });
  afterAll(() => t.close());

  it('gives a cookie that scripts cannot read, and the label of the token', async () => {
    const answer = await login({ token: TOKENS.operator });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ label: labelOf('operator'), role: 'operator', class: 'human' });
    expect(cookieOf(answer)).toMatch(/^gimo_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
    const session = await t.ask<Session>('GET', '/auth/session', { token: null, headers: { cookie: pair(answer) } });
    expect(session.body).toEqual(answer.body);
  });

  it('refuses a wrong token and a body with a field too many', async () => {
    expect((await login({ token: 'wrong-token-of-nobody' })).status).toBe(401);
    expect((await login({ token: TOKENS.admin, extra: 1 })).status).toBe(400);
  });

  it('takes a mutation by cookie only with the CSRF value', async () => {
    const answer = await login({ token: TOKENS.admin });
    const headers = { cookie: pair(answer) };
    const body = { prompt: 'x' };
    expect(await t.ask('POST', '/ops/drafts', { token: null, headers, body })).toMatchObject({ status: 403, body: { code: 'CSRF' } });
    const wrong = { ...headers, 'x-gimo-csrf': 'f'.repeat(64) };
    expect((await t.ask('POST', '/ops/drafts', { token: null, headers: wrong, body })).status).toBe(403);
    const right = { ...headers, 'x-gimo-csrf': answer.body.csrf };
    const created = await t.ask<Draft>('POST', '/ops/drafts', { token: null, headers: right, body });
    expect(created).toMatchObject({ status: 201, body: { created_by: labelOf('admin') } });
  });

  it('ends the session at logout', async () => {
    const answer = await login({ token: TOKENS.admin });
    const headers = { cookie: pair(answer), 'x-gimo-csrf': answer.body.csrf };
    expect((await t.ask('POST', '/auth/logout', { token: null, headers })).status).toBe(204);
    expect((await t.ask('GET', '/auth/session', { token: null, headers })).status).toBe(401);
  });

  it('does not take an expired session, nor one of a token that was replaced', async () => {
    const session = { label: labelOf('admin'), role: 'admin', token_id: null, created_at: '', expires_at: '2999-01-01T00:00:00.000Z' };
    const statusOf = async (cookie: string, change: object): Promise<number> => {
      const id = sha256(cookie).toString('hex');
      await t.store.gics.txn([{ op: 'put', collection: 'sessions', id, value: { ...session, ...change } }]);
      return (await t.ask('GET', '/ops/drafts', { token: null, headers: { cookie: `gimo_session=${cookie}` } })).status;
    };
    expect(await statusOf('valid', {})).toBe(200);
    expect(await statusOf('expired', { expires_at: '2020-01-01T00:00:00.000Z' })).toBe(401);
    expect(await statusOf('replaced', { label: 'admin:000000000000' })).toBe(401);
  });

  it('takes a login code once, also when it comes twenty times at once', async () => {
    await putCode('code-1', {});
    const answers = await Promise.all(Array.from({ length: 20 }, () => login({ code: 'code-1' })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19);
    expect(answers.find(({ status }) => status === 200)?.body.label).toBe(labelOf('operator'));
  });

  it('refuses a login code that is unknown or too old', async () => {
    await putCode('code-2', { expires_at: '2020-01-01T00:00:00.000Z' });
    expect((await login({ code: 'code-2' })).status).toBe(401);
    expect((await login({ code: 'nobody-made-this' })).status).toBe(401);
  });

  // verifies: SEC-10
  it('refuses foreign hosts and origins, and lets those of the configuration in', async () => {
    const status = async (headers: Record<string, string>): Promise<number> => (await t.ask('GET', '/ops/drafts', { headers })).status;
    expect(await status({ host: 'evil.example' })).toBe(403);
    expect(await status({ host: 'localhost:1' })).toBe(403);
    expect(await status({ host: '127.0.0.1:9325' })).toBe(200);
    expect(await status({ host: '[::1]:9325' })).toBe(200);
    expect(await status({ origin: 'https://evil.example' })).toBe(403);
    expect(await status({ origin: 'null' })).toBe(403);
    expect(await status({ origin: 'http://localhost:9325' })).toBe(200);
    expect(await status({ origin: 'http://localhost:5173' })).toBe(403);
    const allowed = await t.ask('GET', '/ops/drafts', { headers: { origin: 'https://gimo.example', host: 'gimo.example' } });
    expect(allowed.status).toBe(200);
    const preflight = await t.ask('OPTIONS', '/ops/drafts', { token: null, headers: { origin: 'https://gimo.example' } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-origin']).toBe('https://gimo.example');
  });

  // verifies: SEC-9
  it('carries the correlation id of the caller, or one of its own when that is not well-formed', async () => {
    const given = await t.ask('GET', '/ops/drafts/d_x', { headers: { 'x-correlation-id': 'my-request-0001' } });
    expect(given.headers['x-correlation-id']).toBe('my-request-0001');
    expect(given.body.correlation_id).toBe('my-request-0001');
    const minted = await t.ask('GET', '/nowhere', { headers: { 'x-correlation-id': 'no good!' } });
    expect(minted.headers['x-correlation-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(t.lines.some((line) => line.includes('"correlation_id":"my-request-0001"'))).toBe(true);
  });

  // verifies: SEC-2
  it('never stores or logs a raw token', async () => {
    await t.ask('GET', '/ops/drafts', { token: `${TOKENS.admin}x` });
    await t.post('/ops/drafts', { prompt: 'x' });
    const dump: unknown[] = [];
    for (const collection of Object.keys(COLLECTIONS) as Collection[])
      dump.push((await t.store.gics.list(collection, { limit: 1000 })).records);
    dump.push(await t.store.gics.read(AUDIT_STREAM));
    const text = JSON.stringify(dump) + t.lines.join('');
    expect(text).toContain(labelOf('admin'));
    for (const token of Object.values(TOKENS)) expect(text).not.toContain(token);
  });

  // verifies: SEC-9
  it('masks secrets in errors', async () => {
    const key = `sk-${'a1B2'.repeat(8)}`;
    const answer = await t.put('/ops/provider', { providers: { [key]: { type: 'openai', model: 'm' } }, active: `${key}-x` });
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain(key);
    expect(answer.text).toContain('[redacted:openai-key]');
  });
});
