import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkExport } from '#cli/verify-export.ts';
import { AUDIT_STREAM } from '#contract/gics.ts';
import type { AuditEntryView, AuditHead } from '#contract/security.ts';
import { writeInstance } from '#platform/instance.ts';
import { processStartTime } from '#platform/processes.ts';
import { pathFor, startApp, TOKENS, type TestApp } from '../helpers/app.ts';
import { makeRepo } from '../helpers/repo.ts';

type Repo = { path: string; is_active: boolean; fault: string | null; branch: string | null };

// verifies: API-10b
describe('the repositories that may be selected', () => {
  let t: TestApp;
  let dir: string;
  let second: string;
  beforeAll(async () => {
    t = await startApp();
    dir = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'gimo-repos-')));
    second = makeRepo(path.join(dir, 'second'));
  });
  afterAll(async () => {
    await t.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('are at first the one of the configuration', async () => {
    const own = realpathSync(t.repo);
    expect((await t.get('/ui/allowlist')).body).toEqual({ paths: [own] });
    expect((await t.get<Repo[]>('/ui/repos')).body).toMatchObject([{ path: own, is_active: true, fault: null, branch: 'main' }]);
    expect(await t.post('/ui/repos/select', { path: second })).toMatchObject({ status: 403, body: { code: 'REPO_NOT_ALLOWED' } });
  });

  it('are what an admin says, by their real paths; then one can be selected, and the status shows it', async () => {
    const own = realpathSync(t.repo);
    symlinkSync(second, path.join(dir, 'link'));
    const paths = { paths: [own, path.join(dir, 'link')] };
    expect((await t.ask('PUT', '/ui/allowlist', { token: TOKENS.operator, body: paths })).status).toBe(403);
    expect((await t.put('/ui/allowlist', paths)).body).toEqual({ paths: [own, second] });
    expect((await t.post<Repo>('/ui/repos/select', { path: path.join(dir, 'link') })).body).toMatchObject({
      path: second,
      is_active: true,
    });
    const status = await t.get<{ repo: { path: string }; allowlist: string[] }>('/ui/status');
    expect(status.body).toMatchObject({ repo: { path: second }, allowlist: [own, second] });
    const [entry] = await t.store.gics.read(AUDIT_STREAM, { tailFirst: true, limit: 1 });
    expect(entry?.data).toMatchObject({ action: 'repos_select', detail: { path: second } });
  });

  it('always hold the active one, and nothing that is no folder, lies in our data or is no repository', async () => {
    const own = realpathSync(t.repo);
    expect(await t.put('/ui/allowlist', { paths: [own] })).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    writeFileSync(path.join(dir, 'file'), '');
    const wrong = [path.join(dir, 'file'), path.join(dir, 'missing'), t.deps.config.paths.keys, 'relative', `${second}\0`, '../second'];
    for (const one of wrong) expect([one, (await t.put('/ui/allowlist', { paths: [second, one] })).status]).toEqual([one, 409]);
    const plain = path.join(dir, 'plain');
    mkdirSync(plain);
    await t.put('/ui/allowlist', { paths: [second, plain] });
    expect(await t.post('/ui/repos/select', { path: plain })).toMatchObject({ status: 409, body: { code: 'REPO_REFUSED' } });
    expect((await t.get<Repo[]>('/ui/repos')).body.find((repo) => repo.path === plain)?.fault).toContain('not a git repository');
  });
});

// verifies: API-10b
describe('the parts of the instance', () => {
  let t: TestApp;
  let part: ChildProcess;
  beforeAll(async () => {
    t = await startApp();
    part = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("up")'], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (part.stdout !== null) await once(part.stdout, 'data');
  });
  afterAll(async () => {
    part.kill('SIGKILL');
    await t.close();
  });

  /** What a supervisor would have written: this process is the supervisor, the child its worker. */
  const writeState = (startTime: string | null): void => {
    const state = { pid: part.pid ?? 0, start_time: startTime, state: 'ready' as const, restarts: 2, since: 0, last_exit: null };
    writeInstance(t.deps.config.paths.instance, {
      pid: process.pid,
      start_time: processStartTime(process.pid) ?? '',
      started_at: 0,
      url: '',
      host: '',
      port: 1,
      repo: '',
      temporal_address: '',
      temporal_port: null,
      temporal_ui_port: null,
      temporal_ui: null,
      is_up: true,
      parts: { worker: state },
    });
  };

  it('cannot be restarted where nothing would bring them back', async () => {
    expect((await t.get('/ui/service/status')).body).toEqual({ supervised: false, parts: [] });
    expect(await t.post('/ui/service/restart', { part: 'worker' })).toMatchObject({ status: 409, body: { code: 'NOT_SUPERVISED' } });
  });

  it('are told to end, one by name, and only the process that the supervisor named', async () => {
    writeState('the start time of an earlier process with this number');
    expect((await t.get('/ui/service/status')).body).toMatchObject({ supervised: true, parts: [{ name: 'worker', restarts: 2 }] });
    expect((await t.post('/ui/service/restart', { part: 'worker' })).status).toBe(202);
    expect(part.exitCode ?? part.signalCode).toBeNull();
    expect((await t.post('/ui/service/restart', { part: 'gics' })).status).toBe(409);
    expect((await t.ask('POST', '/ui/service/restart', { token: TOKENS.operator, body: { part: 'worker' } })).status).toBe(403);
    writeState(processStartTime(part.pid ?? 0));
    const exit = once(part, 'exit');
    expect((await t.post('/ui/service/restart', { part: 'worker' })).body).toEqual({ part: 'worker', pid: part.pid });
    expect(await exit).toEqual([null, 'SIGTERM']);
    const audit = await t.get<AuditEntryView[]>('/ops/audit?action=service_restart&outcome=done');
    expect(audit.body[0]).toMatchObject({ object: 'part:worker', detail: { pid: part.pid } });
  });
});

