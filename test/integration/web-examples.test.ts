/** Each shipped example by clicks alone, from the empty dashboard to the branch; and what Temporal Web shows of it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LLMock } from '@copilotkit/aimock';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Run } from '#contract/objects.ts';
import { findBrowser } from '../helpers/browser.ts';
import { startStack, type Stack } from '../helpers/stack.ts';

const RUN_MS = 60_000;
const EXAMPLES = ['Repository health', 'Add missing license lines', 'Find the commit that brought a text', 'Review of the last changes'];
const mock = new LLMock({ port: 0, host: '127.0.0.1' });
const pictures = mkdtempSync(path.join(tmpdir(), 'gimo-web-examples-'));

let stack: Stack;
let browser: Browser;
let context: BrowserContext;
let page: Page;
beforeAll(async () => {
  const url = await mock.start();
  mock.onMessage(/.*/s, { content: '## Summary\n\nIt is a small repository.\n' });
  stack = await startStack();
  const provider = { type: 'custom_openai_compatible', base_url: `${url}/v1`, model: 'm', api_key: null };
  await stack.admin.put('/ops/provider', { active: 'mock', providers: { mock: provider } });
  browser = await chromium.launch({ executablePath: findBrowser() ?? '', args: ['--no-sandbox'] });
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  await page.goto(stack.loginUrl);
  await page.getByRole('heading', { name: 'Plans', exact: true }).waitFor();
}, 400_000);
afterAll(async () => {
  await browser?.close();
  await stack?.close();
  await mock.stop();
});

/** Says yes to the gates of the run that is open until it has ended. */
async function answerUntilOver(): Promise<void> {
  const question = page.getByLabel('Comment on your answer').first();
  const end = page.getByText(/^(?:Finished in|Failed)/).first();
  for (;;) {
    await question.or(end).first().waitFor({ timeout: RUN_MS });
    if (await end.isVisible()) return;
    await page.getByRole('button', { name: 'Approve', exact: true }).first().click();
    await question.waitFor({ state: 'detached' });
  }
}

// verifies: UI-5, CARD-1, CARD-5
test.each(EXAMPLES)('%s: three clicks lead from the example to its end', { timeout: 2 * RUN_MS }, async (title) => {
  await page.goto(`${stack.url}/plans`);
  await page.getByRole('button', { name: `Use this: ${title}` }).click();
  await page.getByRole('region', { name: 'If you approve' }).waitFor();
  if (title.startsWith('Find')) await page.getByLabel('text', { exact: true }).fill('a text that is nowhere');
  expect(await page.getByText(/^Its text goes to the model/).count()).toBe(title.startsWith('Review') ? 1 : 0);
  for (const box of await page.getByLabel('I have seen this').all()) await box.check();
  await page.getByRole('button', { name: 'Approve and run' }).click();
  await page.waitForURL(/\/runs\/r_/);
  await answerUntilOver();
  await page.screenshot({ path: path.join(pictures, `${title}.png`), fullPage: true });
  expect(await page.getByText(/^Finished in/).count()).toBe(1);
  if (title.startsWith('Add')) await page.getByText('Changed 3 of 3 files: MIT.').first().waitFor();
  if (title.startsWith('Find')) await page.getByText('`a text that is nowhere` is in no file.').first().waitFor();
});

/** A node of each example, by id and title, as the plan has them. */
const A_NODE: Record<string, string> = {
  'Repository health': 'history: Commits and their dates',
  'Add missing license lines': 'find_files: Source files without a license line',
  'Find the commit that brought a text': 'count: How many commits there are',
  'Review of the last changes': 'history: Subjects of the commits',
};

// verifies: CARD-6
test('Temporal Web shows each of them by its title, its end, and its nodes in plain words', { timeout: 2 * RUN_MS }, async () => {
  const runs = await stack.operator.get<Run[]>('/ops/runs');
  expect(runs.map(({ title }) => title).toSorted()).toEqual(EXAMPLES.toSorted());
  for (const run of runs) {
    await page.goto(run.temporal_url ?? '');
    await page.getByText('Completed').first().waitFor();
    await page
      .getByText(A_NODE[run.title] ?? '')
      .first()
      .waitFor();
    await page.screenshot({ path: path.join(pictures, `temporal-${run.title}.png`), fullPage: true });
    await page.getByText('User Metadata').first().click();
    // It shows what others have written in frames.
    const [summary, state] = [page.frameLocator('iframe').first(), page.frameLocator('iframe').last()];
    await summary.getByText(run.title).waitFor();
    await state.getByText('done').waitFor();
  }
});

test('Temporal Web is closed to strangers and to other names of this machine, and changes nothing', async () => {
  const url = new URL(stack.instance().temporal_ui ?? '');
  expect((await fetch(url)).status).toBe(401);
  expect(await (await fetch(url)).text()).toContain('Sign in to GIMO first');
  expect((await fetch(new URL('/api/v1/namespaces/gimo/workflows', url))).status).toBe(401);
  const terminate = await context.request.post(new URL('/api/v1/namespaces/gimo/workflows/any/terminate', url).href, { data: {} });
  expect([terminate.status(), await terminate.text()]).toEqual([403, expect.stringContaining('only shows here')]);
  expect((await context.request.get(url.href, { headers: { host: `evil.example:${url.port}` } })).status()).toBe(403);
  expect((await context.request.get(url.href, { headers: { origin: 'http://evil.example' } })).status()).toBe(403);
  expect((await context.request.get(url.href)).status()).toBe(200);
});

test('Temporal Web is given plain values by whoever is signed in, and asks nobody for them', async () => {
  const [run] = await stack.operator.get<Run[]>('/ops/runs');
  const url = new URL(`/api/v1/namespaces/gimo/workflows/${run?.workflow_id}`, stack.instance().temporal_ui ?? '');
  const answer = await (await context.request.get(url.href)).text();
  expect(answer).not.toContain(Buffer.from('binary/encrypted').toString('base64'));
  expect(answer).toContain(Buffer.from(JSON.stringify(run?.title)).toString('base64'));
  const settings = (await (await context.request.get(new URL('/api/v1/settings', url).href)).json()) as { Codec?: { Endpoint?: string } };
  expect(settings.Codec?.Endpoint ?? '').toBe('');
});
