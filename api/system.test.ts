import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Draft } from '#contract/objects.ts';
import type { Ready } from '#contract/ready.ts';
import { ROUTE_IDS, ROUTES } from '#contract/routes/index.ts';
import { startGics, type TestGics } from '#test/helpers/gics.ts';
import { presence, startApp, type TestApp } from '#test/helpers/app.ts';

type OpenApi = { openapi: string; paths: Record<string, Record<string, { operationId: string }>> };
type Providers = { active: string; providers: Record<string, { api_key: string | null; key_set: boolean | null }> };

describe('the instance itself', () => {
  let store: TestGics;
  let t: TestApp;
  beforeAll(async () => {
    store = await startGics();
    mkdirSync(path.join(store.dir, 'web', 'assets'), { recursive: true });
    writeFileSync(path.join(store.dir, 'web', 'index.html'), '<!doctype html><title>GIMO</title>');
    writeFileSync(path.join(store.dir, 'web', 'assets', 'app.js'), 'export {};');
    t = await startApp({ store });
  });
  afterAll(async () => {
    await t.close();
    await store.close();
  });

  // verifies: API-10
  it('names each part, and is not ready without Temporal and a worker', async () => {
    const { status, body } = await t.get<Ready>('/ready');
    expect(status).toBe(503);
    expect(body).toMatchObject({ ready: false, parts: { gics: { ok: true }, temporal: { ok: false }, worker: { ok: false } } });
    await store.gics.txn([{ op: 'put', collection: 'settings', id: 'worker', value: presence() }]);
    const later = await t.get<Ready>('/ready');
    expect(later.body.parts).toMatchObject({ worker: { ok: true }, sandbox: { ok: true, detail: 'bubblewrap: version 1' } });
    expect((await t.get('/health')).text).toBe('{"ok":true}');
  });

  // verifies: API-9, PRIN-1
  it('describes every route, and to outside tools only those that are for them', async () => {
    const whole = await t.get<OpenApi>('/openapi.json');
    const operations = (body: OpenApi): string[] =>
      Object.values(body.paths).flatMap((item) => Object.values(item).map((one) => one.operationId));
    expect(operations(whole.body).sort((a, b) => a.localeCompare(b))).toEqual([...ROUTE_IDS].sort((a, b) => a.localeCompare(b)));
    const filtered = await t.get<OpenApi>('/ops/openapi.json');
    expect(new Set(operations(filtered.body))).toEqual(new Set(ROUTE_IDS.filter((id) => ROUTES[id].forIntegrations)));
    expect(filtered.text).not.toContain('/auth/');
  });

  // verifies: API-6, SEC-8, OBJ-6, PRV-5
  it('shows providers with the names of their keys only, and switches them', async () => {
    const { body } = await t.get<Providers>('/ops/provider');
    expect(body.active).toBe('local_ollama');
    expect(body.providers['openai']).toMatchObject({ api_key: '${OPENAI_API_KEY}', key_set: true });
    expect(body.providers['claude_api']).toMatchObject({ key_set: false });
    expect((await t.put<Providers>('/ops/provider', { active: 'lm_studio' })).body.active).toBe('lm_studio');
    expect((await t.get<Providers>('/ops/provider')).body.active).toBe('lm_studio');
    expect(await t.put('/ops/provider', { active: 'ghost' })).toMatchObject({ status: 400, body: { code: 'PROVIDER_UNKNOWN' } });
    const key = { providers: { mine: { type: 'openai', model: 'm', api_key: 'a-real-key-by-mistake' } } };
    const pasted = await t.put('/ops/provider', key);
    expect(pasted.status).toBe(400);
    expect(pasted.text).not.toContain('a-real-key-by-mistake');
  });

  // verifies: API-8
  it('keeps the configuration, field by field', async () => {
    expect((await t.put('/ops/config', { max_concurrent_runs: 3 })).body).toMatchObject({
      max_concurrent_runs: 3,
      default_auto_run: false,
    });
    expect((await t.put('/ops/config', { default_auto_run: false })).body).toMatchObject({ max_concurrent_runs: 3 });
    expect((await t.put('/ops/config', { max_concurrent_runs: 0 })).status).toBe(400);
    expect((await t.put('/ops/config', { unknown: 1 })).status).toBe(400);
  });

  // verifies: API-1, OBJ-5
  it('keeps the active plan in either form', async () => {
    const tasks = {
      id: 'p1',
      title: 'Two steps',
      tasks: [
        { id: 'T1', title: 'First' },
        { id: '2', title: 'Second', needs: ['T1'] },
      ],
    };
    expect((await t.put('/ops/plan', tasks)).body).toMatchObject({
      id: 'p1',
      title: 'Two steps',
      tasks: [
        { id: 't1', title: 'First', kind: 'llm' },
        { id: 't_2', needs: ['t1'] },
      ],
    });
    const whole = { version: 1, title: 'Whole', nodes: [{ id: 'a', kind: 'noop' }] };
    expect((await t.put('/ops/plan', whole)).body).toMatchObject({ title: 'Whole', tasks: [{ id: 'a', kind: 'noop' }] });
    expect((await t.get('/ops/plan')).body).toMatchObject({ title: 'Whole' });
    expect(await t.put('/ops/plan', { plan: { version: 1, title: 'x', nodes: [] } })).toMatchObject({
      status: 400,
      body: { code: 'PLAN_INVALID' },
    });
  });

  // verifies: API-7
  it('leaves a draft with the reason when nothing can generate a plan', async () => {
    await store.gics.txn([{ op: 'delete', collection: 'settings', id: 'worker' }]);
    const { status, body } = await t.post<Draft>('/ops/generate', { prompt: 'analyze this code' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: 'error', plan: null, error: { code: 'WORKER_LOST' } });
    expect((await t.post<Draft>('/ops/generate', { prompt: 'x', provider: 'ghost' })).body.error?.code).toBe('PROVIDER_UNKNOWN');
    expect((await t.get('/ops/provider/health')).body).toMatchObject({ name: 'lm_studio', ok: false });
  });

  // verifies: API-12
  it('tells the dashboard about the repository and the shipped examples', async () => {
    const { body } = await t.get<{ repo: object; allowlist: string[]; examples: { name: string }[] }>('/ui/status');
    expect(body).toMatchObject({ repo: { path: t.repo, name: 'repo', branch: 'main', is_dirty: false }, allowlist: [t.repo] });
    expect(body.examples.map(({ name }) => name)).toContain('repo-health');
  });

  it('serves the dashboard with a strict policy, its pages from one file, and the API without caches', async () => {
    const page = await t.ask('GET', '/runs/somewhere', { token: null, headers: { accept: 'text/html' } });
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    const kept = { accept: 'text/html', 'if-none-match': page.headers['etag'] ?? '' };
    const unchanged = await t.ask('GET', '/runs/somewhere', { token: null, headers: kept });
    expect([unchanged.status, unchanged.headers['content-security-policy']]).toEqual([304, undefined]);
    expect((await t.ask('GET', '/', { token: null })).text).toContain('<title>GIMO</title>');
    expect((await t.ask('GET', '/assets/app.js', { token: null })).headers['cache-control']).toContain('immutable');
    expect((await t.ask('GET', '/ops/nothing', { headers: { accept: 'text/html' } })).status).toBe(404);
    expect((await t.ask('GET', '/../../package.json', { token: null })).status).toBe(404);
    expect((await t.get('/ops/drafts')).headers['cache-control']).toBe('no-store');
  });
});
