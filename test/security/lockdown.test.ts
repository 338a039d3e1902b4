import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_STREAM, SECURITY_STREAM, type Gics } from '#contract/gics.ts';
import type { Problem, Receipt } from '#contract/objects.ts';
import type { AuditEntryView, Panic } from '#contract/security.ts';
import { sourceOf } from '#api/services/sources.ts';
import { startApp, TOKENS, type TestApp } from '../helpers/app.ts';
import { makeToken, signIn } from '../helpers/credentials.ts';
import { startGics, type TestGics } from '../helpers/gics.ts';
import { startRun } from '../helpers/runs.ts';
import { until } from '../helpers/until.ts';

type Seen = { status: number; code: string; retryAfter: string | undefined; hint: string };

/** One request over a real socket from an address of our choice: all of 127.0.0.0/8 is this machine. */
function from(address: string, url: string, token: string | null, host: string, path = '/ops/drafts'): Promise<Seen> {
  const headers = { host, ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  return new Promise((resolve, reject) => {
    request(`${url}${path}`, { headers, localAddress: address, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const body = JSON.parse(text) as Partial<Problem>;
        resolve({
          status: response.statusCode ?? 0,
          code: body.code ?? '',
          retryAfter: response.headers['retry-after'],
          hint: body.hint ?? '',
        });
      });
    })
      .on('error', reject)
      .end();
  });
}

describe('an address that sends unknown tokens', () => {
  let t: TestApp;
  let url: string;
  let host: string;
  beforeAll(async () => {
    t = await startApp({ env: { GIMO_LIMITS: 'invalid=5,panic=1000' } });
    url = await t.app.listen({ host: '127.0.0.1', port: 0 });
    host = `localhost:${t.deps.config.port}`;
  });
  afterAll(() => t.close());

  // verifies: SEC-4
  it('is locked after the threshold, for whoever has no valid credential; others and valid tokens are served', async () => {
    const named = await makeToken(t, 'actions');
    const ask = (address: string, token: string | null, path?: string): Promise<Seen> => from(address, url, token, host, path);
    const codes: string[] = [];
    for (let tries = 0; tries < 7; tries++) codes.push((await ask('127.0.0.2', `guess-${tries}-of-nobody`)).code);
    expect(codes).toEqual([...Array.from({ length: 4 }, () => 'UNAUTHENTICATED'), ...Array.from({ length: 3 }, () => 'SOURCE_LOCKED')]);
    const locked = await ask('127.0.0.2', null);
    expect(locked).toMatchObject({ status: 429, code: 'SOURCE_LOCKED', hint: expect.stringContaining('valid token') });
    expect(Number(locked.retryAfter)).toBeGreaterThan(0);
    expect((await ask('127.0.0.2', TOKENS.actions)).status).toBe(200);
    expect((await ask('127.0.0.2', named.token)).status).toBe(200);
    expect((await ask('127.0.0.2', null, '/health')).status).toBe(200);
    expect((await ask('127.0.0.3', null)).code).toBe('UNAUTHENTICATED');
    expect((await t.get<{ locked_sources: number }>('/status')).body.locked_sources).toBe(1);
  });

  it('is recorded once a second, however many it sent', async () => {
    const before = (await t.store.gics.info(AUDIT_STREAM)).last;
    await Promise.all(Array.from({ length: 60 }, (_item, index) => from('127.0.0.4', url, `guess-${index}-of-nobody`, host)));
    const entries = await until(
      async () => {
        const found = await t.store.gics.read<AuditEntryView>(AUDIT_STREAM, { from: before + 1 });
        const own = found.filter(({ data }) => data.action === 'token.refused' && data.object === 'source:127.0.0.4');
        const total = own.reduce((sum, { data }) => sum + Number(data.detail?.['count']), 0);
        if (total < 60) throw new Error(`${total} of 60 are recorded`);
        return own;
      },
      { timeout: 10_000, interval: 50 },
    );
    expect(entries.length).toBeLessThan(20);
  });

  it('stays locked for other processes and after a restart, and is let go by an admin', async () => {
    const other = await startApp({ store: t.store, repo: t.repo });
    const otherUrl = await other.app.listen({ host: '127.0.0.1', port: 0 });
    expect((await from('127.0.0.2', otherUrl, 'one-more-of-nobody', host)).code).toBe('SOURCE_LOCKED');
    expect((await other.post('/ui/security/resolve', { reason: 'it was a test' })).status).toBe(200);
    expect((await from('127.0.0.2', url, null, host)).code).toBe('UNAUTHENTICATED');
    await other.close();
  });

  it('is told from others by its /64 when it is IPv6', () => {
    expect(sourceOf('127.0.0.1')).toBe('127.0.0.1');
    expect(sourceOf('::ffff:10.1.2.3')).toBe('10.1.2.3');
    expect(sourceOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(sourceOf('2001:DB8:1:2::9')).toBe(sourceOf('2001:db8:1:2:ffff::1'));
    expect(sourceOf('2001:db8:1:3::9')).not.toBe(sourceOf('2001:db8:1:2::9'));
    expect(sourceOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
  });
});

// verifies: SEC-3
describe('a flood of unknown tokens', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await startApp({ env: { GIMO_LIMITS: 'invalid=3,panic=7' } });
  });
  afterAll(() => t.close());

  it('from one address locks that address and nothing else; from many it locks changes', async () => {
    const url = await t.app.listen({ host: '127.0.0.1', port: 0 });
    const host = `localhost:${t.deps.config.port}`;
    for (let tries = 0; tries < 20; tries++) await from('127.0.0.9', url, `guess-${tries}-of-nobody`, host);
    expect((await t.get<{ panic: boolean }>('/status')).body.panic).toBe(false);
    for (let last = 10; last < 14; last++) await from(`127.0.0.${last}`, url, 'a-guess-of-nobody', host);
    expect((await t.get<{ panic: boolean }>('/status')).body.panic).toBe(true);
    expect(await t.post('/ops/drafts', { prompt: 'x' })).toMatchObject({ status: 423, body: { code: 'PANIC' } });
    const events = await t.get<AuditEntryView[]>('/ui/security/events');
    expect(events.body).toContainEqual(expect.objectContaining({ action: 'security.panic', actor: 'gimo' }));
    expect(events.body.map(({ action }) => action)).toContain('source.locked');
  });
});

