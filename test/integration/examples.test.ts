/** The shipped examples do real work: each one from its file to its end, with curl and with the command line. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Draft, Gate, Packet, Run } from '#contract/objects.ts';
import { git } from '../helpers/repo.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const exec = promisify(execFile);

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

async function withCurl(file: string): Promise<Run> {
  const curl = async <T>(path: string, ...options: string[]): Promise<T> => {
    const argv = ['-sS', '--fail-with-body', '-H', `Authorization: Bearer ${stack.tokens.admin}`, ...options, `${stack.url}${path}`];
    return JSON.parse((await exec('curl', argv)).stdout) as T;
  };
  const draft = await curl<Draft>('/ops/drafts', '-H', 'Content-Type: application/yaml', '--data-binary', `@${file}`);
  const { hash } = await curl<Packet>(`/ops/drafts/${draft.id}/packet`);
  const approve = `/ops/drafts/${draft.id}/approve?auto_run=true`;
  const { run } = await curl<{ run: Run }>(approve, '-H', 'Content-Type: application/json', '-d', JSON.stringify({ hash }));
  return carryThrough(run);
}

/** Answers the gates of the run itself. */
async function withCli(file: string): Promise<Run> {
  const argv = [path.join(ROOT, 'cli/main.ts'), 'run', file, '--yes', '--json', '--url', stack.url, '--token', stack.tokens.admin];
  const { stdout } = await exec(process.execPath, argv, { cwd: stack.repo });
  return stack.operator.run((JSON.parse(stdout) as { run: Run }).run.id);
}

const DOORS = [
  ['curl', withCurl],
  ['the command line', withCli],
] as const;

describe.each(DOORS)('with %s', (_door, run) => {
  const runExample = (name: string): Promise<Run> => run(path.join(ROOT, 'examples', `${name}.yaml`));

  // verifies: CARD-1
  it('repo-health measures the repository and leaves its report on a branch', async () => {
    const run = await runExample('repo-health');
    expect(run).toMatchObject({ status: 'done', error: null, branch: `gimo/${run.id}` });
    expect(git(stack.repo, 'show', `${run.branch}:reports/repo-health.md`)).toContain('# Repository health');
  });

  it('mass-edit puts the license of the repository on top of its source files, and touches no others', async () => {
    const run = await runExample('mass-edit');
    expect(run).toMatchObject({ status: 'done', error: null });
    const changed = ['src/deep/util.js', 'src/index.js', 'test/index.test.js'];
    expect(git(stack.repo, 'diff', '--name-only', `main..${run.branch}`).split('\n')).toEqual(changed);
    expect(git(stack.repo, 'diff', '--shortstat', `main..${run.branch}`)).toBe('3 files changed, 3 insertions(+)');
    expect(git(stack.repo, 'show', `${run.branch}:src/index.js`)).toMatch(/^\/\/ SPDX-License-Identifier: MIT\n/);
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

describe('an agent', () => {
  it('explain ends at once without a provider and says what to configure; with one the model writes its file', async () => {
    const { active, providers } = await stack.admin.get<{ active: string; providers: object }>('/ops/provider');
    const without = {
      type: 'openai_compat',
      base_url: 'https://models.example.invalid/v1',
      model: 'm',
      api_key: '${A_KEY_THAT_NOBODY_SET}',
    };
    await stack.admin.put('/ops/provider', { active: 'without', providers: { without } });
    expect(await withCurl(path.join(ROOT, 'examples/explain.yaml'))).toMatchObject({
      status: 'error',
      error: { code: 'ENV_UNSET', message: expect.stringContaining('A_KEY_THAT_NOBODY_SET') },
      nodes: { total: 0 },
    });
    await stack.admin.put('/ops/provider', { active, providers });
    mock.clearFixtures();
    const files = [{ path: 'reports/introduction.md', content: '# It is a small repository\n' }];
    const toolCalls = [{ name: 'change_files', arguments: JSON.stringify({ files }) }];
    mock.onMessage(/Explain this repository/, ({ messages }) =>
      messages.some(({ role }) => role === 'tool') ? { content: 'It is small.' } : { toolCalls },
    );
    const run = await withCurl(path.join(ROOT, 'examples/explain.yaml'));
    expect(run).toMatchObject({ status: 'done', error: null, outputs: { sentence: 'It is small.' } });
    expect(git(stack.repo, 'show', `${run.branch}:reports/introduction.md`)).toBe('# It is a small repository');
  });
});
