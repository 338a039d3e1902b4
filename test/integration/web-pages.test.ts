/** What each page of the dashboard shows and does, in a real browser on the real stack; only the model is a mock. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { LLMock } from '@copilotkit/aimock';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Draft } from '#contract/objects.ts';
import { findBrowser } from '../helpers/browser.ts';
import { startStack, type Stack } from '../helpers/stack.ts';

const BROWSER = findBrowser() ?? '';
const mock = new LLMock({ port: 0, host: '127.0.0.1' });
let stack: Stack;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  const url = await mock.start();
  stack = await startStack();
  const provider = { type: 'custom_openai_compatible', base_url: `${url}/v1`, model: 'm', api_key: null };
  await stack.admin.put('/ops/provider', { active: 'mock', providers: { mock: provider, spare: provider } });
  browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.request.post(`${stack.url}/auth/login`, { data: { token: stack.tokens.admin } });
  page = await context.newPage();
}, 400_000);
afterAll(async () => {
  await browser?.close();
  await stack?.close();
  await mock.stop();
});

const open = (address: string): Promise<unknown> => page.goto(`${stack.url}${address}`);
const row = (words: string) => page.getByRole('row').filter({ hasText: words });
/** Hue of a colour in degrees, from the page's own computation. */
async function hueOf(name: 'color' | 'background-color', locator: ReturnType<Page['locator']>): Promise<number> {
  const css = await locator.evaluate((element, property) => {
    const { getComputedStyle, document } = globalThis as unknown as {
      getComputedStyle: (of: unknown) => { getPropertyValue: (name: string) => string };
      document: { createElement: (name: string) => { getContext: (kind: string) => Canvas } };
    };
    type Canvas = {
      fillStyle: string;
      fillRect: (...of: number[]) => void;
      getImageData: (...of: number[]) => { data: ArrayLike<number> };
    };
    const canvas = document.createElement('canvas').getContext('2d');
    canvas.fillStyle = getComputedStyle(element).getPropertyValue(property);
    canvas.fillRect(0, 0, 1, 1);
    return Array.from(canvas.getImageData(0, 0, 1, 1).data);
  }, name);
  const [red = 0, green = 0, blue = 0] = css;
  const [least, most] = [Math.min(red, green, blue), Math.max(red, green, blue)];
  if (most === least) return Number.NaN;
  const sixth =
    most === red
      ? (green - blue) / (most - least)
      : most === green
        ? 2 + (blue - red) / (most - least)
        : 4 + (red - green) / (most - least);
  return (sixth * 60 + 360) % 360;
}

describe('plans', () => {
  // verifies: UI-1, UI-7
  test('a provider writes a plan from a prompt, and the draft appears in the review table', async () => {
    const unused = { needs: [], argv: null, write: null, prompt: null, title: null, message: null, path: null, content: null };
    const answer = {
      title: 'Written by a model',
      intent: 'Greet.',
      steps: [{ ...unused, id: 'greet', kind: 'transform', expr: '"hello"' }],
    };
    mock.onMessage(/Greet once/, { content: JSON.stringify(answer) });
    await open('/plans');
    await page.getByLabel('What should be done?').fill('Greet once');
    await page.getByRole('button', { name: 'Generate via provider' }).click();
    await page.waitForURL(/\/plans\/d_/);
    await open('/plans');
    const badge = row('Written by a model').getByText('DRAFT', { exact: true });
    await badge.waitFor();
    expect(await badge.count()).toBe(1);
  });

  // verifies: UI-2
  test('the review table has its columns, and badges and buttons in their colours', async () => {
    const nodes = [{ id: 'a', kind: 'value', with: { value: 1 } }];
    const rejected = await stack.admin.post<Draft>('/ops/drafts', { plan: { version: 1, title: 'To be rejected', nodes } }, 201);
    await stack.admin.post(`/ops/drafts/${rejected.id}/reject`, {});
    await stack.admin.approvePlan({ version: 1, title: 'To be approved', nodes });
    await open('/plans');
    await row('To be rejected').waitFor();
    expect((await page.getByRole('columnheader').allTextContents()).map((text) => text.trim())).toEqual([
      'ID',
      'Prompt',
      'Provider',
      'Status',
      'Actions',
    ]);
    const hues = {
      draft: await hueOf('background-color', row('Written by a model').getByText('DRAFT', { exact: true })),
      approved: await hueOf('background-color', row('To be approved').getByText('APPROVED', { exact: true })),
      rejected: await hueOf('background-color', row('To be rejected').getByText('REJECTED', { exact: true })),
      approve: await hueOf('background-color', row('Written by a model').getByRole('button', { name: 'Approve' })),
      reject: await hueOf('color', row('Written by a model').getByRole('button', { name: 'Reject' })),
      edit: await hueOf('color', row('Written by a model').getByRole('button', { name: 'Edit' })),
    };
    const between = (hue: number, from: number, to: number): boolean => hue >= from && hue <= to;
    expect({
      draft: between(hues.draft, 35, 65),
      approved: between(hues.approved, 100, 170),
      rejected: between(hues.rejected, 340, 360) || between(hues.rejected, 0, 20),
      approve: between(hues.approve, 100, 170),
      reject: between(hues.reject, 340, 360) || between(hues.reject, 0, 20),
      edit: between(hues.edit, 200, 250),
    }).toEqual({ draft: true, approved: true, rejected: true, approve: true, reject: true, edit: true });
    await row('Written by a model').getByRole('button', { name: 'View' }).click();
    await page.getByText('greet').first().waitFor();
    await row('Written by a model').first().getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('dialog').waitFor();
  });
});

