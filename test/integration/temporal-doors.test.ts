/** What other clients of Temporal see of a run, and what they may do to it. */
import type { Payload } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Decision } from '#contract/decision.ts';
import type { Gate, Run } from '#contract/objects.ts';
import type { WirePayloads } from '#contract/routes/codec.ts';
import type { LogEntry, RunState } from '#contract/run-state.ts';
import type { TemporalAccess } from '#platform/temporal.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { connectTo } from '../helpers/temporal.ts';
import { until } from '../helpers/until.ts';

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

const plan = (nodes: object[]): object => ({ version: 1, title: 'Seen from outside', nodes });
const asking = [{ id: 'ask', kind: 'gate', with: { title: 'Go on?' } }];
const text = (data: unknown): string => JSON.stringify(data);

/** As Temporal Web reads what it shows: through our codec, as an operator. */
async function inPlain(payloads: Payload[]): Promise<string[]> {
  const base64 = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('base64');
  const wire = payloads.map(({ metadata, data }) => ({
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, bytes]) => [name, base64(bytes)])),
    data: base64(data),
  }));
  expect(text(wire)).toContain(base64(Buffer.from('binary/encrypted')));
  const { payloads: plain } = await stack.operator.post<WirePayloads>('/codec/decode', { payloads: wire });
  return plain.map(({ data }) => Buffer.from(data ?? '', 'base64').toString());
}

async function untilLogged(runId: string, words: string): Promise<LogEntry> {
  return until(
    async () => {
      const log = await stack.actions.get<LogEntry[]>(`/ops/runs/${runId}/log`);
      const entry = log.find((line) => line.text.includes(words));
      if (!entry) throw new Error(`not logged: ${text(log)}`);
      return entry;
    },
    { timeout: 20_000 },
  );
}

describe('a run in Temporal', () => {
  // verifies: CARD-1, CARD-6
  it('is one workflow of the same id, with its title, approval and status in plain words', async () => {
    const nodes = [
      { id: 'one', kind: 'noop', title: 'First of all', with: { value: 1 } },
      { id: 'two', kind: 'noop', needs: ['one'], with: {} },
    ];
    const run = await stack.admin.startPlan(plan(nodes));
    await stack.operator.ended(run.id);
    const handle = client.workflow.getHandle(run.id);
    await handle.result();
    const found = await handle.describe();
    expect([found.type, found.status.name, await found.staticSummary()]).toEqual(['runGraph', 'COMPLETED', 'Seen from outside']);
    expect(found.searchAttributes).toMatchObject({ GimoStatus: ['done'], GimoApproved: [run.approved_id] });
    const { events } = await handle.fetchHistory();
    const summaries = await inPlain((events ?? []).flatMap(({ userMetadata: meta }) => (meta?.summary ? [meta.summary] : [])));
    expect(summaries.filter((summary) => summary.includes('two'))).toHaveLength(1);
    expect(summaries.filter((summary) => summary.includes('First of all'))).toHaveLength(1);
  });

  // verifies: CARD-3
  it('writes to GICS and acts in activities that Temporal tries again', async () => {
    const run = await stack.admin.startPlan(plan([{ id: 'one', kind: 'process', with: { argv: ['true'] } }]));
    await stack.operator.ended(run.id);
    const { events } = await client.workflow.getHandle(run.id).fetchHistory();
    const scheduled = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: made }) => (made ? [made] : []));
    expect(scheduled.map((made) => made.activityType?.name)).toEqual(expect.arrayContaining(['process', 'closeRun']));
    expect(scheduled.filter((made) => made.retryPolicy?.maximumAttempts === 1).map((made) => made.activityType?.name)).toEqual([]);
  });

  // verifies: CARD-5
  it('answers queries with the same state as the API', async () => {
    const run = await stack.admin.startPlan(plan(asking));
    await stack.operator.openGate(run.id);
    const state = await client.workflow.getHandle(run.id).query<RunState>('state');
    const shown = await stack.operator.run(run.id);
    expect([state.status, state.nodes['ask']?.status]).toEqual(['running', 'waiting']);
    expect([shown.status, shown.waiting, shown.stale ?? false]).toEqual(['running', true, false]);
    await client.workflow.getHandle(run.id).signal('cancel', { command_id: 'done-here', by: 'a test', at: new Date().toISOString() });
    await stack.operator.ended(run.id);
  });
});

