/** The money of a run and of a day, with a provider that costs something and answers as the test says. */
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSse, PROTOCOLS, sendEvent, startTestServer, type TestServer } from '#activities/providers/test-server.ts';
import type { NodeDetail, Run } from '#contract/objects.ts';
import type { Budgets, Cost } from '#contract/routes/records.ts';
import type { LogEntry } from '#contract/run-state.ts';
import { expectWholeLog } from '../helpers/run-facts.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';

/** A million tokens cost so much that a call of 100 in and 20 out costs 0.14 dollars, and one of 200 out may cost some 0.8. */
const PRICE = { input_usd_per_mtok: 1000, output_usd_per_mtok: 2000 };
const CALL_USD = 0.14;
const { openai } = PROTOCOLS;
const USAGE = { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [] };

/** Answers that are held back until the test lets them go. */
const held: ServerResponse[] = [];
let isHolding = false;

function finish(response: ServerResponse): void {
  sendEvent(response, openai.finish('stop'));
  sendEvent(response, { ...USAGE, usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 } });
  response.end('data: [DONE]\n\n');
}

let model: TestServer;
let stack: Stack;
beforeAll(async () => {
  model = await startTestServer((response, body) => {
    openSse(response);
    sendEvent(response, openai.text('an answer'));
    if (isHolding && body.includes('hold')) held.push(response);
    else finish(response);
  });
  stack = await startStack();
  const provider = { type: 'custom_openai_compatible', base_url: `${model.url}/v1`, model: 'm', api_key: null, price: PRICE };
  await stack.admin.put('/ops/provider', { active: 'paid', providers: { paid: provider } });
}, 400_000);
afterAll(async () => {
  await stack.close();
  await model[Symbol.asyncDispose]();
});

const ask = (id: string, prompt = 'Say something', needs: string[] = []): object => ({
  id,
  kind: 'llm',
  needs,
  with: { prompt, max_output_tokens: 150 },
});
const plan = (usd: number, nodes: object[], policy: object = {}): object => ({
  version: 1,
  title: 'with money',
  envelope: { budget: { usd } },
  policy,
  nodes,
});
const budgetOf = async ({ id }: Run): Promise<NonNullable<Budgets['run']>> => {
  const { run } = await stack.actions.get<Budgets>(`/ops/cost/budgets?run_id=${id}`);
  if (!run) throw new Error('it has no budget');
  return run;
};
const textsOf = async (run: Run, node: string): Promise<string[]> =>
  (await stack.actions.get<LogEntry[]>(`/ops/runs/${run.id}/log?node=${node}`)).map(({ text }) => text);

describe('the money of a run', () => {
  it('is shared by calls side by side: what does not fit waits for others to settle, and nobody is asked', async () => {
    const run = await stack.admin.startPlan(
      plan(
        1.2,
        ['a', 'b', 'c', 'd'].map((id) => ask(id)),
      ),
    );
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done', cost_usd: 4 * CALL_USD });
    expect(await budgetOf(run)).toMatchObject({
      usd: { limit: 1.2, spent: 4 * CALL_USD, held: 0 },
      tokens: { spent: 480 },
      unknown_calls: 0,
    });
    expect(JSON.stringify(await Promise.all(['b', 'c', 'd'].map((id) => textsOf(run, id))))).toContain('waits for the budget');
    await expectWholeLog(stack.gics, run.id);
  });

  it('is raised by a person at its end, by what the gate says, and the worker verifies that decision', async () => {
    const run = await stack.admin.startPlan(plan(0.8, [ask('a'), ask('b', 'Say more', ['a'])]));
    const gate = await stack.operator.openGate(run.id);
    expect(gate).toMatchObject({ kind: 'budget', node: 'b', risk: 'medium', title: 'May b go beyond the budget of the run?' });
    expect(gate.evidence).toMatchObject({
      delta: { budget: { tokens: 0, wall_ms: 0 }, commands: [] },
      budget: { usd: { spent: CALL_USD } },
    });
    expect((await stack.operator.ask('POST', `/ops/gates/${gate.id}/approve`)).status, 'a yes needs the hash').toBe(428);
    await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect((await budgetOf(run)).usd.limit).toBeGreaterThan(0.8);
    await expectWholeLog(stack.gics, run.id);
  });

  it('is the end where a person says no, or where the plan says that nobody is asked', async () => {
    const asked = await stack.admin.startPlan(plan(0.1, [ask('a')]));
    const gate = await stack.operator.openGate(asked.id);
    await stack.operator.post(`/ops/gates/${gate.id}/reject`, { hash: gate.hash });
    const refused = { status: 'error', error: { code: 'BUDGET_EXCEEDED' }, cost_usd: 0 };
    expect(await stack.operator.ended(asked.id)).toMatchObject(refused);
    const silent = await stack.admin.startPlan(plan(0.1, [ask('a')], { over_budget: 'fail' }));
    expect(await stack.operator.ended(silent.id)).toMatchObject(refused);
  });

  it('counts a call that a crash cut at all that was kept for it, shows its cost as unknown, and makes it again', async () => {
    isHolding = true;
    const run = await stack.admin.startPlan(plan(2, [ask('a', 'Please hold')]));
    await until(() => expect(held).toHaveLength(1), { timeout: 30_000 });
    isHolding = false;
    const { pid } = stack.instance().parts['worker'] ?? {};
    await stack.kill('worker');
    await stack.back('worker', pid ?? null);
    const ended = await stack.operator.ended(run.id);
    expect(ended).toMatchObject({ status: 'done', cost_usd: null });
    const { usd, unknown_calls: unknown } = await budgetOf(run);
    expect(unknown).toBe(1);
    expect(usd.spent).toBeGreaterThan(0.5 + CALL_USD);
    const node = await stack.actions.get<NodeDetail>(`/ops/runs/${run.id}/nodes/a`);
    expect(node).toMatchObject({ cost_usd: null, output: { text: 'an answer' } });
    expect(await stack.actions.get<Cost>(`/ops/cost?run_id=${run.id}`)).toMatchObject({
      cost_usd: null,
      known_usd: CALL_USD,
      unknown_calls: 1,
    });
    expect(await textsOf(run, 'a')).toContain('its cost is not known, so all that was kept for it counts');
    await expectWholeLog(stack.gics, run.id);
  });
});

describe('the money of a day', () => {
  it('is a cap over all runs, and who reaches it is told which one and what to do', async () => {
    const before = await stack.actions.get<Budgets>('/ops/cost/budgets');
    const spent = before.caps.find(({ provider }) => provider === 'paid')?.spent_usd ?? 0;
    expect(spent).toBeGreaterThan(0);
    await stack.admin.put('/ops/config', { daily_caps: { usd: null, providers: { paid: spent + 0.1 } } });
    const run = await stack.admin.startPlan(plan(2, [ask('a')]));
    const ended = await stack.operator.ended(run.id);
    expect(ended).toMatchObject({
      status: 'error',
      cost_usd: 0,
      error: { code: 'BUDGET_EXCEEDED', hint: expect.stringContaining('daily_caps') },
    });
    const after = await stack.actions.get<Budgets>('/ops/cost/budgets');
    expect(after.caps).toContainEqual({
      provider: 'paid',
      limit_usd: spent + 0.1,
      spent_usd: spent,
      held_usd: expect.any(Number),
      unknown_calls: 0,
    });
    await stack.admin.put('/ops/config', { daily_caps: { usd: null, providers: {} } });
  });
});
