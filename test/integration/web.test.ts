/** The dashboard in a real browser against the real stack: sign in, use an example, approve and run, answer the gate, done. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gimo } from '../../cli/test-api.ts';
import { findBrowser } from '../helpers/browser.ts';
import { startStack } from '../helpers/stack.ts';

const WIDTHS = [360, 1440] as const;
const BROWSER = findBrowser() ?? '';
const RUN_MS = 120_000;

type Stack = Awaited<ReturnType<typeof startStack>>;
type Visit = { context: BrowserContext; page: Page; complaints: string[] };

/** What the functions that run in the page use of it; this project is typed for Node. */
type PageElement = {
  id: string;
  textContent: string | null;
  outerHTML: string;
  labels?: Iterable<PageElement> | null;
  getAttribute: (name: string) => string | null;
  closest: (selector: string) => PageElement | null;
};
declare const document: {
  documentElement: { scrollWidth: number };
  activeElement: PageElement | null;
  querySelector: (selector: string) => PageElement | null;
  querySelectorAll: (selector: string) => Iterable<PageElement>;
  addEventListener: (type: string, listener: (event: { violatedDirective: string; blockedURI: string }) => void) => void;
};

let stack: Stack;
let browser: Browser;
const pictures = mkdtempSync(path.join(tmpdir(), 'gimo-web-'));

beforeAll(async () => {
  stack = await startStack();
  browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] });
}, RUN_MS);

afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

