/** What the dashboard says of its own accord when something is missing, in a real browser on the real stack; only the model is a mock. */
import path from 'node:path';
import { LLMock } from '@copilotkit/aimock';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Draft, Run } from '#contract/objects.ts';
import { signalProcess } from '#platform/processes.ts';
import { findBrowser } from '../helpers/browser.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';

const WAIT = { timeout: 60_000 };
const mock = new LLMock({ port: 0, host: '127.0.0.1' });
let stack: Stack;
let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  const url = await mock.start();
  stack = await startStack();
  const provider = { type: 'custom_openai_compatible', base_url: `${url}/v1`, model: 'm', api_key: null };
  // Nobody listens on port 1.
  const gone = { ...provider, base_url: 'http://127.0.0.1:1/v1' };
  await stack.admin.put('/ops/provider', { active: 'gone', providers: { here: provider, gone } });
  browser = await chromium.launch({ executablePath: findBrowser() ?? '', args: ['--no-sandbox'] });
}, 400_000);
beforeEach(async () => {
  await context?.close();
  // A clock that a test stops is that of its context.
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.request.post(`${stack.url}/auth/login`, { data: { token: stack.tokens.admin } });
  page = await context.newPage();
});
afterAll(async () => {
  await browser?.close();
  await stack?.close();
  await mock.stop();
});

/** For looking at; nothing is compared. */
async function picture(name: string): Promise<void> {
  const { GIMO_TEST_PICTURES: folder } = process.env;
  if (folder !== undefined) await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
}

const open = (address: string): Promise<unknown> => page.goto(`${stack.url}${address}`);
const plan = (nodes: object[]): object => ({ version: 1, title: 'Noticed', nodes });

describe('a provider that does not answer', () => {
  test('is named on the card of a plan that needs it, and with what to do in the packet of a plan that calls it', async () => {
    await open('/plans');
    await page.getByRole('listitem').filter({ hasText: 'needs a model' }).getByText('gone does not answer').first().waitFor();
    const call = (provider: string): object => ({ id: `ask_${provider}`, kind: 'llm', with: { prompt: 'x', provider } });
    const draft = await stack.admin.post<Draft>('/ops/drafts', { plan: plan([call('here'), call('gone')]) }, 201);
    const answered = page.waitForResponse(/provider\/health\?name=here/);
    await open(`/plans/${draft.id}`);
    expect(await (await answered).json()).toMatchObject({ ok: true });
    const notices = page.getByRole('status').filter({ hasText: 'does not answer at the moment' });
    await notices.getByText('gone', { exact: true }).waitFor();
    expect(await notices.count()).toBe(1);
    await notices.getByRole('link', { name: 'Start it or choose another' }).click();
    await page.waitForURL(`${stack.url}/provider`);
  });
});

describe('a worker that does not answer', () => {
  test('is told when that lasts for five seconds; what is answered meanwhile is kept, and takes effect once it is back', async () => {
    const run = await stack.admin.startPlan(plan([{ id: 'ask', kind: 'gate', with: { title: 'Go on?' } }]));
    await stack.operator.openGate(run.id);
    const worker = stack.instance().parts['worker']?.pid ?? 0;
    signalProcess(worker, 'SIGSTOP');
    onTestFinished(() => void signalProcess(worker, 'SIGCONT'));
    await until(async () => expect(await stack.actions.get<Run>(`/ops/runs/${run.id}`)).toMatchObject({ stale: true }), WAIT);
    // In this page time passes only when it is told to.
    await page.clock.install();
    await page.clock.pauseAt(Date.now() + 60_000);
    await open(`/runs/${run.id}`);
    const notice = page.getByRole('status').filter({ hasText: 'No worker has answered for some seconds' });
    await until(async () => {
      await page.clock.runFor(20);
      expect(await page.getByRole('heading', { name: 'Noticed' }).isVisible()).toBe(true);
    }, WAIT);
    await page.clock.runFor(4500);
    expect(await notice.isVisible()).toBe(false);
    await page.clock.runFor(1000);
    await notice.waitFor();
    await page.clock.resume();
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    const kept = page.getByRole('status').filter({ hasText: 'takes effect as soon as a worker is back' });
    await kept.getByText('“Go on?”: Approve').waitFor();
    await picture('kept');
    expect(await page.getByText('Waits for your answer').count()).toBe(0);
    signalProcess(worker, 'SIGCONT');
    await page.getByText(/^Finished in/).waitFor(WAIT);
    expect((await kept.count()) + (await notice.count())).toBe(0);
  });
});

describe('a run that may write files', () => {
  const note = (): ReturnType<Page['getByRole']> => page.getByRole('note').filter({ hasText: 'Nothing was changed' });
  const ended = async (nodes: object[]): Promise<void> => {
    const run = await stack.admin.startPlan(plan(nodes));
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    await open(`/runs/${run.id}`);
    // It is there as soon as the page knows the plan.
    await page.getByRole('button', { name: 'New draft from this plan' }).waitFor();
    await page.getByRole('region', { name: 'Result' }).waitFor();
  };

  test('and committed nothing says that nothing was changed', async () => {
    await ended([{ id: 'idle', kind: 'process', with: { argv: ['true'], write: ['out'] } }]);
    await note().waitFor();
    expect(await note().count()).toBe(1);
  });

  test('and committed something names the branch and says no such thing', async () => {
    await ended([{ id: 'write', kind: 'patch', with: { files: [{ path: 'NOTES.md', content: 'new\n' }] } }]);
    await page.getByText('The changes are on the branch').waitFor();
    expect(await note().count()).toBe(0);
  });
});