// verifies: SEC-3, API-10b
describe('a lockdown by hand', () => {
  let store: TestGics;
  let t: TestApp;
  beforeAll(async () => {
    store = await startGics();
    t = await startApp({ store });
  });
  afterAll(async () => {
    await t.close();
    await store.close();
  });
  const panic = (body: object = {}) => t.post<{ panic: Panic; runs: { run_id: string; result: string }[] }>('/ui/security/panic', body);

  it('locks changes, shows everywhere, and leaves reads, stops, sign-in and revocation', async () => {
    const run = await startRun(t);
    const token = await makeToken(t, 'operator');
    expect((await panic({ reason: 'drill' })).body.panic).toMatchObject({ active: true, cause: 'hand', reason: 'drill' });
    expect((await t.post('/ops/drafts', { prompt: 'x' })).body).toMatchObject({ code: 'PANIC', hint: expect.stringContaining('resolve') });
    expect((await t.put('/ops/config', { operator_can_generate: true })).status).toBe(423);
    expect((await t.get('/ops/drafts')).status).toBe(200);
    expect((await t.get<{ panic: boolean }>('/status')).body.panic).toBe(true);
    expect((await t.get<{ panic: Panic }>('/ui/status')).body.panic.active).toBe(true);
    const ready = await t.get<{ parts: Record<string, { ok: boolean; detail: string }> }>('/ready');
    expect(ready.body.parts['lockdown']).toMatchObject({ ok: false, detail: expect.stringContaining('by hand') });
    await signIn(t, TOKENS.operator);
    expect((await t.ask('DELETE', `/auth/tokens/${token.id}`)).status).toBe(200);
    const cancelled = await t.ask<Receipt>('POST', `/ops/runs/${run.id}/cancel`, { token: TOKENS.operator });
    expect(cancelled).toMatchObject({ status: 202, body: { run_id: run.id } });
  });

  it('outlives a restart of store and API, until an admin ends it', async () => {
    await t.close();
    await store.kill();
    await store.restart();
    t = await startApp({ store, repo: t.repo });
    expect((await t.post('/ops/drafts', { prompt: 'x' })).status).toBe(423);
    expect((await t.ask('POST', '/ui/security/resolve', { token: TOKENS.operator })).status).toBe(403);
    const resolved = await t.post<Panic>('/ui/security/resolve', { reason: 'over' });
    expect(resolved.body).toMatchObject({ active: false, resolved_by: expect.stringMatching(/^admin:/) });
    expect((await t.post('/ops/drafts', { prompt: 'x' })).status).toBe(201);
    const audit = await store.gics.read<AuditEntryView>(AUDIT_STREAM, { tailFirst: true, limit: 20 });
    expect(audit.map(({ data }) => data.action)).toEqual(expect.arrayContaining(['security_panic', 'security_resolve']));
  });

  it('stops every live run when it is asked to, and says what it asked', async () => {
    const runs = [await startRun(t), await startRun(t), await startRun(t)];
    const { body } = await panic({ stop_runs: true });
    expect(body.runs.filter(({ result }) => result === 'asked').map(({ run_id }) => run_id)).toEqual(runs.map(({ id }) => id));
    for (const { id } of runs) expect(await store.gics.get('cancels', id)).not.toBeNull();
    const again = await panic({ stop_runs: true });
    expect(new Set(again.body.runs.map(({ result }) => result))).toEqual(new Set(['ALREADY_CANCELLED']));
    await t.post('/ui/security/resolve', {});
  });

  it('also refuses a change that had been let in before it began', async () => {
    // The lockdown is written in the instant after the change was let in, before it is stored.
    let isArmed = false;
    const get: Gics['get'] = async (collection, id) => {
      const record = await store.gics.get<never>(collection, id);
      if (isArmed && collection === 'settings' && id === 'panic') {
        isArmed = false;
        const value = { ...(record?.value as Panic | undefined), active: true };
        await store.gics.txn([{ op: 'put', collection: 'settings', id: 'panic', value }]);
      }
      return record;
    };
    const gics = new Proxy(store.gics, { get: (target, name) => (name === 'get' ? get : bound(target, name)) });
    const late = await startApp({ store: { ...store, gics }, repo: t.repo });
    const before = await store.gics.count('drafts');
    isArmed = true;
    const answer = await late.post('/ops/drafts', { prompt: 'too late' }, { 'idempotency-key': 'a-late-change' });
    expect(answer).toMatchObject({ status: 423, body: { code: 'PANIC' } });
    expect(await store.gics.count('drafts')).toBe(before);
    await late.close();
    await t.post('/ui/security/resolve', {});
  });

  it('keeps its events for whoever watches', async () => {
    const events = await t.get<AuditEntryView[]>('/ui/security/events?limit=200');
    expect(events.body.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['security_panic', 'security_resolve', 'tokens_revoke']),
    );
    expect((await store.gics.info(SECURITY_STREAM)).last).toBe(events.body.length);
  });
});

function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}
