/** Agents that a run hands work to: real child runs, inside of what was approved; only the model is a mock. */
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Agent } from '#contract/agents.ts';
import type { Delegation } from '#contract/delegation.ts';
import { runStreams } from '#contract/gics.ts';
import type { GraphNode, NodeDetail, Receipt, Run } from '#contract/objects.ts';
import type { Budgets } from '#contract/routes/records.ts';
import type { Delegated, DelegationView } from '#contract/routes/agents.ts';
import type { LogEntry } from '#contract/run-state.ts';
import { expectNothingLeft, expectWholeLog, streamOf } from '../helpers/run-facts.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';

const mock = new LLMock({ port: 0, host: '127.0.0.1' });
let stack: Stack;
const agents: Record<string, Agent> = {};

async function register(name: string, trust_level: string, more: object = {}): Promise<void> {
  agents[name] = await stack.admin.post<Agent>(
    '/ops/agents',
    { name, trust_level, system: 'You are ${{ nodes.secret }} brief.', ...more },
    201,
  );
}

beforeAll(async () => {
  const url = await mock.start();
  mock.onMessage(/Name a colour/, { content: 'Blue.' });
  stack = await startStack();
  const provider = { type: 'custom_openai_compatible', base_url: `${url}/v1`, model: 'm', api_key: null };
  await stack.admin.put('/ops/provider', { active: 'mock', providers: { mock: provider } });
  await register('poet', 'untrusted');
  await register('builder', 'limited');
  await register('chief', 'trusted');
}, 400_000);
afterAll(async () => {
  await stack.close();
  await mock.stop();
});

const WIDE = {
  kinds: ['llm', 'process', 'delegate', 'gate', 'value'],
  commands: [
    ['git', 'log', '**'],
    ['sleep', '*'],
  ],
  paths: { read: ['**'], write: [] },
  models: ['*/*'],
  tools: ['agent/*'],
  max_nodes: 20,
};
const SHELL = { ...WIDE, kinds: [...WIDE.kinds, 'wait'], commands: [['sh', '-c', '*']] };
const delegateTo = (agent: string, more: object = {}): object => ({
  id: 'd',
  kind: 'delegate',
  with: { agent, task: 'Name a colour', ...more },
});
const process = (argv: string[]): object => ({ id: 'p', kind: 'process', with: { argv, idempotent: true } });
const plan = (nodes: object[], envelope: object = WIDE): object => ({ version: 1, title: 'a plan that delegates', envelope, nodes });
/** A node gives the child its nodes as a model would. */
const planned = (agent: string, nodes: object[], more: object = {}): object[] => [
  { id: 'think', kind: 'value', with: { value: { nodes, ...more } } },
  { id: 'd', kind: 'delegate', needs: ['think'], with: { agent, task: 'Do it', plan: 'nodes.think.output' } },
];
const node = (run: { id: string }, id = 'd'): Promise<NodeDetail> => stack.actions.get<NodeDetail>(`/ops/runs/${run.id}/nodes/${id}`);
const textsOf = async ({ id }: { id: string }): Promise<string[]> =>
  (await stack.actions.get<LogEntry[]>(`/ops/runs/${id}/log`)).map(({ text }) => text);
const childOf = ({ output }: NodeDetail): string => (output as { run_id: string }).run_id;
const childrenOf = async (run: Run): Promise<Delegation[]> =>
  (await stack.gics.list<Delegation>('delegations', { where: { parent_run_id: run.id } })).records.map(({ value }) => value);

