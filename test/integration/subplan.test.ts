/** Plans that grow while they run: inside the envelope at once, beyond it only with a person's yes to exactly the delta. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '#contract/json.ts';
import type { GraphNode, NodeDetail, Run } from '#contract/objects.ts';
import type { LogEntry } from '#contract/run-state.ts';
import { expectWholeLog } from '../helpers/run-facts.ts';
import { startStack, type Stack } from '../helpers/stack.ts';

let stack: Stack;
beforeAll(async () => void (stack = await startStack()), 400_000);
afterAll(() => stack.close());

/** A process writes nodes as a model would; they are run by `s`. */
function grows(written: object, envelope: object = {}, more: object = {}): object {
  const argv = ['echo', JSON.stringify(written)];
  return {
    version: 1,
    title: 'a plan that grows',
    envelope: { commands: [argv, ['git', 'log', '**']], kinds: ['process', 'subplan'], max_nodes: 10, ...envelope },
    nodes: [
      { id: 'think', kind: 'process', with: { argv, parse: 'json', idempotent: true } },
      { id: 's', kind: 'subplan', needs: ['think'], with: { from: 'nodes.think.output.json' }, ...more },
      { id: 'after', kind: 'process', needs: ['s'], with: { argv: ['git', 'log', '-1', '--format=tformat:after'], idempotent: true } },
    ],
    outputs: { added: 'nodes.s.output.stdout' },
  };
}
const run = (id: string, argv: string[], needs: string[] = []): JsonObject => ({
  id,
  kind: 'process',
  needs,
  with: { argv, idempotent: true },
});
const start = async (plan: object): Promise<Run> => stack.admin.startPlan(plan);
const graphOf = (run: Run): Promise<GraphNode[]> => stack.actions.get<GraphNode[]>(`/ops/runs/${run.id}/graph`);

describe('a subplan inside of the envelope', () => {
  it('runs what was written without a question, and graph and log say who added what and why', async () => {
    const nodes = [
      run('first', ['git', 'log', '-1', '--format=%s']),
      run('second', ['git', 'log', '-1', '--format=tformat:two'], ['first']),
    ];
    const started = await start(grows({ nodes, reason: 'to read the history' }));
    expect(await stack.operator.ended(started.id)).toMatchObject({
      status: 'done',
      outputs: { added: 'two\n' },
      nodes: { total: 5, done: 5 },
    });
    const graph = await graphOf(started);
    expect(graph.find(({ id }) => id === 's.second')).toMatchObject({ kind: 'process', status: 'done', needs: ['s.first'] });
    const node = await stack.actions.get<NodeDetail>(`/ops/runs/${started.id}/nodes/s.first`);
    expect(node).toMatchObject({ output: { stdout: 'first\n' }, with: { argv: ['git', 'log', '-1', '--format=%s'] } });
    const log = await stack.actions.get<LogEntry[]>(`/ops/runs/${started.id}/log?node=s`);
    expect(log.map(({ text }) => text)).toContain('added 2 nodes (first, second) from `nodes.think.output.json`: to read the history');
    await expectWholeLog(stack.gics, started.id);
  });

  it('that is not valid fails with every fault, and nothing is added', async () => {
    const started = await start(grows([run('a', ['git', 'log'], ['b']), run('b', ['git', 'log'], ['a'])]));
    expect(await stack.operator.ended(started.id)).toMatchObject({
      status: 'error',
      error: { code: 'PLAN_INVALID', message: expect.stringContaining('CYCLE') },
    });
    expect((await graphOf(started)).map(({ id }) => id)).toEqual(['think', 's', 'after']);
  });
});

describe('a subplan beyond the envelope', () => {
  const beyond = [run('list', ['git', 'ls-files', 'README.md'])];

  it('asks with exactly the delta, and runs once a person has granted it', async () => {
    const started = await start(grows(beyond));
    const gate = await stack.operator.openGate(started.id);
    expect(gate).toMatchObject({
      kind: 'envelope',
      node: 's',
      risk: 'high',
      message: expect.stringContaining('command: git ls-files README.md'),
    });
    expect(gate.evidence).toMatchObject({
      delta: {
        commands: [['git', 'ls-files', 'README.md']],
        kinds: [],
        paths: { read: [], write: [] },
        hosts: [],
        more_nodes: 0,
        max_depth: null,
      },
      nodes: [{ id: 'list', kind: 'process' }],
    });
    expect((await stack.operator.ask('POST', `/ops/gates/${gate.id}/approve`)).status).toBe(428);
    await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
    expect(await stack.operator.ended(started.id)).toMatchObject({ status: 'done', outputs: { added: 'README.md\n' } });
    await expectWholeLog(stack.gics, started.id);
  });

  it.each<[string, JsonObject, string]>([
    ['variables', { env: { GIT_EXTERNAL_DIFF: './evil.sh' } }, 'env GIT_EXTERNAL_DIFF=./evil.sh git log -1'],
    ['a folder', { cwd: 'docs' }, 'env -C docs git log -1'],
    ['an input', { stdin: 'HEAD' }, 'git log -1 <<< HEAD'],
  ])('asks about %s around a command that the envelope names, and shows them', async (_what, around, whole) => {
    const started = await start(grows([{ ...run('look', ['git', 'log', '-1']), with: { argv: ['git', 'log', '-1'], ...around } }]));
    const gate = await stack.operator.openGate(started.id);
    expect(gate).toMatchObject({ kind: 'envelope', node: 's', message: expect.stringContaining(`command: ${whole}.`) });
    expect(gate.evidence).toMatchObject({ delta: { commands: [expect.arrayContaining(['git', 'log', '-1'])] } });
    await stack.operator.post(`/ops/gates/${gate.id}/reject`, { hash: gate.hash });
    expect(await stack.operator.ended(started.id)).toMatchObject({ status: 'error', error: { code: 'OUTSIDE_ENVELOPE' } });
  });

  it('does none of it when the answer is no', async () => {
    const started = await start(grows(beyond));
    const gate = await stack.operator.openGate(started.id);
    await stack.operator.post(`/ops/gates/${gate.id}/reject`, { hash: gate.hash });
    expect(await stack.operator.ended(started.id)).toMatchObject({ status: 'error', error: { code: 'OUTSIDE_ENVELOPE' } });
    expect((await graphOf(started)).map(({ id }) => id)).toEqual(['think', 's', 'after']);
  });

  it('counts nodes and depth, and asks an admin where the plan is approved by admins', async () => {
    const many = [run('a', ['git', 'log', '-1']), run('b', ['git', 'log', '-1'])];
    const plan = { ...grows(many, { max_nodes: 4, max_depth: 1 }), policy: { approver_role: 'admin' } };
    const { run: started } = await stack.admin.approvePlan(plan, { auto_run: true });
    const gate = await stack.operator.openGate(started?.id ?? '');
    expect(gate.evidence).toMatchObject({ delta: { more_nodes: 1, max_depth: 2, commands: [] } });
    expect((await stack.operator.ask('POST', `/ops/gates/${gate.id}/approve`, { body: { hash: gate.hash } })).status).toBe(403);
    await stack.admin.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
    expect(await stack.operator.ended(started?.id ?? '')).toMatchObject({ status: 'done', nodes: { total: 5 } });
  });
});
