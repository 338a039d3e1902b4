/** `gimo run` up to the decision, on a real API: what is shown before the question, and what comes of no answer. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Draft } from '#contract/objects.ts';
import { TOKENS } from '#test/helpers/app.ts';
import { startListeningApp, type ListeningApp } from '#test/helpers/mcp.ts';
import { gimo } from './test-api.ts';

const SCRIPT = `set -e\n${Array.from({ length: 60 }, (_, index) => `echo "step ${index}" >> out.txt`).join('\n')}\necho the-last-line`;
const PLAN = { version: 1, title: 'Long', nodes: [{ id: 'a', kind: 'process', with: { argv: ['sh', '-c', SCRIPT], write: ['out.txt'] } }] };

let t: ListeningApp;
let file: string;
beforeAll(async () => {
  t = await startListeningApp();
  mkdirSync(t.store.paths.keys, { recursive: true });
  writeFileSync(t.store.paths.tokens, JSON.stringify(TOKENS));
  file = path.join(t.store.dir, 'plan.json');
  writeFileSync(file, JSON.stringify(PLAN));
});
afterAll(() => t.close());

it('shows every line of every command, and ends with 3 where nobody can say yes', async () => {
  const { code, stderr, stdout } = await gimo(['run', file, '--url', t.url, '--data', t.store.paths.data]);
  expect(code).toBe(3);
  for (const line of SCRIPT.split('\n')) expect(stderr).toContain(line);
  expect(stderr).toContain('Not approved, so nothing runs. There is nobody to ask here: --approve agrees to what the packet shows.');
  const { body: drafts } = await t.get<Draft[]>('/ops/drafts');
  expect(drafts).toMatchObject([{ id: stdout.trim(), status: 'draft' }]);
});

it('says before the question that the model of a plan does not answer, and nothing of it for a plan that calls none', async () => {
  const calling = path.join(t.store.dir, 'calling.json');
  const nodes = [{ id: 'a', kind: 'llm', with: { prompt: 'hello' } }];
  writeFileSync(calling, JSON.stringify({ version: 1, title: 'Asks a model', nodes }));
  const said = async (plan: string): Promise<string> => (await gimo(['run', plan, '--url', t.url, '--data', t.store.paths.data])).stderr;
  expect(await said(calling)).toContain('! The provider `local_ollama` does not answer at the moment, so a run would fail');
  expect(await said(file)).not.toContain('does not answer');
});