// verifies: DEL-2, DEL-3, DEL-4, CARD-4
describe('a node that delegates', () => {
  it('gets the final artifact of a child workflow as its result, and sees what the child writes', async () => {
    const run = await stack.admin.startPlan(plan([delegateTo('poet')]));
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done', nodes: { total: 1, done: 1 } });
    const done = await node(run);
    expect(done.output).toMatchObject({ ok: true, artifact: 'Blue.', error: null, agent: 'poet', status: 'done', cost_usd: 0 });
    const child = await stack.actions.get<Run>(`/ops/runs/${childOf(done)}`);
    expect(child).toMatchObject({ status: 'done', created_by: 'agent:poet', delegated_by: { run_id: run.id, node: 'd' } });
    expect((await stack.actions.get<GraphNode[]>(`/ops/runs/${child.id}/graph`)).map(({ id, status }) => `${id} ${status}`)).toEqual([
      'answer done',
    ]);
    const streamed = await streamOf<{ text: string }>(stack.gics, runStreams.output(run.id, 'd'));
    expect(streamed.map(({ data }) => data.text).join('')).toContain('Blue.');
    expect(await textsOf(run)).toContain(`the agent poet works in the run ${child.id}`);
    await expectWholeLog(stack.gics, run.id);
    await expectWholeLog(stack.gics, child.id);
    expect(mock.getRequests().at(-1)?.body).toMatchObject({ messages: [{ content: 'You are ${{ nodes.secret }} brief.' }, {}] });
  });

  it('gets a failure as its result too, and goes on', async () => {
    const nodes = planned('builder', [process(['git', 'log', '--no-such-option'])]);
    const run = await stack.admin.startPlan({ ...plan(nodes), outputs: { ok: 'nodes.d.output.ok', code: 'nodes.d.output.error.code' } });
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done', outputs: { ok: false, code: 'PROCESS_FAILED' } });
    const { outcomes } = await stack.actions.get<Agent>(`/ops/agents/${agents['builder']?.id}`);
    expect(outcomes).toEqual({ done: 0, error: 1, cancelled: 0 });
  });

  it('is refused what its agent is not trusted with, or nobody approved, and nothing has begun', async () => {
    const beyond = await stack.admin.startPlan(plan(planned('poet', [process(['git', 'log', '-1'])])));
    expect(await stack.operator.ended(beyond.id)).toMatchObject({ status: 'error', error: { code: 'TRUST_TOO_LOW' } });
    const outside = await stack.admin.startPlan(plan(planned('builder', [process(['git', 'show'])])));
    const gate = await stack.operator.openGate(outside.id);
    expect(gate).toMatchObject({ kind: 'envelope', node: 'd', evidence: { delta: { commands: [['git', 'show']] } } });
    await stack.operator.post(`/ops/gates/${gate.id}/reject`, { hash: gate.hash });
    expect(await stack.operator.ended(outside.id)).toMatchObject({ status: 'error', error: { code: 'OUTSIDE_ENVELOPE' } });
    const stated = planned('builder', [process(['git', 'log', '-1'])], { envelope: { commands: [['git', '**']] } });
    const wider = await stack.admin.startPlan(plan(stated));
    expect(await stack.operator.ended(wider.id)).toMatchObject({ status: 'error', error: { code: 'OUTSIDE_ENVELOPE' } });
    for (const run of [beyond, outside, wider]) expect(await childrenOf(run)).toEqual([]);
  });

  it('may do what a person has granted beyond the envelope, in the child alone', async () => {
    const run = await stack.admin.startPlan(
      plan(planned('builder', [process(['git', 'ls-files', 'README.md'])], { output: 'nodes.p.output.stdout' })),
    );
    const gate = await stack.operator.openGate(run.id);
    await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect((await node(run)).output).toMatchObject({ ok: true, artifact: 'README.md\n' });
  });

  it('hands on what is left of its budget and never more, and counts what the child took', async () => {
    const small = { ...WIDE, budget: { usd: 0.2, tokens: 10_000 } };
    const run = await stack.admin.startPlan(plan([delegateTo('chief')], small));
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    const [child] = await childrenOf(run);
    expect(child?.envelope.budget).toMatchObject({ usd: 0.2, tokens: 10_000 });
    const { run: budget } = await stack.actions.get<Budgets>(`/ops/cost/budgets?run_id=${run.id}`);
    expect(budget).toMatchObject({ usd: { limit: 0.2, held: 0 }, tokens: { held: 0, spent: expect.any(Number) } });
    expect(budget?.tokens.spent).toBeGreaterThan(0);
  });

  it('stands only so deep: an agent of an agent of an agent is the last', async () => {
    const deeper = (left: number): object[] =>
      planned('chief', left === 0 ? [{ id: 'v', kind: 'value', with: { value: 'deep' } }] : deeper(left - 1), { envelope: WIDE });
    const run = await stack.admin.startPlan(plan(deeper(3), { ...WIDE, max_nodes: 60 }));
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect(JSON.stringify((await node(run)).output)).toContain('"status":"done"');
    const all = (await stack.gics.list<Delegation>('delegations', { limit: 100 })).records.map(({ value }) => value.depth);
    expect(Math.max(...all)).toBe(3);
  });
});

