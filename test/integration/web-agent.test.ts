/** A run of an agent watched in a real browser on the real stack: its turns and calls, and a question about more than it was given. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Run } from '#contract/objects.ts';
import { startAgentRuns, type AgentRuns } from '../helpers/agent-runs.ts';
import { findBrowser } from '../helpers/browser.ts';
import type { ScriptedTurn } from '../helpers/scripted-model.ts';
import { until } from '../helpers/until.ts';

declare const document: { documentElement: { scrollWidth: number } };

const pictures = mkdtempSync(path.join(tmpdir(), 'gimo-web-agent-'));
let t: AgentRuns;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  t = await startAgentRuns();
  browser = await chromium.launch({ executablePath: findBrowser() ?? '', args: ['--no-sandbox'] });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.request.post(`${t.stack.url}/auth/login`, { data: { token: t.stack.tokens.admin } });
  page = await context.newPage();
}, 400_000);
afterAll(async () => {
  await browser?.close();
  await t?.close();
});

const TURNS: ScriptedTurn[] = [
  { say: 'I look at the log.', calls: [['run_command', { argv: ['git', 'log', '-1', '--format=%s'] }]] },
  { say: 'Now the files.', calls: [['run_command', { argv: ['git', 'ls-files', 'README.md'] }]] },
  { say: 'About one.' },
  { say: '{"commits": 1}' },
];
const OPTIONS = {
  tools: { commands: [['git', 'log', '**']] },
  with: { output_schema: { type: 'object', properties: { commits: { type: 'integer' } }, required: ['commits'] } },
  plan: { outputs: { commits: 'nodes.fix.output.json.commits' } },
};

const open = (run: Run, search = ''): Promise<unknown> => page.goto(`${t.stack.url}/runs/${run.id}${search}`);
const steps = (): Locator => page.getByRole('list', { name: 'steps of fix' }).getByRole('button');
/** Title and status of each step, as they are read. */
const readSteps = async (): Promise<string[]> => {
  const texts = await steps().allTextContents();
  return texts.map((text) => /^(turn \d+|[a-z_]+?)(done|running|waiting for you|failed)/.exec(text)?.slice(1).join(' ') ?? text);
};
const shows = (expected: string[]): Promise<void> => until(async () => expect(await readSteps()).toEqual(expected), { timeout: 60_000 });

/** Nothing may be wider than the page. */
async function look(name: string): Promise<void> {
  for (const width of [1440, 360]) {
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: path.join(pictures, `${width}-${name}.png`), fullPage: true });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}

describe('the page of a run with an agent', () => {
  test('shows turns and calls as they come, and what a person grants by a click is done', async () => {
    const run = await t.begin('granted', TURNS, OPTIONS);
    await open(run);
    await shows(['turn 1 done', 'run_command done', 'turn 2 done', 'run_command waiting for you']);
    await page.getByText('Beyond the envelope: command: git ls-files README.md.').waitFor();
    await page.getByText('an agent is told so and goes on without it').waitFor();
    await look('asks');
    await page.getByRole('button', { name: 'Grant it' }).click();
    await shows(['turn 1 done', 'run_command done', 'turn 2 done', 'run_command done', 'turn 3 done', 'turn 4 done']);
    expect(await t.stack.operator.ended(run.id)).toMatchObject({ status: 'done', outputs: { commits: 1 } });
    await page.getByText('asks the model to correct its answer').waitFor();
    await look('done');
    await steps().nth(3).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('region', { name: 'Output' }).getByText('README.md').waitFor();
    await drawer
      .getByRole('region', { name: 'exit codes' })
      .getByText(/^0, 1, 2, 3,/)
      .waitFor();
    await look('call');
    await open(run, '?node=fix%5B2%5D.turn');
    await drawer.getByRole('region', { name: 'said since' }).getByText('I look at the log.').waitFor();
    await drawer.getByText('may ask for').waitFor();
    await look('turn');
  });

  test('tells what a person refuses by a click as what it is: a failed call, after which the agent goes on', async () => {
    const run = await t.begin('refused', TURNS, OPTIONS);
    await open(run);
    await page.getByRole('button', { name: 'Refuse' }).click();
    await shows(['turn 1 done', 'run_command done', 'turn 2 done', 'run_command failed', 'turn 3 done', 'turn 4 done']);
    expect(await steps().nth(3).textContent()).toContain('did not grant it');
    expect(await t.stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    await look('refused');
  });
});
