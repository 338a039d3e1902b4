/** Named attacks by whoever can reach Temporal itself: starts, signals, updates, resets, and workers of their own; docs/attacks.md lists them. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Decision } from '#contract/decision.ts';
import { AUDIT_STREAM } from '#contract/gics.ts';
import type { EffectInput, EffectResult } from '#contract/messages.ts';
import type { Gate, Run, RunRecord } from '#contract/objects.ts';
import type { LogEntry } from '#contract/run-state.ts';
import type { TemporalAccess } from '#platform/temporal.ts';
import type { attack } from '../fixtures/attacker-workflow.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { connectTo, dataConverterOf } from '../helpers/temporal.ts';
import { until } from '../helpers/until.ts';

const QUEUE = 'attacker';
const ATTACKER = path.join(import.meta.dirname, '../fixtures/attacker-workflow.ts');
let stack: Stack;
let access: TemporalAccess;
let client: Client;
beforeAll(async () => {
  stack = await startStack();
  access = await connectTo(stack);
  client = access.client;
}, 400_000);
afterAll(async () => {
  await access.connection.close();
  await stack.close();
});

const plan = (nodes: object[], more: object = {}): object => ({ version: 1, title: 'Attacked', nodes, ...more });
const asking = [
  { id: 'ask', kind: 'gate', with: { title: 'Go on?' } },
  { id: 'act', kind: 'process', needs: ['ask'], with: { argv: ['true'] } },
];
const started = (runId: string): Promise<number> => stack.gics.count('ledger', { run_id: runId });
const audited = async (object: string): Promise<string[]> => {
  const entries = await stack.gics.read<{ action: string; object: string }>(AUDIT_STREAM, { tailFirst: true, limit: 200 });
  return entries.filter(({ data }) => data.object.startsWith(object)).map(({ data }) => data.action);
};
const logged = (runId: string, words: string): Promise<void> =>
  until(
    async () =>
      expect((await stack.operator.get<LogEntry[]>(`/ops/runs/${runId}/log`)).map(({ text }) => text).join('\n')).toContain(words),
    { timeout: 20_000 },
  );
const waiting = async (nodes = asking): Promise<{ run: Run; gate: Gate }> => {
  const run = await stack.admin.startPlan(plan(nodes));
  return { run, gate: await stack.operator.openGate(run.id) };
};
const decisionOn = async (gate: Gate): Promise<Decision> => {
  const { records } = await stack.gics.list<Decision>('decisions', { where: { subject_id: gate.id } });
  const [record] = records;
  if (record === undefined) throw new Error('there is no decision');
  return record.value;
};

describe('a native start', () => {
  it('a workflow is started with a run that is planted in the store', async () => {
    const { approved } = await stack.admin.approvePlan(plan([{ id: 'act', kind: 'process', with: { argv: ['true'] } }]));
    const real = await stack.operator.post<Run>('/ops/runs', { approved_id: approved.id }, 201);
    await stack.operator.ended(real.id);
    const id = 'r_01ARZ3NDEKTSV4RRFFQ69G5FB1';
    const record = (await stack.gics.get<RunRecord>('runs', real.id))?.value;
    const planted = { ...record, id, run_id: id, workflow_id: id, status: 'pending', final_ref: null, seq: 0 };
    await stack.gics.txn([{ op: 'put', collection: 'runs', id, value: planted }]);
    const result = await client.workflow.execute('runGraph', {
      workflowId: id,
      taskQueue: 'gimo-general',
      args: [{ run_id: id, approved_id: approved.id }],
    });
    expect(result).toMatchObject({ status: 'error', error: { code: 'APPROVAL_INVALID' } });
    expect([await started(id), await audited(id)]).toEqual([0, expect.arrayContaining(['run.refused'])]);
  });

  it('a run that has ended is started again under its own id', async () => {
    const run = await stack.admin.startPlan(plan([{ id: 'act', kind: 'process', with: { argv: ['true'] } }]));
    await stack.operator.ended(run.id);
    await client.workflow.getHandle(run.id).result();
    const before = await started(run.id);
    const result = await client.workflow.execute('runGraph', {
      workflowId: run.id,
      taskQueue: 'gimo-general',
      args: [{ run_id: run.id, approved_id: run.approved_id }],
    });
    expect(result).toMatchObject({ status: 'error', error: { code: 'RUN_NOT_ACTIVE' } });
    expect(await started(run.id)).toBe(before);
  });
});

describe('a native signal or update', () => {
  it.each(['approve', 'reject', 'retry', 'skip'])('an unsigned signal: %s', async (name) => {
    const { run } = await waiting();
    await client.workflow.getHandle(run.id).signal(name, { id: 'x', verdict: name, node: 'ask' });
    await logged(run.id, `ignored a signal \`${name}\``);
    expect(await started(run.id)).toBe(0);
    await stack.operator.post(`/ops/runs/${run.id}/cancel`);
  });

  it('an unsigned update', async () => {
    const { run } = await waiting();
    const update = client.workflow.getHandle(run.id).executeUpdate('approve', { args: [{ verdict: 'approve' }] });
    await expect(update).rejects.toThrow('Workflow Update failed');
    expect(await started(run.id)).toBe(0);
    await stack.operator.post(`/ops/runs/${run.id}/cancel`);
  });

  it('a no that was signed is sent as a yes', async () => {
    const first = await waiting();
    await stack.operator.post<Gate>(`/ops/gates/${first.gate.id}/reject`, { hash: first.gate.hash });
    const decision = { ...(await decisionOn(first.gate)), verdict: 'approve' };
    const second = await waiting();
    const forged = { ...decision, subject_id: second.gate.id, hash: second.gate.hash };
    await client.workflow.getHandle(second.run.id).signal('approve', forged);
    await logged(second.run.id, 'ignored a signal `approve`');
    expect(await started(second.run.id)).toBe(0);
    await stack.operator.post(`/ops/runs/${second.run.id}/cancel`);
  });

  it('the signed yes of one run is sent to another', async () => {
    const first = await waiting();
    await stack.operator.post<Gate>(`/ops/gates/${first.gate.id}/approve`, { hash: first.gate.hash });
    const second = await waiting();
    await client.workflow.getHandle(second.run.id).signal('approve', await decisionOn(first.gate));
    await logged(second.run.id, 'ignored a signal `approve`');
    expect(await started(second.run.id)).toBe(0);
    await stack.operator.post(`/ops/runs/${second.run.id}/cancel`);
  });
});

describe('a native reset', () => {
  it('a run that was cancelled at its gate is reset', async () => {
    const { run } = await waiting();
    await stack.operator.post(`/ops/runs/${run.id}/cancel`);
    await stack.operator.ended(run.id);
    await resetToFirstTask(run.id);
    await client.workflow.getHandle(run.id).result();
    expect(await started(run.id)).toBe(0);
  });

  it('a run that is done is reset to before its effect', async () => {
    const run = await stack.admin.startPlan(plan([{ id: 'first', kind: 'process', with: { argv: ['true'] } }]));
    await stack.operator.ended(run.id);
    await client.workflow.getHandle(run.id).result();
    const before = await started(run.id);
    await stack.gics.txn([{ op: 'delete', collection: 'ledger', id: `${run.id}/first/1/0` }]);
    await resetToFirstTask(run.id);
    await client.workflow.getHandle(run.id).result();
    expect([before, await started(run.id)]).toEqual([1, 0]);
    expect(await audited(run.id)).toEqual(expect.arrayContaining([expect.stringMatching(/^(?:effect|run)\.refused$/)]));
  });

  async function resetToFirstTask(workflowId: string): Promise<void> {
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    const task = (events ?? []).find((event) => event.workflowTaskCompletedEventAttributes);
    await client.workflowService.resetWorkflowExecution({
      namespace: 'gimo',
      workflowExecution: { workflowId },
      workflowTaskFinishEventId: task?.eventId ?? null,
      requestId: randomUUID(),
      reason: 'an attack',
    });
  }
});

describe('a worker of the attacker', () => {
  /** Out: what our worker answered to a workflow that asked it directly. */
  async function effectOf(input: EffectInput): Promise<EffectResult> {
    const { temporal_address: address } = stack.instance();
    const connection = await NativeConnection.connect({ address });
    const worker = await Worker.create({
      connection,
      namespace: 'gimo',
      taskQueue: QUEUE,
      workflowsPath: ATTACKER,
      dataConverter: dataConverterOf(stack),
    });
    try {
      const options = { taskQueue: QUEUE, workflowId: `attack-${randomUUID()}`, args: [input] as [EffectInput] };
      return await worker.runUntil(client.workflow.execute<typeof attack>('attack', options));
    } finally {
      await connection.close();
    }
  }
  const effect = (change: Partial<EffectInput>): EffectInput => ({
    approved_id: 'a_01ARZ3NDEKTSV4RRFFQ69G5FAV',
    approval_hash: 'a'.repeat(64),
    run_id: 'r_01ARZ3NDEKTSV4RRFFQ69G5FB2',
    node: 'act',
    kind: 'process',
    attempt: 1,
    redo: 0,
    timeout_ms: 5000,
    max_usd: null,
    events: [],
    summary: null,
    with: { argv: ['touch', 'owned'] },
    ...change,
  });

  // verifies: SEC-7
  it('an effect is asked for without an approval', async () => {
    const result = await effectOf(effect({}));
    expect(result).toMatchObject({ outcome: 'error', error: { code: 'NOT_FOUND' } });
  });

  it('an effect outside of the envelope is asked for under a real approval', async () => {
    const { run } = await waiting();
    const approved = await stack.operator.get<{ hash: string }>(`/ops/approved/${run.approved_id}`);
    const result = await effectOf(effect({ run_id: run.id, approved_id: run.approved_id, approval_hash: approved.hash }));
    expect(result).toMatchObject({ outcome: 'error', error: { code: 'OUTSIDE_ENVELOPE' } });
    expect(await audited(`${run.id}/act`)).toContain('effect.refused');
    await stack.operator.post(`/ops/runs/${run.id}/cancel`);
  });

  it.each([
    ['variable', { env: { LD_PRELOAD: './evil.so' } }],
    ['folder', { cwd: 'evil' }],
    ['input', { stdin: 'evil' }],
  ])('an approved command is asked for with the %s of the attacker', async (_what, around) => {
    const { run } = await waiting();
    const approved = await stack.operator.get<{ hash: string }>(`/ops/approved/${run.approved_id}`);
    const done = { argv: ['true'], write: [], ...around };
    const result = await effectOf(effect({ run_id: run.id, approved_id: run.approved_id, approval_hash: approved.hash, with: done }));
    expect(result).toMatchObject({ outcome: 'error', error: { code: 'OUTSIDE_ENVELOPE' } });
    await stack.operator.post(`/ops/runs/${run.id}/cancel`);
  });

  it('an effect is asked for with a decision that widened nothing', async () => {
    const { run, gate } = await waiting([
      { id: 'ask', kind: 'gate', with: { title: 'Go on?' } },
      { id: 'more', kind: 'gate', needs: ['ask'], with: { title: 'And?' } },
    ] as typeof asking);
    await stack.operator.post<Gate>(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
    const approved = await stack.operator.get<{ hash: string }>(`/ops/approved/${run.approved_id}`);
    const grants = [(await decisionOn(gate)).id];
    const result = await effectOf(effect({ run_id: run.id, approved_id: run.approved_id, approval_hash: approved.hash, grants }));
    expect(result).toMatchObject({ outcome: 'error', error: { code: 'APPROVAL_INVALID' } });
    await stack.operator.post(`/ops/runs/${run.id}/cancel`);
  });
});
