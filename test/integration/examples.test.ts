/** The shipped examples do real work: each one from its file to its end, over HTTP. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Draft, Gate, Packet, Run } from '#contract/objects.ts';
import { git } from '../helpers/repo.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';

const mock = new LLMock({ port: 0, host: '127.0.0.1' });
let stack: Stack;
beforeAll(async () => {
  const url = await mock.start();
  stack = await startStack();
  const provider = { type: 'custom_openai_compatible', base_url: `${url}/v1`, model: 'm', api_key: null };
  await stack.admin.put('/ops/provider', { active: 'mock', providers: { mock: provider } });
}, 400_000);
afterAll(async () => {
  await stack.close();
  await mock.stop();
});

/** Answers every gate of the run with yes until the run has ended. */
async function carryThrough(run: Run): Promise<Run> {
  return until(
    async () => {
      for (const gate of await stack.operator.get<Gate[]>(`/ops/gates?status=open&run_id=${run.id}`)) {
        await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
      }
      const now = await stack.operator.run(run.id);
      if (!['done', 'error', 'cancelled'].includes(now.status)) throw new Error(`not yet: ${JSON.stringify(now)}`);
      return now;
    },
    { timeout: 90_000, interval: 100 },
  );
}

async function runExample(name: string): Promise<Run> {
  const yaml = readFileSync(path.join(import.meta.dirname, '../../examples', `${name}.yaml`), 'utf8');
  const draft = await stack.admin.ask<Draft>('POST', '/ops/drafts', { body: yaml, headers: { 'content-type': 'application/yaml' } });
  const packet = await stack.operator.get<Packet>(`/ops/drafts/${draft.body.id}/packet`);
  const { run } = await stack.operator.post<{ run: Run }>(`/ops/drafts/${draft.body.id}/approve?auto_run=true`, { hash: packet.hash });
  return carryThrough(run);
}

describe('the examples', () => {
  // verifies: CARD-1
  it('repo-health measures the repository and leaves its report on a branch', async () => {
    const run = await runExample('repo-health');
    expect(run).toMatchObject({ status: 'done', error: null, branch: `gimo/${run.id}` });
    expect(git(stack.repo, 'show', `${run.branch}:reports/repo-health.md`)).toContain('# Repository health');
  });

  it('mass-edit removes the blanks at line ends of the files that have some, and of no others', async () => {
    const run = await runExample('mass-edit');
    expect(run).toMatchObject({ status: 'done', error: null });
    expect(git(stack.repo, 'diff', '--name-only', `main..${run.branch}`).split('\n')).toEqual(['src/deep/util.js', 'src/index.js']);
    expect(git(stack.repo, 'show', `${run.branch}:src/deep/util.js`)).toBe('export function twice(n) {\n  return n * 2;\n}');
  });

  it('first-seen finds the commit that brought a text, and changes nothing', async () => {
    const run = await runExample('first-seen');
    expect(run).toMatchObject({ status: 'done', error: null });
    expect(run.outputs?.['report']).toMatch(/^`TODO` is in the files since [0-9a-f]+ .* first, one of 1 commits\.$/);
  });

  it('review writes what the model said, after a person has read it', async () => {
    mock.onMessage(/.*/s, { content: '## Summary\n\nIt is a small repository.\n' });
    const run = await runExample('review');
    expect(run).toMatchObject({ status: 'done', error: null });
    expect(git(stack.repo, 'show', `${run.branch}:reports/review.md`)).toContain('It is a small repository.');
  });
});
