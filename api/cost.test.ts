import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayOf } from '#contract/caps.ts';
import { COST_STREAM } from '#contract/gics.ts';
import type { Approved, Draft, Run } from '#contract/objects.ts';
import type { Budgets, Cost } from '#contract/routes/records.ts';
import { startApp, TOKENS, type TestApp } from '#test/helpers/app.ts';

let t: TestApp;
beforeAll(async () => void (t = await startApp()));
afterAll(() => t.close());

async function startRun(): Promise<Run> {
  const plan = { version: 1, title: 'a', nodes: [{ id: 'a', kind: 'value', with: { value: 1 } }] };
  const { body: draft } = await t.post<Draft>('/ops/drafts', { plan });
  const { body } = await t.post<{ approved: Approved; run: Run }>(`/ops/drafts/${draft.id}/approve?auto_run=true`, { hash: draft.hash });
  return body.run;
}

type Spent = { run_id: string; cost_usd: number | null; model?: string; at?: string };

async function spend(entries: Spent[]): Promise<void> {
  const at = new Date().toISOString();
  const items = entries.map((entry) => ({
    data: { node: 'a', attempt: 1, provider: 'local', model: 'm', usage: null, tokens: 10, at, ...entry },
  }));
  await t.store.gics.txn([{ op: 'append', stream: COST_STREAM, items }]);
}

describe('the cost of model calls', () => {
  it('is summed by model, and one unknown call makes the sum unknown and not 0', async () => {
    const run = await startRun();
    const other = await startRun();
    await spend([
      { run_id: run.id, cost_usd: 0.5, at: '2020-01-01T00:00:00.000Z' },
      { run_id: run.id, cost_usd: 0.25 },
      { run_id: run.id, cost_usd: 0.25, model: 'big' },
      { run_id: other.id, cost_usd: null },
    ]);
    const all = (await t.get<Cost>('/ops/cost')).body;
    expect(all).toMatchObject({ calls: 3, cost_usd: null, known_usd: 0.5, unknown_calls: 1, tokens: 30, partial: false });
    expect(all.by_model).toEqual([
      { provider: 'local', model: 'm', calls: 2, cost_usd: null, tokens: 20 },
      { provider: 'local', model: 'big', calls: 1, cost_usd: 0.25, tokens: 10 },
    ]);
    const own = (await t.get<Cost>(`/ops/cost?run_id=${run.id}`)).body;
    expect(own).toMatchObject({ calls: 2, cost_usd: 0.5, unknown_calls: 0, since: null });
  });

  it('of a run that does not exist is not found', async () => {
    expect((await t.get('/ops/cost?run_id=r_00000000000000000000000000')).status).toBe(404);
  });
});

describe('budgets', () => {
  it('of the day are the caps that an admin set, with what calls have spent and kept', async () => {
    const daily_caps = { usd: 20, providers: { paid: 5 } };
    expect((await t.ask('PUT', '/ops/config', { token: TOKENS.operator, body: { daily_caps } })).status).toBe(403);
    expect((await t.ask('PUT', '/ops/config', { token: TOKENS.admin, body: { daily_caps } })).status).toBe(200);
    const value = { providers: { other: { spent_usd: 2, unknown_calls: 1 } }, held: { k: { provider: 'paid', usd: 1.5 } } };
    await t.store.gics.txn([{ op: 'put', collection: 'spending', id: dayOf(new Date()), value }]);
    const { caps, run } = (await t.get<Budgets>('/ops/cost/budgets')).body;
    expect(run).toBeNull();
    expect(caps).toEqual([
      { provider: null, limit_usd: 20, spent_usd: 2, held_usd: 1.5, unknown_calls: 1 },
      { provider: 'other', limit_usd: null, spent_usd: 2, held_usd: 0, unknown_calls: 1 },
      { provider: 'paid', limit_usd: 5, spent_usd: 0, held_usd: 1.5, unknown_calls: 0 },
    ]);
  });

  it('of a run that has not spent anything yet are what was approved', async () => {
    const { id } = await startRun();
    const { run } = (await t.get<Budgets>(`/ops/cost/budgets?run_id=${id}`)).body;
    expect(run).toEqual({
      usd: { limit: 1, spent: 0, held: 0 },
      tokens: { limit: 200_000, spent: 0, held: 0 },
      wall_ms: { limit: 3_600_000, spent: null },
      unknown_calls: 0,
    });
    expect((await t.get('/ops/cost/budgets?run_id=r_00000000000000000000000000')).status).toBe(404);
  });
});