// verifies: API-10b, PRIN-2
describe('the audit log', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await startApp();
    for (let count = 0; count < 5; count++) await t.post('/ops/drafts', { prompt: `number ${count}` });
    await t.post('/ui/security/resolve', { reason: `a ${String.fromCodePoint(0x9b)} that terminals obey` });
    await t.ask('PUT', '/ops/config', { token: TOKENS.operator, body: {}, headers: { 'x-correlation-id': 'the-refused-one' } });
  });
  afterAll(() => t.close());
  const list = async (query: string): Promise<AuditEntryView[]> => (await t.get<AuditEntryView[]>(`/ops/audit${query}`)).body;

  it('is read newest first, by page and by filter, at both addresses', async () => {
    const all = await list('');
    expect(all.map(({ seq }) => seq)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect(await list('?action=drafts_create&outcome=done')).toHaveLength(5);
    expect(await list('?correlation_id=the-refused-one')).toMatchObject([{ outcome: 'refused', code: 'FORBIDDEN', action: 'config_put' }]);
    expect(await list(`?until=${all[4]?.at}&since=${all[4]?.at}`)).toContainEqual(all[4]);
    expect(await list('?actor=nobody')).toEqual([]);
    const first = await t.ask<AuditEntryView[]>('GET', '/ui/audit?limit=3');
    expect(first.headers['link']).toBe('</ui/audit?limit=3&cursor=4>; rel="next"');
    expect((await list('?limit=3&cursor=4')).map(({ seq }) => seq)).toEqual([4, 3, 2]);
    expect((await t.ask('GET', '/ops/audit', { token: TOKENS.actions })).status).toBe(403);
  });

  it('has a signed head, and an export that is checked offline; a changed byte or a missing line shows', async () => {
    const ring = [{ kid: t.deps.signingKey().kid, public_key: t.publicKey }];
    const head = (await t.get<AuditHead>('/ops/audit/head')).body;
    const exported = await t.get('/ops/audit/export');
    expect(exported.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    expect(checkExport(exported.text, ring)).toEqual([
      { name: 'audit chain', ok: true, count: head.seq, bad: null },
      { name: 'checkpoints', ok: true, count: 0, bad: null },
      { name: 'signed head', ok: true, count: 1, bad: null },
    ]);
    expect(exported.text).toContain(String.raw`a \u009b that`);
    const lines = exported.text.split('\n');
    const oks = (text: string, keys = ring): boolean[] => checkExport(text, keys, [{ name: 'kept', head }]).map(({ ok }) => ok);
    expect(oks(exported.text)).toEqual([true, true, true]);
    expect(oks(exported.text.replace('drafts_create', 'drafts_update'))).toEqual([false, false, false]);
    expect(oks([...lines.slice(0, 2), ...lines.slice(3)].join('\n'))).toEqual([false, false, false]);
    expect(oks([...lines.slice(0, -3), ...lines.slice(-2)].join('\n'))).toEqual([true, false, false]);
    expect(oks(`${lines.slice(0, -2).join('\n')}\n`)).toEqual([true, true, false]);
    expect(oks(exported.text, [])).toEqual([true, false, false]);
    expect(oks('no json')).toEqual([false]);
    expect((await t.ask('GET', '/ops/audit/export', { token: TOKENS.operator })).status).toBe(403);
  });
});

describe('paths of the table', () => {
  it('are spelled the way the specification spells them', () => {
    const ids = [
      'security_panic',
      'security_resolve',
      'security_events',
      'allowlist_get',
      'repos_select',
      'service_restart',
      'ui_audit',
    ] as const;
    expect(ids.map((id) => pathFor(id, {}))).toEqual([
      '/ui/security/panic',
      '/ui/security/resolve',
      '/ui/security/events',
      '/ui/allowlist',
      '/ui/repos/select',
      '/ui/service/restart',
      '/ui/audit',
    ]);
  });
});
