/** Decisions by clicks, in real browsers on the real stack: two people about one draft, more money for a run, and how urgent a run is. */
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSse, PROTOCOLS, sendEvent, startTestServer, type TestServer } from '#activities/providers/test-server.ts';
import type { Approved, Draft, Run } from '#contract/objects.ts';
import type { Budgets } from '#contract/routes/records.ts';
import type { TokenMade } from '#contract/tokens.ts';
import type { z } from '#contract/zod.ts';
import { findBrowser } from '../helpers/browser.ts';
import { startStack, type Stack } from '../helpers/stack.ts';

/** A call of 100 tokens in and 20 out costs 0.14 dollars; one of 150 out may cost half a dollar. */
const PRICE = { input_usd_per_mtok: 1000, output_usd_per_mtok: 2000 };
const CALL_USD = 0.14;
const USAGE = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };

let model: TestServer;
let stack: Stack;
let browser: Browser;
beforeAll(async () => {
  model = await startTestServer((response) => {
    openSse(response);
    for (const event of [PROTOCOLS.openai.text('an answer'), PROTOCOLS.openai.finish('stop')]) sendEvent(response, event);
    sendEvent(response, { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: USAGE });
    response.end('data: [DONE]\n\n');
  });
  stack = await startStack();
  const provider = { type: 'custom_openai_compatible', base_url: `${model.url}/v1`, model: 'm', api_key: null, price: PRICE };
  await stack.admin.put('/ops/provider', { active: 'paid', providers: { paid: provider } });
  browser = await chromium.launch({ executablePath: findBrowser() ?? '', args: ['--no-sandbox'] });
}, 400_000);
afterAll(async () => {
  await browser?.close();
  await stack?.close();
  await model?.[Symbol.asyncDispose]();
});

/** A browser session of its own. */
async function signedIn(token: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const answer = await context.request.post(`${stack.url}/auth/login`, { data: { token } });
  expect(answer.status()).toBe(200);
  return context.newPage();
}

async function person(label: string): Promise<Page> {
  const { token } = await stack.admin.post<z.output<typeof TokenMade>>('/auth/tokens', { label, role: 'operator' }, 201);
  return signedIn(token ?? '');
}

const decision = (page: Page) => page.getByRole('region', { name: 'Decision' });
const who = (page: Page) => page.getByRole('region', { name: 'Who decides' });
const approve = (page: Page): Promise<void> => decision(page).getByRole('button', { name: 'Approve', exact: true }).click();
const idIn = (page: Page): string => new URL(page.url()).pathname.split('/').at(-1) ?? '';

describe('a draft that needs two people', () => {
  const plan = { version: 1, title: 'Two have to agree', policy: { quorum: 2, max_runs: 1 }, nodes: [{ id: 'a', kind: 'noop' }] };
  const stored = (id: string): Promise<Draft> => stack.admin.get<Draft>(`/ops/drafts/${id}`);

  // verifies: SEC-7
  test('is approved by the second of them: one person twice, in two browsers, is one person', async () => {
    const { id } = await stack.admin.post<Draft>('/ops/drafts', { plan }, 201);
    const [robin, again, kim] = [await person('Robin Example'), await person('robin example'), await person('Kim Sample')];
    for (const page of [robin, again, kim]) await page.goto(`${stack.url}/plans/${id}`);
    await who(robin).getByText('0 of 2 people agreed').waitFor();
    await decision(robin).getByLabel('Comment').fill('read it all');
    await approve(robin);
    await decision(robin).getByText('You agreed. Others have to agree as well.').waitFor();
    await who(robin).getByText('1 of 2 people agreed').waitFor();
    // The page of the other shows it without being loaded again.
    const place = who(kim).getByRole('listitem').first();
    await place.getByText('Robin Example', { exact: true }).waitFor();
    await place.getByText('read it all').waitFor();
    await approve(again);
    await decision(again).getByRole('alert').getByText('the others have to be other people').waitFor();
    expect(await stored(id)).toMatchObject({ status: 'draft', approved_id: null, votes: [{ by_name: 'Robin Example' }] });
    await approve(kim);
    await kim.waitForURL(/\/approved\/a_/);
    const approved = await stack.admin.get<Approved>(`/ops/approved/${idIn(kim)}`);
    expect(approved).toMatchObject({
      draft_id: id,
      decision: { by_name: 'Kim Sample', agreement: { earlier: [{ by_name: 'Robin Example' }] } },
    });
    await robin.getByText('This draft was approved').waitFor();
  });

  test('loses its first yes when it is edited, and whoever gave it sees that before the second', async () => {
    const { id, hash } = await stack.admin.post<Draft>('/ops/drafts', { plan: { ...plan, title: 'Edited between' } }, 201);
    const [robin, kim] = [await person('Robin Third'), await person('Kim Third')];
    for (const page of [robin, kim]) await page.goto(`${stack.url}/plans/${id}`);
    await approve(robin);
    await who(kim).getByText('1 of 2 people agreed').waitFor();
    await stack.admin.put(`/ops/drafts/${id}`, { plan: { ...plan, title: 'Another one' } });
    await decision(kim)
      .getByRole('button', { name: 'Approve', exact: true })
      .and(kim.locator('[aria-disabled="true"], :disabled'))
      .waitFor();
    await kim.reload();
    await who(kim).getByText('0 of 2 people agreed').waitFor();
    expect((await stored(id)).hash).not.toBe(hash);
  });
});

