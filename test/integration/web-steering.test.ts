/** Stepping into a run from the dashboard, in a real browser on the real stack. */
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Draft, Run } from '#contract/objects.ts';
import { findBrowser } from '../helpers/browser.ts';
import { startStack, type Stack } from '../helpers/stack.ts';

let stack: Stack;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  stack = await startStack();
  browser = await chromium.launch({ executablePath: findBrowser() ?? '', args: ['--no-sandbox'] });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.request.post(`${stack.url}/auth/login`, { data: { token: stack.tokens.admin } });
  page = await context.newPage();
}, 400_000);
afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

const open = (address: string): Promise<unknown> => page.goto(`${stack.url}${address}`);
const flaky = 'echo try >> out/tries; test $(wc -l < out/tries) -gt 1';
const plan = {
  version: 1,
  title: 'Stepped into',
  policy: { max_runs: 2 },
  nodes: [
    { id: 'base', kind: 'noop', with: { value: 1 } },
    { id: 'flaky', kind: 'process', on_error: 'continue', with: { argv: ['sh', '-c', flaky], write: ['out'] } },
    { id: 'ask', kind: 'gate', with: { title: 'Go on?' } },
    { id: 'last', kind: 'noop', needs: ['ask', 'base'], with: { value: 2 } },
    { id: 'extra', kind: 'noop', needs: ['ask'], with: { value: 3 } },
  ],
};
let source: Run;