describe('what happens to the parent', () => {
  const napping = planned('builder', [process(['sleep', '60'])]);
  const napOf = async (run: Run): Promise<string> =>
    until(
      async () => {
        const [child] = await childrenOf(run);
        const graph = await stack.actions.get<GraphNode[]>(`/ops/runs/${child?.id}/graph`);
        expect(graph.find(({ id }) => id === 'p')).toMatchObject({ status: 'running' });
        return child?.id ?? '';
      },
      { timeout: 60_000 },
    );

  it('reaches the child: a cancel ends its processes, and both have their receipts', async () => {
    const run = await stack.admin.startPlan(plan(napping));
    const child = await napOf(run);
    const receipt = await stack.operator.post<Receipt>(`/ops/runs/${run.id}/cancel`);
    expect(receipt.nodes).toMatchObject([{ id: 'd' }]);
    const ended = await stack.operator.ended(child);
    expect(ended).toMatchObject({ status: 'cancelled', receipt: { nodes: [{ id: 'p', processes_left: 0 }] } });
    expect(ended.receipt?.asked_by).toContain('the run that delegated it');
    expect(String(ended.receipt?.asked_at) >= receipt.asked_at).toBe(true);
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'cancelled', cost_usd: 0 });
    await until(() => expectNothingLeft(stack), { timeout: 30_000 });
  });

  it('reaches the child: a revoked approval lets no further effect begin', async () => {
    const asks = { id: 'ask', kind: 'gate', with: { title: 'Go on?' } };
    const steps = planned('builder', [asks, { ...process(['git', 'log', '-1']), needs: ['ask'] }]);
    const { approved, run } = await stack.admin.approvePlan(plan(steps), { auto_run: true });
    if (!run) throw new Error('no run was started');
    const child = await until(async () => (await childrenOf(run))[0]?.id ?? Promise.reject(new Error('no child yet')), { timeout: 60_000 });
    const gate = await stack.operator.openGate(child);
    // There is no route for it yet, so what it would write is written.
    await stack.gics.txn([{ op: 'patch', collection: 'approved', id: approved.id, set: { revoked_at: new Date().toISOString() } }]);
    await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
    expect(await stack.operator.ended(child)).toMatchObject({ status: 'error', error: { code: 'APPROVAL_REVOKED' } });
    await stack.operator.ended(run.id);
  });

  it('is told of a child that dies: a result and no hang', async () => {
    const run = await stack.admin.startPlan(plan(napping));
    const child = await napOf(run);
    await stack.operator.post(`/ops/runs/${child}/cancel`);
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done' });
    expect((await node(run)).output).toMatchObject({ ok: false, status: 'cancelled', artifact: null });
  });
});

// verifies: DEL-1
describe('POST /api/agent/{agentId}/delegate', () => {
  const waiting = plan([{ id: 'ask', kind: 'gate', with: { title: 'Go on?' } }]);
  const ask = (agent: string, run: Run, more: object = {}) =>
    stack.operator.ask<Delegated & { code: string }>('POST', `/api/agent/${agents[agent]?.id}/delegate`, {
      body: { run_id: run.id, task: 'Name a colour', ...more },
    });

  it('adds a node to a run that goes on, and its end is the result', async () => {
    const run = await stack.admin.startPlan(waiting);
    const gate = await stack.operator.openGate(run.id);
    const { status, body } = await ask('poet', run);
    expect(status).toBe(202);
    expect(body).toMatchObject({ parent_run_id: run.id, status: 'pending', stream: `/ops/runs/${run.id}/nodes/${body.node}/stream` });
    expect(await stack.operator.ended(body.run_id)).toMatchObject({ status: 'done' });
    const label = { integrity: 'untrusted', confidentiality: 'internal' };
    const said = { status: 'done', output: { ok: true, artifact: 'Blue.' }, label };
    await until(async () => expect(await node(run, body.node)).toMatchObject(said), { timeout: 20_000 });
    await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done', nodes: { total: 2 } });
    expect(await node(run, body.node)).toMatchObject(said);
    const [view] = await stack.actions.get<DelegationView[]>(`/api/agent/${agents['poet']?.id}/delegations`);
    expect(view).toMatchObject({ delegation_id: body.delegation_id, parent_run_id: run.id, status: 'done' });
    await expectWholeLog(stack.gics, run.id);
    expect((await ask('poet', run)).body.code).toBe('RUN_NOT_ACTIVE');
  });

  it('refuses who is not trusted so far, is retired, or has no valid plan, and changes nothing', async () => {
    const run = await stack.admin.startPlan(waiting);
    await stack.operator.openGate(run.id);
    const nodes = [process(['git', 'log', '-1'])];
    expect((await ask('poet', run, { plan: nodes })).body.code).toBe('TRUST_TOO_LOW');
    expect((await ask('builder', run, { plan: [{ id: 'x', kind: 'nothing' }] })).body.code).toBe('PLAN_INVALID');
    await register('gone', 'trusted');
    await stack.admin.put(`/ops/agents/${agents['gone']?.id}`, { retired: true });
    expect((await ask('gone', run)).body.code).toBe('AGENT_UNKNOWN');
    expect(await childrenOf(run)).toEqual([]);
    expect((await stack.actions.get<GraphNode[]>(`/ops/runs/${run.id}/graph`)).map(({ id }) => id)).toEqual(['ask']);
    await stack.operator.post(`/ops/runs/${run.id}/cancel`);
  });

  it('asks a person about a program text that its caller wrote, though the envelope leaves one open', async () => {
    const run = await stack.admin.startPlan(plan([{ id: 'w', kind: 'wait', with: { ms: 600_000 } }], SHELL));
    await stack.operator.until(run.id, ({ status }) => status === 'running');
    const { body } = await ask('chief', run, { plan: [process(['sh', '-c', 'echo pwned'])] });
    const gate = await stack.operator.openGate(run.id);
    expect(gate).toMatchObject({ node: body.node, message: expect.stringContaining('echo pwned') });
    expect(await childrenOf(run)).toEqual([]);
    await stack.operator.post(`/ops/runs/${run.id}/cancel`);
  });
});
