/** Forks of real runs: what they take over, what they do anew, and what their branch starts from. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '#contract/comparison.ts';
import type { Approved, GraphNode, NodeDetail, Problem, Run } from '#contract/objects.ts';
import { git } from '../helpers/repo.ts';
import { expectWholeLog } from '../helpers/run-facts.ts';
import { startStack, type Stack } from '../helpers/stack.ts';

let stack: Stack;
beforeAll(async () => void (stack = await startStack()), 400_000);
afterAll(() => stack.close());

const file = (name: string, content: string, needs: string[]): object => ({
  id: name,
  kind: 'patch',
  needs,
  with: { files: [{ path: `${name}.txt`, content }] },
});
const nodes = [
  { id: 'count', kind: 'process', with: { argv: ['sh', '-c', 'git ls-files | wc -l'], idempotent: true } },
  file('first', '${{ nodes.count.output.stdout }}', ['count']),
  {
    id: 'check',
    kind: 'process',
    needs: ['first'],
    with: { argv: ['sh', '-c', 'test "$1" = good && cat first.txt', 'check', '${{ inputs.mood }}'], idempotent: true },
  },
  file('second', '${{ nodes.check.output.stdout }}', ['check']),
];
const inputs = { mood: { schema: { type: 'string' }, open: true } };

async function failedRun(): Promise<{ approved: Approved; source: Run }> {
  const plan = { version: 1, title: 'Forked', inputs, nodes, policy: { max_runs: 5 }, outputs: { commit: 'nodes.second.output.commit' } };
  const { approved } = await stack.admin.approvePlan(plan);
  const run = await stack.operator.post<Run>('/ops/runs', { approved_id: approved.id, inputs: { mood: 'bad' } }, 201);
  return { approved, source: await stack.operator.ended(run.id) };
}

const fork = (source: Run, from: string, more: object = {}): Promise<Run> =>
  stack.operator.post<Run>(`/ops/runs/${source.id}/fork`, { from_node: from, ...more }, 201);
const commits = (run: Run): string[] => git(stack.repo, 'log', '--reverse', '--format=%s', `main..gimo/${run.id}`).split('\n');

describe('a fork', () => {
  // verifies: MA-1
  it('reuses what stands before the node at no cost, starts on its commits, and does the rest anew', async () => {
    const { source } = await failedRun();
    expect(source).toMatchObject({ status: 'error', error: { code: 'PROCESS_FAILED' }, branch: `gimo/${source.id}` });
    const run = await stack.operator.ended((await fork(source, 'check', { inputs: { mood: 'good' } })).id);
    expect(run).toMatchObject({ status: 'done', cost_usd: 0, branch: `gimo/${run.id}`, nodes: { total: 4, done: 4 } });
    expect(run.forked_from).toEqual({ run_id: source.id, node: 'check', commit: source.commit });
    expect(commits(run)).toHaveLength(2);
    expect(git(stack.repo, 'show', `gimo/${run.id}:second.txt`)).toBe('5');
    const graph = await stack.actions.get<GraphNode[]>(`/ops/runs/${run.id}/graph`);
    expect(graph.map(({ id, reason, cost_usd: cost }) => [id, reason, cost])).toEqual([
      ['count', `reused from ${source.id}`, 0],
      ['first', `reused from ${source.id}`, 0],
      ['check', null, 0],
      ['second', null, 0],
    ]);
    const { records } = await stack.gics.list<{ node: string }>('ledger', { where: { run_id: run.id } });
    expect(records.map(({ value }) => value.node).toSorted()).toEqual(['check', 'second']);
    expect((await stack.actions.get<NodeDetail>(`/ops/runs/${run.id}/nodes/count`)).output).toMatchObject({ stdout: '5\n' });
    await expectWholeLog(stack.gics, run.id);
    const { nodes: compared } = await stack.actions.get<Comparison>(`/ops/runs/${source.id}/compare/${run.id}`);
    expect(compared.map(({ id, output }) => [id, output])).toEqual([
      ['count', 'equal'],
      ['first', 'equal'],
      ['check', 'different'],
      ['second', 'different'],
    ]);
  });

  it('of a fork finds the commits also when the run before it has no branch and no clone any more', async () => {
    const { source } = await failedRun();
    const middle = await stack.operator.ended((await fork(source, 'check')).id);
    expect(middle).toMatchObject({ status: 'error', commit: source.commit });
    git(stack.repo, 'branch', '-D', `gimo/${middle.id}`);
    rmSync(path.join(stack.paths.workspaces, middle.id), { recursive: true });
    const run = await stack.operator.ended((await fork(middle, 'check', { inputs: { mood: 'good' } })).id);
    expect(run).toMatchObject({ status: 'done', forked_from: { run_id: middle.id, commit: source.commit } });
    expect(commits(run)).toHaveLength(2);
  });

  it('of a run that goes on starts from what that run has committed by then', async () => {
    const gated = [
      file('first', 'one', []),
      { id: 'ask', kind: 'gate', needs: ['first'], with: { title: 'Go on?' } },
      file('last', 'two', ['ask']),
    ];
    const { approved } = await stack.admin.approvePlan({ version: 1, title: 'Goes on', nodes: gated, policy: { max_runs: 2 } });
    const source = await stack.operator.post<Run>('/ops/runs', { approved_id: approved.id }, 201);
    await stack.operator.openGate(source.id);
    const run = await fork(source, 'ask');
    const gate = await stack.operator.openGate(run.id);
    await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
    const ended = await stack.operator.ended(run.id);
    expect(ended).toMatchObject({ status: 'done' });
    expect(git(stack.repo, 'show', `gimo/${run.id}:first.txt`)).toBe('one');
    expect(commits(ended)).toHaveLength(2);
    await stack.operator.post(`/ops/runs/${source.id}/cancel`);
    const spent = await stack.operator.ask<Problem>('POST', `/ops/runs/${source.id}/fork`, { body: { from_node: 'ask' } });
    expect([spent.status, spent.body.code]).toEqual([409, 'MAX_RUNS_SPENT']);
  });
});
