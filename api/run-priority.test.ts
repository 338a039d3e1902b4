import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextInQueue } from '#activities/runs/admission.ts';
import { AUDIT_STREAM } from '#contract/gics.ts';
import type { JsonObject } from '#contract/json.ts';
import type { Approved, Draft, Packet, Run } from '#contract/objects.ts';
import { startApp, type Answer, type TestApp } from '#test/helpers/app.ts';
import { makeToken } from '#test/helpers/credentials.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

async function draftOf(policy: object): Promise<Draft> {
  const nodes = [{ id: 'a', kind: 'noop' }];
  return (await t.post<Draft>('/ops/drafts', { plan: { version: 1, title: 'Shares', nodes, policy: { max_runs: 20, ...policy } } })).body;
}

async function approve(policy: object = {}): Promise<Approved> {
  const { id, hash } = await draftOf(policy);
  return (await t.post<{ approved: Approved }>(`/ops/drafts/${id}/approve`, { hash })).body.approved;
}

const start = async (approved: Approved, priority?: string): Promise<Run> =>
  (await t.post<Run>('/ops/runs', { approved_id: approved.id, ...(priority === undefined ? {} : { priority }) })).body;
const change = (id: string, priority: string): Promise<Answer<Run>> => t.put<Run>(`/ops/runs/${id}/priority`, { priority });

describe('the priority of a run', () => {
  it('is that of its plan, or what a person asks for as it starts, and lists show it', async () => {
    const approved = await approve({ priority: 'low' });
    const [planned, raised] = [await start(approved), await start(approved, 'high')];
    expect([planned.priority, raised.priority, (await start(await approve())).priority]).toEqual(['low', 'high', 'normal']);
    const listed = (await t.get<Run[]>('/ops/runs')).body;
    expect(listed.find(({ id }) => id === raised.id)?.priority).toBe('high');
    expect((await t.get<Run>(`/ops/runs/${planned.id}`)).body.priority).toBe('low');
  });

  it('is never more than was approved when an agent starts it, and an agent cannot change it', async () => {
    const { token } = await makeToken(t, 'operator', 'agent');
    const approved = await approve();
    const ask = (priority: string): Promise<Answer<Run>> =>
      t.ask<Run>('POST', '/ops/runs', { token, body: { approved_id: approved.id, priority } });
    const { runs_started: before } = (await t.get<Approved>(`/ops/approved/${approved.id}`)).body;
    expect(await ask('high')).toMatchObject({ status: 403, body: { code: 'FORBIDDEN', detail: expect.stringContaining('normal') } });
    expect((await t.get<Approved>(`/ops/approved/${approved.id}`)).body.runs_started).toBe(before);
    const low = await ask('low');
    expect(low).toMatchObject({ status: 201, body: { priority: 'low' } });
    const raise = await t.ask('PUT', `/ops/runs/${low.body.id}/priority`, { token, body: { priority: 'normal' } });
    expect(raise).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  });

  it('is a finding that has to be seen where the plan asks for a larger share, so it is no low-risk draft', async () => {
    const { id } = await draftOf({ priority: 'high' });
    const { findings, risk } = (await t.get<Packet>(`/ops/drafts/${id}/packet`)).body;
    expect(findings.map(({ rule }) => rule)).toContain('HIGH_PRIORITY');
    expect(risk).toBe('medium');
    expect(await t.post(`/ops/drafts/${id}/approve`)).toMatchObject({ status: 428 });
  });

  it('changes while the run goes on: record, message to the run and audit entry in one transaction, and once for one key', async () => {
    const run = await start(await approve());
    expect(await change(run.id, 'high')).toMatchObject({ status: 200, body: { priority: 'high' } });
    const rows = (await t.store.gics.list('outbox', { where: { run_id: run.id } })).records.map(({ value }) => value);
    expect(rows).toContainEqual(expect.objectContaining({ kind: 'priority', command: expect.objectContaining({ priority: 'high' }) }));
    const [entry] = await t.store.gics.read<JsonObject>(AUDIT_STREAM, { tailFirst: true, limit: 1 });
    expect(entry?.data).toMatchObject({ action: 'runs_priority', object: run.id, detail: { priority: 'high', from: 'normal' } });
    const keyed = (): Promise<Answer<unknown>> =>
      t.ask('PUT', `/ops/runs/${run.id}/priority`, { body: { priority: 'low' }, headers: { 'idempotency-key': 'once' } });
    await keyed();
    await keyed();
    expect(await t.store.gics.count('outbox', { run_id: run.id })).toBe(3);
  });

  it('is refused for a run that has ended, for one that an agent was given, and when it is none', async () => {
    const approved = await approve();
    const [over, child] = [await start(approved), await start(approved)];
    const delegated = { run_id: over.id, node: 'n', agent_id: 'ag_1' };
    await t.store.gics.txn([
      { op: 'patch', collection: 'runs', id: over.id, set: { status: 'done' } },
      { op: 'patch', collection: 'runs', id: child.id, set: { delegated_by: delegated } },
    ]);
    expect(await change(over.id, 'high')).toMatchObject({ status: 409, body: { code: 'RUN_NOT_ACTIVE' } });
    expect(await change(child.id, 'high')).toMatchObject({ status: 409, body: { code: 'PRIORITY_REFUSED' } });
    expect(await change(child.id, 'urgent')).toMatchObject({ status: 400 });
    expect((await t.get<Run>(`/ops/runs/${child.id}`)).body.priority).toBe('normal');
  });
});

describe('the queue for a place', () => {
  const put = (id: string, minute: number, priority?: string): Promise<unknown> => {
    const created = new Date(Date.UTC(2030, 0, 1, 0, minute)).toISOString();
    const value = { id, status: 'pending', created_at: created, ...(priority === undefined ? {} : { priority }) };
    return t.store.gics.txn([{ op: 'put', collection: 'runs', id, value }]);
  };

  it('goes by time, with ten minutes ahead for high and ten behind for low, so that nobody waits for ever', async () => {
    for (const { id } of (await t.store.gics.list('runs', { where: { status: 'pending' }, limit: 1000 })).records)
      await t.store.gics.txn([{ op: 'delete', collection: 'runs', id }]);
    await put('r_1', 0, 'low');
    await put('r_2', 5);
    await put('r_3', 8, 'normal');
    await put('r_4', 12, 'high');
    await put('r_5', 30, 'high');
    const order: string[] = [];
    for (let next = await nextInQueue(t.store.gics); next !== null; next = await nextInQueue(t.store.gics)) {
      order.push(next);
      await t.store.gics.txn([{ op: 'delete', collection: 'runs', id: next }]);
    }
    expect(order).toEqual(['r_4', 'r_2', 'r_3', 'r_1', 'r_5']);
  });
});