/** Signed in, with everything collected that the browser complains about. */
async function visit(width: number): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width, height: width < 700 ? 740 : 900 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  await page.addInitScript(() => {
    // `console.error` reaches the collection above; a violation by itself is only a warning in some versions.
    document.addEventListener('securitypolicyviolation', (event) => {
      throw new Error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  const answer = await context.request.post(`${stack.url}/auth/login`, { data: { token: stack.tokens.admin } });
  expect(answer.status()).toBe(200);
  return { context, page, complaints };
}

/** Whatever is looked at must fit its width and have names for what can be operated. */
async function look(page: Page, name: string): Promise<void> {
  const width = page.viewportSize()?.width ?? 0;
  await page.screenshot({ path: path.join(pictures, `${width}-${name}.png`), fullPage: true });
  const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
  const headings = await page.locator('h1').count();
  expect({ name, isTooWide: scrollWidth > width, headings, nameless: await page.evaluate(unnamed) }).toEqual({
    name,
    isTooWide: false,
    headings: 1,
    nameless: [],
  });
}

/** Runs in the page. Out: the mark-up of controls, pictures and dialogs without a name, and of ids that stand twice. */
function unnamed(): string[] {
  const labelOf = (element: PageElement): string => {
    const named = (element.getAttribute('aria-labelledby') ?? '')
      .split(' ')
      .map((id) => document.querySelector(`[id="${id}"]`)?.textContent ?? '');
    const labels = [...(element.labels ?? [])].map((label) => label.textContent ?? '');
    return [element.getAttribute('aria-label') ?? '', ...named, ...labels, element.textContent ?? ''].join('').trim();
  };
  const operated = 'a[href], button, input, textarea, select, dialog, [role="region"], [role="group"], [role="log"]';
  const nameless = [...document.querySelectorAll(operated)].filter((element) => labelOf(element) === '');
  const bare = [...document.querySelectorAll('img:not([alt]), svg:not([aria-hidden]):not([role])')].filter(
    (element) => !element.closest('.react-flow'),
  );
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index && !id.startsWith('react-flow'));
  return [...nameless, ...bare].map((element) => element.outerHTML.slice(0, 200)).concat(twice.map((id) => `id ${id} twice`));
}

async function tickFindings(page: Page): Promise<void> {
  for (const box of await page.getByLabel('I have seen this').all()) await box.check();
}

describe('the dashboard', () => {
  test('a login link signs in once, and its code is not left in the address', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(stack.loginUrl);
    await page.getByRole('heading', { name: 'Plans', exact: true }).waitFor();
    expect(page.url()).not.toContain('login');
    const second = await (await browser.newContext()).newPage();
    await second.goto(stack.loginUrl);
    await second.getByLabel('Token').waitFor();
    await second.getByRole('alert').waitFor();
    // Whoever may read the data directory gets another, without a restart.
    const opened = await gimo(['open', '--print', '--data', stack.paths.data]);
    expect(opened, opened.stderr).toMatchObject({ code: 0 });
    await second.goto(opened.stdout.trim());
    await second.getByRole('heading', { name: 'Plans', exact: true }).waitFor();
    await context.close();
    await second.context().close();
  });

  test('a run that is not there is not opened', async () => {
    const { code, stderr } = await gimo(['open', 'r_01J8ZC5V3N9Q2T4W6Y8B0D2F4H', '--print', '--data', stack.paths.data]);
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining('NOT_FOUND') });
  });

  // verifies: UI-3, UI-5, PRIN-4, CARD-5, ARC-1
  test.each(WIDTHS)('at %i px three clicks lead from an example to a finished run', { timeout: RUN_MS }, async (width) => {
    const { context, page, complaints } = await visit(width);
    await page.goto(stack.url);
    await page.getByRole('button', { name: 'Use this: Repository health' }).waitFor();
    await look(page, 'plans');
    await page.getByRole('button', { name: 'Use this: Repository health' }).click();
    await page.getByRole('region', { name: 'If you approve' }).waitFor();
    await page.getByRole('region', { name: 'Plan', exact: true }).waitFor();
    await look(page, 'approval');
    await tickFindings(page);
    await page.getByRole('button', { name: 'Approve and run' }).click();
    await page.waitForURL(/\/runs\/r_/);
    const gate = page.getByLabel('Comment on your answer');
    const failure = page.getByText(/^Failed/);
    await gate
      .or(failure)
      .first()
      .waitFor({ timeout: RUN_MS / 2 });
    expect(await failure.allTextContents()).toEqual([]);
    await look(page, 'gate');
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByText(/^Finished in/).waitFor({ timeout: RUN_MS / 2 });
    await look(page, 'done');
    expect(complaints).toEqual([]);
    await context.close();
  });

  test.each(WIDTHS)(
    'at %i px every page has names, fits, and makes the browser complain of nothing',
    { timeout: RUN_MS },
    async (width) => {
      const { context, page, complaints } = await visit(width);
      for (const name of ['plans', 'approved', 'runs', 'gates', 'provider']) {
        await page.goto(`${stack.url}/${name}`);
        await page.locator('h1').waitFor();
        await page.locator('[role="status"][aria-label="loading"]').first().waitFor({ state: 'detached' });
        await look(page, `page-${name}`);
      }
      expect(complaints).toEqual([]);
      await context.close();
    },
  );

  // verifies: UI-5
  test('a plan that changed after it was opened cannot be approved from that page', { timeout: RUN_MS }, async () => {
    const { context, page } = await visit(1440);
    const plan = (value: number): unknown => ({ version: 1, title: 'Changes', nodes: [{ id: 'one', kind: 'value', with: { value } }] });
    const headers = { authorization: `Bearer ${stack.tokens.admin}`, 'content-type': 'application/json' };
    const created = (await (
      await fetch(`${stack.url}/ops/drafts`, { method: 'POST', headers, body: JSON.stringify({ plan: plan(1) }) })
    ).json()) as { id: string };
    await page.goto(`${stack.url}/plans/${created.id}`);
    await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    await fetch(`${stack.url}/ops/drafts/${created.id}`, { method: 'PUT', headers, body: JSON.stringify({ plan: plan(2) }) });
    await page.getByRole('alert').filter({ hasText: 'Changed since you opened it' }).waitFor();
    expect(await page.getByRole('button', { name: 'Approve', exact: true }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Show what it is now' }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    expect(await page.getByRole('button', { name: 'Approve', exact: true }).isDisabled()).toBe(false);
    await context.close();
  });

  // verifies: UI-1, UI-2
  test('keyboard alone rejects a draft', { timeout: RUN_MS }, async () => {
    const { context, page } = await visit(1440);
    await page.goto(`${stack.url}/plans`);
    await page.getByLabel('What should be done?').focus();
    await page.keyboard.type('Say hello');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Decision' }).waitFor();
    await page.getByRole('button', { name: 'Reject' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('not needed');
    expect(await page.evaluate(() => document.activeElement?.closest('dialog') !== null)).toBe(true);
    await page.getByRole('dialog').getByRole('button', { name: 'Reject', exact: true }).press('Enter');
    await page.getByRole('heading', { name: 'This draft was rejected' }).waitFor();
    await context.close();
  });
});