describe('approved plans and runs', () => {
  // verifies: UI-6, UI-3
  test('are listed, and one click leads to what was approved, to its runs and to the log of the run', async () => {
    const run = await stack.admin.startPlan({ version: 1, title: 'Looked at', nodes: [{ id: 'only', kind: 'noop', with: { value: 1 } }] });
    await stack.operator.ended(run.id);
    await open('/approved');
    await page.getByRole('link', { name: /Looked at/ }).click();
    await page.waitForURL(/\/approved\/a_/);
    await page.getByRole('heading', { name: 'Looked at' }).waitFor();
    await page
      .getByRole('region', { name: 'Its runs' })
      .getByRole('link', { name: /Looked at.*done/ })
      .waitFor();
    await page.getByRole('link', { name: /^d_/ }).click();
    await page.waitForURL(/\/plans\/d_/);
    await page
      .getByRole('region', { name: 'Its runs' })
      .getByRole('link', { name: /Looked at.*done/ })
      .waitFor();
    await open('/plans');
    await row('Looked at').getByRole('link', { name: 'Its runs' }).click();
    await page.waitForURL(`${stack.url}/runs?approved=${run.approved_id}`);
    const entry = page.getByRole('link', { name: /Looked at/ });
    await entry.waitFor();
    expect(await page.getByRole('main').getByRole('listitem').count()).toBe(1);
    await page.getByRole('link', { name: 'Show all runs' }).click();
    await page.waitForURL(`${stack.url}/runs`);
    await entry.waitFor();
    expect(await entry.textContent()).toContain('done');
    const titles = await page
      .getByRole('main')
      .locator('[title]')
      .evaluateAll((all) => all.map((element) => element.getAttribute('title')));
    expect(titles).toContain(`${run.id} of ${run.approved_id}`);
    await entry.click();
    await page.waitForURL(`${stack.url}/runs/${run.id}`);
    await page.getByRole('log').getByText('started: Looked at').waitFor();
  });
});

describe('files', () => {
  // verifies: API-10b
  test('lead from folders to a text, from a search to its line, and show what changed', async () => {
    writeFileSync(path.join(stack.repo, 'src/index.js'), 'export const answer = 43;\n');
    await open('/files');
    await page.getByRole('link', { name: 'src' }).click();
    await page.getByRole('link', { name: 'deep' }).click();
    await page.getByRole('link', { name: /util\.js/ }).click();
    await page.getByRole('region', { name: 'src/deep/util.js', exact: true }).getByText('return n * 2').waitFor();
    await page.getByLabel('Search for a text').fill('small repository');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('link', { name: /README\.md:3:3/ }).click();
    await page.getByText('# Sample').waitFor();
    await page.getByRole('button', { name: 'Changes' }).click();
    await page.getByRole('region', { name: 'diff' }).getByText('+export const answer = 43;').waitFor();
    await open('/files?file=.git%2Fconfig');
    await page.getByRole('alert').getByText('PATH_REFUSED').waitFor();
    expect(await page.getByRole('region', { name: '.git/config' }).count()).toBe(0);
  });
});

describe('providers', () => {
  // verifies: UI-4
  test('show which one is active, switch it, and say whether it answers', async () => {
    await open('/provider');
    await page.getByLabel('Use').selectOption('spare');
    await page.getByRole('listitem').filter({ hasText: 'spare' }).getByText('active', { exact: true }).waitFor();
    expect((await stack.admin.get<{ active: string }>('/ops/provider')).active).toBe('spare');
    await page.getByRole('button', { name: 'Check spare' }).click();
    await page
      .getByRole('status')
      .filter({ hasText: /\d+ ms/ })
      .waitFor();
  });
});

describe('tokens', () => {
  test('are made, shown once, and revoked', async () => {
    await open('/tokens');
    await page.getByLabel('Whose it is').fill('Robin Example');
    await page.getByLabel('For a').selectOption('agent');
    await page.getByRole('button', { name: 'Make it' }).click();
    const token = (await page.getByRole('dialog').locator('code').textContent()) ?? '';
    expect(token).toMatch(/^gimo_/);
    const asAgent = (): Promise<number> =>
      fetch(`${stack.url}/ops/drafts`, { headers: { authorization: `Bearer ${token}` } }).then(({ status }) => status);
    expect(await asAgent()).toBe(200);
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByRole('button', { name: 'Revoke Robin Example' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('revoked', { exact: true }).waitFor();
    expect(await asAgent()).toBe(401);
    expect(await page.content()).not.toContain(token);
  });

  // verifies: SEC-3
  test('stand beside the lockdown, which a banner shows on every page until it is ended', async () => {
    await open('/tokens');
    await page.getByRole('button', { name: 'Lock all changes' }).click();
    await page.getByLabel('Why').fill('a drill');
    await page.getByRole('dialog').getByRole('button', { name: 'Lock' }).click();
    await page.getByRole('alert').filter({ hasText: 'Changes are locked' }).waitFor();
    await open('/plans');
    await page.getByRole('button', { name: 'End the lockdown' }).click();
    await page.getByRole('alert').filter({ hasText: 'Changes are locked' }).waitFor({ state: 'detached' });
    expect((await stack.admin.get<{ panic: boolean }>('/status')).panic).toBe(false);
  });
});