describe('the page of a run', () => {
  // verifies: PRIN-4
  test('retries a failed node and leaves one out, with the reason', async () => {
    const { approved } = await stack.admin.approvePlan(plan);
    source = await stack.operator.post<Run>('/ops/runs', { approved_id: approved.id }, 201);
    const gate = await stack.operator.openGate(source.id);
    await stack.operator.until(source.id, (run) => run.nodes.error === 1);
    await open(`/runs/${source.id}?node=flaky`);
    await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click();
    await stack.operator.until(source.id, (run) => run.nodes.error === 0 && run.nodes.done === 2);
    await open(`/runs/${source.id}?node=extra`);
    await page.getByRole('button', { name: 'Skip', exact: true }).click();
    await page.getByLabel('Why is it left out?').fill('not wanted');
    await page.getByRole('button', { name: 'Leave it out' }).click();
    await page
      .getByRole('dialog')
      .getByText(/left out by admin:\w+: not wanted/)
      .waitFor();
    await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
    expect(await stack.operator.ended(source.id)).toMatchObject({ status: 'done', nodes: { done: 4, skipped: 1 } });
  });

  test('forks an ended run from a node, and puts both side by side', async () => {
    await open(`/runs/${source.id}?node=last`);
    await page.getByRole('button', { name: 'Fork from here' }).click();
    await page.getByRole('button', { name: 'Start the fork' }).click();
    await page.waitForURL((url) => /\/runs\/r_/.test(url.pathname) && !url.pathname.includes(source.id));
    await page.getByText('forked at').waitFor();
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    expect(await stack.operator.ended(id)).toMatchObject({ status: 'done', forked_from: { run_id: source.id, node: 'last' } });
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByRole('list', { name: 'runs to compare with' }).getByRole('link').first().click();
    await page.waitForURL(`${stack.url}/runs/${id}/compare/${source.id}`);
    const row = page.getByRole('row').filter({ hasText: 'flaky' });
    await row.getByText('equal', { exact: true }).waitFor();
    expect(await row.textContent()).toContain(`reused from ${source.id}`);
  });

  test('shows where an output comes from, and leads to the node that brought it in', async () => {
    const nodes = [
      { id: 'read', kind: 'process', with: { argv: ['echo', 'from anybody'] } },
      { id: 'take', kind: 'value', needs: ['read'], with: { value: '${{ nodes.read.output.stdout }}' } },
      { id: 'own', kind: 'value', with: { value: 'of the plan' } },
    ];
    const run = await stack.admin.startPlan({ version: 1, title: 'Labelled', nodes });
    await stack.operator.ended(run.id);
    await open(`/runs/${run.id}?node=take`);
    const label = page.getByRole('dialog').getByRole('group', { name: 'Where it comes from' });
    await label.getByText('not trusted', { exact: true }).waitFor();
    await label.getByText('private', { exact: true }).waitFor();
    const { GIMO_TEST_PICTURES: pictures } = process.env;
    if (pictures !== undefined) await page.screenshot({ path: path.join(pictures, 'label.png') });
    await page.getByTitle(/^Not trusted: text from read, which nobody has approved/).waitFor();
    await label.getByText('What this means').click();
    await label.getByText(/A person is asked before it chooses what is run/).waitFor();
    await label.getByRole('button', { name: 'read' }).first().click();
    await page.waitForURL(/node=read/);
    await label.getByText('from this node itself').first().waitFor();
    await open(`/runs/${run.id}?node=own`);
    await label.getByText('trusted', { exact: true }).waitFor();
    expect(await label.getByRole('listitem').allTextContents()).toEqual(['trusted', 'public']);
  });

  test('sets a result that is Markdown as such: its HTML stays text, its links say where they lead, and it can be read as it is', async () => {
    const report = [
      '# Report\n',
      'It is **good**: [the page](https://example.invalid/x), [a trap](javascript:alert(1)) <img src="/x" onerror="alert(1)">\n',
      '- one\n- two\n',
      '| name | count |\n| - | - |\n| a | 1 |\n',
      '![seen](https://example.invalid/pixel.png)\n\n```\ncode \u202e\n```',
    ].join('\n');
    // In a plan the character would be taken out; here it comes about in the run.
    const expr = JSON.stringify(report).replace('\u202e', String.raw`\u202e`);
    const nodes = [{ id: 'say', kind: 'transform', with: { expr } }];
    const run = await stack.admin.startPlan({ version: 1, title: 'Reported', nodes, outputs: { report: 'nodes.say.output' } });
    await stack.operator.ended(run.id);
    await open(`/runs/${run.id}`);
    const result = page.getByRole('region', { name: 'output report', exact: true });
    await result.getByRole('heading', { name: 'Report' }).waitFor();
    const links = await result
      .getByRole('link')
      .evaluateAll((all) => all.map((one) => [one.getAttribute('href'), one.getAttribute('rel')]));
    expect(links).toEqual([['https://example.invalid/x', 'noopener noreferrer nofollow']]);
    expect(await result.locator('img').count()).toBe(0);
    const text = await result.innerText();
    for (const words of [
      '(https://example.invalid/x)',
      '(javascript:alert(1))',
      '<img src="/x" onerror="alert(1)">',
      '(https://example.invalid/pixel.png)',
    ])
      expect(text).toContain(words);
    expect([await result.getByRole('cell').allTextContents(), await result.locator('mark').count()]).toEqual([['a', '1'], 1]);
    const { GIMO_TEST_PICTURES: pictures } = process.env;
    if (pictures !== undefined) await page.screenshot({ path: path.join(pictures, 'markdown.png'), fullPage: true });
    await result.getByRole('button', { name: 'As it is' }).click();
    await result.getByText('It is **good**').waitFor();
  });

  test('makes a new draft of the same plan, from the run and from an approval whose runs are used', async () => {
    for (const address of [`/runs/${source.id}`, `/approved/${source.approved_id}`]) {
      await open(address);
      await page.getByRole('button', { name: 'New draft from this plan' }).click();
      await page.waitForURL(/\/plans\/d_/);
      await page.getByRole('heading', { name: plan.title }).waitFor();
      await page.getByRole('button', { name: 'Approve and run' }).waitFor();
    }
    const drafts = await stack.admin.get<Draft[]>('/ops/drafts?status=draft');
    expect(drafts.map((draft) => draft.plan?.title)).toEqual([plan.title, plan.title]);
  });
});