describe('a run', () => {
  const ask = (id: string, needs: string[]): object => ({
    id,
    kind: 'llm',
    needs,
    with: { prompt: 'Say something', max_output_tokens: 150 },
  });
  const paid = (title: string): object => ({
    version: 1,
    title,
    envelope: { budget: { usd: 0.8 } },
    nodes: [ask('a', []), ask('b', ['a'])],
  });
  const limitOf = async ({ id }: Run): Promise<number> =>
    (await stack.actions.get<Budgets>(`/ops/cost/budgets?run_id=${id}`)).run?.usd.limit ?? 0;

  test('whose money does not reach for its next call goes on when a person raises its budget by a click', async () => {
    const page = await person('Lee Raiser');
    const run = await stack.admin.startPlan(paid('Raised'));
    await page.goto(`${stack.url}/runs/${run.id}`);
    const gate = page.getByRole('region', { name: 'May b go beyond the budget of the run?' });
    await gate.getByText('The run goes on with exactly that much more of its budget, and no other run has it.').waitFor();
    await page.getByText(`(US$ ${CALL_USD} of US$ 0.80 in the budget)`).waitFor();
    expect(await limitOf(run)).toBe(0.8);
    await gate.getByLabel('Comment on your answer').fill('it is worth it');
    await gate.getByRole('button', { name: 'Raise it' }).click();
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done', cost_usd: 2 * CALL_USD });
    expect(await limitOf(run)).toBeGreaterThan(0.8);
    await page.goto(`${stack.url}/gates?show=all`);
    const answered = page.getByRole('region', { name: 'Answered' });
    await answered.getByText('Raise it', { exact: true }).waitFor();
    await answered.getByText('it is worth it').waitFor();
  });

  test('that a person refuses more money ends there, and makes no other call', async () => {
    const page = await person('Lee Refuser');
    const before = model.bodies.length;
    const run = await stack.admin.startPlan(paid('Refused'));
    await page.goto(`${stack.url}/runs/${run.id}`);
    await page.getByRole('region', { name: 'May b go beyond the budget of the run?' }).getByRole('button', { name: 'Refuse' }).click();
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'error', error: { code: 'BUDGET_EXCEEDED' }, cost_usd: CALL_USD });
    expect([model.bodies.length - before, await limitOf(run)]).toEqual([1, 0.8]);
  });

  test('is as urgent as was chosen when it was started, and that can be changed while it is under way', async () => {
    const page = await person('Sam Starter');
    const nodes = [{ id: 'ask', kind: 'gate', with: { title: 'Go on?' } }];
    const { approved } = await stack.admin.approvePlan({ version: 1, title: 'Urgent', policy: { max_runs: 2, priority: 'low' }, nodes });
    await page.goto(`${stack.url}/approved/${approved.id}`);
    const choice = page.getByLabel('Priority');
    expect(await choice.inputValue(), 'what the plan says stands there').toBe('low');
    await choice.selectOption('high');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.waitForURL(/\/runs\/r_/);
    const id = idIn(page);
    const badge = page.locator('span').getByText('high priority');
    await badge.waitFor();
    expect(await stack.operator.run(id)).toMatchObject({ priority: 'high' });
    await page.goto(`${stack.url}/runs`);
    await page.getByRole('link').filter({ hasText: 'Urgent' }).filter({ hasText: 'high priority' }).waitFor();
    await page.goto(`${stack.url}/runs/${id}`);
    await choice.selectOption('normal');
    await stack.operator.until(id, ({ priority }) => priority === 'normal');
    const gate = await stack.operator.openGate(id);
    await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
    expect(await stack.operator.ended(id)).toMatchObject({ status: 'done', priority: 'normal' });
  });
});
