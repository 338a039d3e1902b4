/** A whole run from an editor: drafted, decided by a person elsewhere, followed to its result, with each generation of clients. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Draft, Packet } from '#contract/objects.ts';
import { connectMcp, ERAS, postMcp, type McpClient } from '../helpers/mcp.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';

const PLAN = {
  version: 1,
  title: 'From an editor',
  nodes: [
    { id: 'one', kind: 'noop', with: { value: 20 } },
    { id: 'ask', kind: 'gate', needs: ['one'], with: { title: 'Go on?', risk: 'medium' } },
    { id: 'two', kind: 'transform', needs: ['ask'], with: { expr: 'nodes.one.output + 22' } },
  ],
  outputs: { answer: 'nodes.two.output' },
};
const CLIENTS = ERAS.flatMap((era) => (['http', 'stdio'] as const).map((way) => ({ era, way })));
const SLOW = {
  version: 1,
  title: 'Takes its time',
  nodes: [
    { id: 'ask', kind: 'gate', with: { title: 'Go on?', risk: 'medium' } },
    { id: 'after', kind: 'noop', needs: ['ask'], with: { value: 1 } },
  ],
};

let stack: Stack;
beforeAll(async () => void (stack = await startStack()), 400_000);
afterAll(() => stack.close());

async function approveAsPerson(draftId: string): Promise<string> {
  const packet = await stack.admin.get<Packet>(`/ops/drafts/${draftId}/packet`);
  await stack.admin.post(`/ops/drafts/${draftId}/approve`, { hash: packet.hash });
  return (await stack.admin.get<Draft>(`/ops/drafts/${draftId}`)).approved_id ?? '';
}

async function draft(client: McpClient, plan: object = PLAN): Promise<string> {
  return String((await client.call('create_draft', { plan })).structuredContent?.['draft_id']);
}

const statusOf = async (client: McpClient, id: string): Promise<Record<string, unknown> | undefined> =>
  (await client.call('get_run_status', { run_id: id })).structuredContent;

// verifies: CARD-7, MA-2, MCP-3
describe.each(CLIENTS)('a client of the era $era over $way', ({ era, way }) => {
  it('drafts a plan, starts what a person approved, and follows it over a gate to its result', async () => {
    const client = await connectMcp({ url: stack.url, era, way, token: stack.tokens.admin });
    const draftId = await draft(client);
    const refused = await client.call('create_run', { approved_id: draftId });
    expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('DRAFT_NOT_RUNNABLE') }] });
    const approvedId = await approveAsPerson(draftId);
    const started = await client.call('create_run', { approved_id: approvedId });
    const runId = String(started.structuredContent?.['run_id']);
    const seen: number[] = [];
    await until(
      async () => {
        const status = await client.call('get_run_status', { run_id: runId, wait_s: 50 }, ({ progress }) => seen.push(progress));
        expect(status.structuredContent).toMatchObject({ waiting: true, gates: [expect.stringMatching(/^g_/)] });
      },
      { timeout: 60_000 },
    );
    expect(seen.length).toBeGreaterThan(0);
    const gate = await stack.operator.openGate(runId);
    await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
    const ended = await until(
      async () => {
        const { structuredContent } = await client.call('get_run_status', { run_id: runId, wait_s: 5 });
        if (structuredContent?.['status'] !== 'done') throw new Error(JSON.stringify(structuredContent));
        return structuredContent;
      },
      { timeout: 60_000 },
    );
    expect(ended).toMatchObject({ outputs: { answer: 42 }, gates: [] });
    const log = await client.call('get_run_log', { run_id: runId });
    expect(JSON.stringify(log.structuredContent)).toContain('two');
    await client.close();
  });
});

// verifies: CARD-7
describe('the tools that signal a workflow', () => {
  it('pause a run, so that nothing starts after its gate, go on with it for a person only, and stop it with a receipt', async () => {
    const client = await connectMcp({ url: stack.url, era: 'modern', token: stack.tokens.admin });
    const approvedId = await approveAsPerson(await draft(client, SLOW));
    const runId = String((await client.call('create_run', { approved_id: approvedId })).structuredContent?.['run_id']);
    const gate = await stack.operator.openGate(runId);
    expect((await client.call('pause_run', { run_id: runId })).structuredContent).toMatchObject({ run_id: runId, paused: true });
    await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
    await until(async () => expect(await statusOf(client, runId)).toMatchObject({ waiting: false, gates: [] }), { timeout: 60_000 });
    expect(await statusOf(client, runId)).toMatchObject({ status: 'running', paused: true, nodes: { done: 1 } });
    const { token } = await stack.admin.post<{ token: string }>('/auth/tokens', { label: 'an agent', role: 'admin', class: 'agent' }, 201);
    const agent = await connectMcp({ url: stack.url, era: 'modern', token });
    const refused = await agent.call('resume_run', { run_id: runId });
    expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^FORBIDDEN/) }] });
    await agent.close();
    await client.call('resume_run', { run_id: runId });
    await until(async () => expect(await statusOf(client, runId)).toMatchObject({ status: 'done', nodes: { done: 2 } }), {
      timeout: 60_000,
    });

    const other = await approveAsPerson(await draft(client, { ...SLOW, title: 'Is stopped' }));
    const stopped = String((await client.call('create_run', { approved_id: other })).structuredContent?.['run_id']);
    await stack.operator.openGate(stopped);
    expect((await client.call('cancel_run', { run_id: stopped })).structuredContent).toMatchObject({ run_id: stopped });
    expect((await stack.operator.ended(stopped)).status).toBe('cancelled');
    await client.close();
  });
});

describe('a run as a task', () => {
  it('is stopped while it waits, and its receipt is readable', async () => {
    const client = await connectMcp({ url: stack.url, era: 'modern', token: stack.tokens.admin });
    const approvedId = await approveAsPerson(await draft(client));
    const ask = (method: string, params: Record<string, unknown>) =>
      postMcp({
        url: stack.url,
        token: stack.tokens.operator,
        method,
        params,
        capabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } },
      });
    const { result: task } = await ask('tools/call', { name: 'create_run', arguments: { approved_id: approvedId } });
    const taskId = String(task['taskId']);
    await stack.operator.openGate(taskId);
    await until(async () => expect((await ask('tasks/get', { taskId })).result).toMatchObject({ status: 'input_required' }), {
      timeout: 60_000,
    });
    expect((await ask('tasks/cancel', { taskId })).error).toBeUndefined();
    const receipt = await client.call('gimo_read_operation', { operation: 'runs_receipt', params: { id: taskId } });
    expect(receipt.structuredContent).toMatchObject({ status: 200, body: { run_id: taskId } });
    expect((await stack.operator.ended(taskId)).status).toBe('cancelled');
    await until(async () => expect((await ask('tasks/get', { taskId })).result).toMatchObject({ status: 'cancelled' }), {
      timeout: 60_000,
    });
    await client.close();
  });
});