describe('a signal from another client', () => {
  // verifies: CARD-2, SEC-5
  it('approves nothing unless it carries the decision that the API signed', async () => {
    const run = await stack.admin.startPlan(plan(asking));
    const gate = await stack.operator.openGate(run.id);
    const handle = client.workflow.getHandle(run.id);
    await handle.signal('approve');
    await untilLogged(run.id, 'ignored a signal `approve`');
    await stack.operator.post<Gate>(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
    expect((await stack.operator.ended(run.id)).status).toBe('done');
    const { records } = await stack.gics.list<{ decision: Decision }>('decisions', { where: { subject_id: gate.id } });
    const forged = { ...(records[0]?.value.decision ?? records[0]?.value), subject_id: 'g_other' };
    const other = await stack.admin.startPlan(plan(asking));
    await stack.operator.openGate(other.id);
    await client.workflow.getHandle(other.id).signal('approve', forged);
    await untilLogged(other.id, 'ignored a signal `approve`');
    await client.workflow.getHandle(other.id).signal('cancel');
    expect(await stack.operator.ended(other.id)).toMatchObject({ status: 'cancelled' });
  });

  // verifies: CARD-2
  it.each(['a signal', 'a native cancel'])('stops the run by %s, which needs no signature', async (way) => {
    const run = await stack.admin.startPlan(plan(asking));
    await stack.operator.openGate(run.id);
    const handle = client.workflow.getHandle(run.id);
    await (way === 'a signal' ? handle.signal('cancel') : handle.cancel());
    expect((await stack.operator.ended(run.id)).status).toBe('cancelled');
  });

  // verifies: SEC-5, SEC-6
  it('cannot start a run that the API never made, not even with an approved artifact', async () => {
    const { approved } = await stack.admin.approvePlan(plan([{ id: 'one', kind: 'noop', with: {} }]));
    const input = { run_id: 'r_01ARZ3NDEKTSV4RRFFQ69G5FAV', approved_id: approved.id };
    const result = await client.workflow.execute('runGraph', { workflowId: input.run_id, taskQueue: 'gimo-general', args: [input] });
    expect(result).toMatchObject({ status: 'error', error: { code: 'APPROVAL_INVALID' } });
  });
});

describe('the queue', () => {
  // verifies: OBJ-4
  it('of runs lets as many go on as the configuration says, and the next when one has ended', async () => {
    await stack.admin.put('/ops/config', { max_concurrent_runs: 1 });
    const first = await stack.admin.startPlan(plan(asking));
    await stack.operator.openGate(first.id);
    const second = await stack.admin.startPlan(plan([{ id: 'one', kind: 'noop', with: {} }]));
    await untilLogged(second.id, 'waits for a place');
    expect((await stack.operator.run(second.id)).status).toBe('pending');
    await stack.operator.post<Run>(`/ops/runs/${first.id}/cancel`);
    expect((await stack.operator.ended(second.id)).status).toBe('done');
    await stack.admin.put('/ops/config', { max_concurrent_runs: 20 });
  });

  // verifies: LOOP-1, LOOP-2, LOOP-3
  it('of clean-ups has its schedule', async () => {
    const { schedule, spec } = await client.schedule
      .getHandle('gimo-maintenance')
      .describe()
      .then((found) => ({ schedule: found.action, spec: found.spec }));
    expect(schedule).toMatchObject({ type: 'startWorkflow', workflowType: 'maintenance' });
    expect(spec.intervals?.[0]?.every).toBe(600_000);
  });
});
