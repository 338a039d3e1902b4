import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AUDIT_STREAM } from '#contract/gics.ts';
import type { Approved, Draft, Receipt, Run } from '#contract/objects.ts';
import type { OutboxRow } from '#contract/messages.ts';
import type { Spawn } from '#contract/spawn.ts';
import type { Grant } from '#contract/standing-grant.ts';
import { presence, startApp, TOKENS, type Answer, type TestApp } from '#test/helpers/app.ts';
import { makeToken } from '#test/helpers/credentials.ts';

const LOG = { name: 'Last commit', command: 'git', args: ['log', '-1'] };
const GRANT = {
  title: 'Look around',
  max_risk: 'medium',
  envelope: { kinds: ['process'], commands: [['git', 'log', '**']], paths: { read: ['**'], write: [] } },
};
const BUDGET = { usd: 1, tokens: 200_000, wall_ms: 3_600_000 };

// verifies: VX-SP-1, SEC-7
describe('a spawn', () => {
  let t: TestApp;
  let agent: string;
  beforeAll(async () => {
    t = await startApp();
    ({ token: agent } = await makeToken(t, 'operator', 'agent', 'A bot'));
  });
  afterAll(() => t.close());
  beforeEach(() => t.store.gics.txn([{ op: 'put', collection: 'settings', id: 'worker', value: presence() }]));

  const spawn = (body: object = LOG, token = TOKENS.operator, headers: Record<string, string> = {}): Promise<Answer<Spawn>> =>
    t.ask<Spawn>('POST', '/spawn', { token, body, headers });
  const statusOf = async ({ spawn_id: id }: Spawn): Promise<Spawn> => (await t.get<Spawn>(`/spawn/${id}/status`)).body;
  const grant = async (change: object = {}): Promise<Grant> =>
    (await t.post<Grant>('/ops/grants', { ...GRANT, envelope: { ...GRANT.envelope, budget: BUDGET }, ...change })).body;
  const revokeAll = async (): Promise<void> => {
    for (const { id } of (await t.get<Grant[]>('/ops/grants')).body) await t.ask('DELETE', `/ops/grants/${id}`);
  };
  const started = async (): Promise<string[]> =>
    (await t.store.gics.list<OutboxRow>('outbox', { limit: 1000 })).records.flatMap(({ value }) =>
      value.kind === 'start' ? [value.run_id] : [],
    );
  const newest = async (): Promise<{ action: string; object: string; detail: object }> =>
    (await t.store.gics.read<{ action: string; object: string; detail: object }>(AUDIT_STREAM, { tailFirst: true, limit: 1 }))[0]?.data ??
    expect.fail('nothing was audited');

  it('that nothing approves is a draft: nothing runs, and it says who is asked for what', async () => {
    await revokeAll();
    const before = await started();
    const { status, body } = await spawn();
    expect(status).toBe(202);
    expect(body).toMatchObject({
      spawn_id: expect.stringMatching(/^sp_/),
      status: 'draft',
      approved_id: null,
      run_id: null,
      why: expect.stringContaining(`a person who approves ${body.draft_id}`),
      timeout_seconds: 60,
      max_memory_mb: 512,
    });
    expect(await started()).toEqual(before);
    expect((await t.get<Draft>(`/ops/drafts/${body.draft_id}`)).body).toMatchObject({
      status: 'draft',
      plan: { nodes: [{ kind: 'process', with: { argv: ['git', 'log', '-1'], memory_mb: 512 }, timeout_ms: 60_000 }] },
    });
    expect(await newest()).toMatchObject({ action: 'spawn_create', object: body.spawn_id, detail: { draft_id: body.draft_id } });
  });

  it('runs once a person has approved its draft, and follows that run', async () => {
    await revokeAll();
    const { body } = await spawn();
    const { hash } = (await t.get<Draft>(`/ops/drafts/${body.draft_id}`)).body;
    const { approved } = (await t.post<{ approved: Approved }>(`/ops/drafts/${body.draft_id}/approve`, { hash })).body;
    expect(await statusOf(body)).toMatchObject({ status: 'approved', approved_id: approved.id, run_id: null });
    const run = (await t.post<Run>('/ops/runs', { approved_id: approved.id })).body;
    expect(await statusOf(body)).toMatchObject({ status: 'pending', run_id: run.id, why: '' });
    await t.store.gics.txn([{ op: 'patch', collection: 'runs', id: run.id, set: { status: 'done', outputs: { exit_code: 0 } } }]);
    expect(await statusOf(body)).toMatchObject({ status: 'done', exit_code: 0 });
  });

  it('that a standing grant covers is approved and started in one transaction, also for an agent', async () => {
    const { id } = await grant();
    const { status, body } = await spawn(LOG, agent);
    expect([status, body.status]).toEqual([202, 'pending']);
    expect((await t.get<Approved>(`/ops/approved/${body.approved_id}`)).body).toMatchObject({
      approved_by: `grant:${id}`,
      draft_id: body.draft_id,
      runs_started: 1,
    });
    expect(await started()).toContain(body.run_id);
    expect(await newest()).toMatchObject({
      action: 'spawn_create',
      object: body.draft_id,
      detail: { approved_by: `grant:${id}`, run_id: body.run_id },
    });
    expect((await t.get<Spawn[]>('/spawn/list')).body[0]).toEqual(await statusOf(body));
  });

  it('that goes beyond every grant waits, and the reason is in its status', async () => {
    await grant();
    const { body } = await spawn({ ...LOG, command: 'rm', args: ['-r', '.'] });
    expect(body).toMatchObject({ status: 'draft', why: expect.stringContaining('is not granted') });
    expect(await statusOf(body)).toMatchObject({ why: body.why });
  });

  it('counts against its grant, so that of many at once only as many run as it allows', async () => {
    await revokeAll();
    const { id } = await grant({ max_uses: 2 });
    const answers = await Promise.all(Array.from({ length: 6 }, () => spawn({ ...LOG, grant_id: id })));
    expect(answers.map(({ body }) => body.status).toSorted()).toEqual(['draft', 'draft', 'draft', 'draft', 'pending', 'pending']);
  });

  it('has a longest time, which an admin sets', async () => {
    const long = { ...LOG, timeout_seconds: 301 };
    expect(await spawn(long)).toMatchObject({ status: 400, body: { faults: [{ path: 'body.timeout_seconds' }] } });
    expect((await spawn({ ...LOG, timeout_seconds: 300 })).status).toBe(202);
    await t.put('/ops/config', { max_spawn_seconds: 400 });
    expect((await spawn(long)).status).toBe(202);
  });

  it.each([
    ['a reference', { ...LOG, args: ['${{ run.id }}'] }],
    ['no command', { name: 'x' }],
    ['a field that nobody named', { ...LOG, env: { PATH: '/tmp' } }],
    ['no whole second', { ...LOG, timeout_seconds: 0 }],
    ['more memory than a node may have', { ...LOG, max_memory_mb: 1_000_000 }],
  ])('with %s is refused, and nothing is stored', async (_what, body) => {
    const before = await t.store.gics.count('spawns');
    expect((await spawn(body)).status).toBe(400);
    expect(await t.store.gics.count('spawns')).toBe(before);
  });

  it('is refused where no sandbox is', async () => {
    const fence = { kind: 'none', ok: false, detail: 'nothing here' };
    await t.store.gics.txn([{ op: 'put', collection: 'settings', id: 'worker', value: presence({ fence }) }]);
    expect(await spawn()).toMatchObject({ status: 409, body: { code: 'SANDBOX_MISSING' } });
  });

  it('that is asked for twice with one Idempotency-Key is one', async () => {
    await grant();
    const key = { 'idempotency-key': 'spawn-once' };
    const [first, second] = [await spawn(LOG, TOKENS.operator, key), await spawn(LOG, TOKENS.operator, key)];
    expect(second.body).toEqual(first.body);
    expect(await t.store.gics.count('spawns', { draft_id: first.body.draft_id })).toBe(1);
  });

  it('is killed like a run: a receipt, and none for what was never started', async () => {
    await revokeAll();
    const waiting = (await spawn()).body;
    expect(await t.post(`/spawn/${waiting.spawn_id}/kill`)).toMatchObject({ status: 409, body: { code: 'RUN_NOT_ACTIVE' } });
    await grant();
    const { spawn_id: id, run_id: run } = (await spawn()).body;
    const answer = t.post<Receipt>(`/spawn/${id}/kill`);
    await expect.poll(() => t.store.gics.get('cancels', run ?? '')).not.toBeNull();
    const now = new Date().toISOString();
    const receipt = { run_id: run, asked_at: now, asked_by: 'admin:0123456789ab', confirmed_at: now, nodes: [], spent_after_usd: 0 };
    await t.store.gics.txn([{ op: 'patch', collection: 'runs', id: run ?? '', set: { receipt, status: 'cancelled' } }]);
    expect(await answer).toMatchObject({ status: 200, body: receipt });
    expect(await t.post(`/spawn/${id}/kill`)).toMatchObject({ status: 409, body: { code: 'ALREADY_CANCELLED' } });
    expect((await t.post('/spawn/sp_01ARZ3NDEKTSV4RRFFQ69G5FAV/kill')).status).toBe(404);
  });
});
