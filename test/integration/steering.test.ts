/** Stepping into runs that go on, with the real worker behind the real API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RUN_QUERIES } from '#contract/messages.ts';
import type { Gate, GraphNode, NodeDetail, Problem, Run } from '#contract/objects.ts';
import type { LogEntry } from '#contract/run-state.ts';
import type { TemporalAccess } from '#platform/temporal.ts';
import { auditOf, expectNothingLeft, expectWholeLog, linesIn } from '../helpers/run-facts.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { connectTo } from '../helpers/temporal.ts';
import { until } from '../helpers/until.ts';

const WAIT = { timeout: 60_000 };
let stack: Stack;
let access: TemporalAccess;
beforeAll(async () => {
  stack = await startStack();
  access = await connectTo(stack);
}, 400_000);
afterAll(async () => {
  await access.connection.close();
  await stack.close();
});

const plan = (nodes: object[], more: object = {}): object => ({ version: 1, title: 'Steered', nodes, ...more });
const gate = (id: string, needs: string[] = []): object => ({ id, kind: 'gate', needs, with: { title: 'Go on?' } });
/** Fails until the gate behind it has made the file. */
const shell = (script: string, more: object = {}): object => ({ argv: ['sh', '-c', script], write: ['out'], ...more });

async function node(run: Run, id: string): Promise<GraphNode> {
  const graph = await stack.actions.get<GraphNode[]>(`/ops/runs/${run.id}/graph`);
  const found = graph.find((item) => item.id === id);
  if (!found) throw new Error(`${id} is not in ${JSON.stringify(graph)}`);
  return found;
}

const untilNode = (run: Run, id: string, status: string): Promise<GraphNode> =>
  until(async () => {
    const found = await node(run, id);
    expect(found.status).toBe(status);
    return found;
  }, WAIT);

async function yes(run: Run): Promise<void> {
  const open = await stack.operator.openGate(run.id);
  await stack.operator.post<Gate>(`/ops/gates/${open.id}/approve`, { hash: open.hash });
}

describe('a failed node', () => {
  // verifies: MA-1
  it('is done again as a new attempt while the run goes on, and what was skipped because of it runs', async () => {
    const flaky = 'echo try >> out/tries; test $(wc -l < out/tries) -gt 1';
    const nodes = [
      { id: 'flaky', kind: 'process', on_error: 'continue', with: shell(flaky) },
      { id: 'after', kind: 'noop', needs: ['flaky'], when: 'nodes.flaky.status == "done"', with: { value: 1 } },
      gate('open'),
    ];
    const run = await stack.admin.startPlan(plan(nodes));
    await untilNode(run, 'after', 'skipped');
    await stack.operator.post<GraphNode>(`/ops/runs/${run.id}/nodes/flaky/retry`);
    await untilNode(run, 'after', 'done');
    const detail = await stack.actions.get<NodeDetail>(`/ops/runs/${run.id}/nodes/flaky`);
    expect(detail.attempts.map((attempt) => [attempt.attempt, attempt.error?.code ?? null])).toEqual([
      [1, 'PROCESS_FAILED'],
      [2, null],
    ]);
    expect(linesIn(stack, run.id, 'out/tries')).toEqual(['try', 'try']);
    const again = await stack.operator.ask<Problem>('POST', `/ops/runs/${run.id}/nodes/flaky/retry`);
    expect([again.status, again.body.code]).toEqual([409, 'NODE_STATE']);
    await yes(run);
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done', nodes: { total: 3, done: 3 } });
    expect((await auditOf(stack.gics, `${run.id}/flaky`)).map((entry) => entry.action)).toContain('runs_retry');
    await expectWholeLog(stack.gics, run.id);
  });

  it('is refused by the run itself once what needs it has gone on, with nothing changed', async () => {
    const nodes = [
      { id: 'bad', kind: 'process', on_error: 'continue', with: shell('false') },
      { id: 'after', kind: 'noop', needs: ['bad'], with: { value: 1 } },
      gate('open'),
    ];
    const run = await stack.admin.startPlan(plan(nodes));
    await untilNode(run, 'after', 'done');
    const headers = { 'idempotency-key': 'refused-1' };
    for (let times = 0; times < 2; times++) {
      const refused = await stack.operator.ask<Problem>('POST', `/ops/runs/${run.id}/nodes/bad/retry`, { headers });
      expect([refused.status, refused.body.code]).toEqual([409, 'NODE_STATE']);
    }
    expect(await stack.gics.count('outbox', { run_id: run.id })).toBe(0);
    expect((await node(run, 'bad')).attempt_count).toBe(1);
    await yes(run);
    await stack.operator.ended(run.id);
    const late = await stack.operator.ask<Problem>('POST', `/ops/runs/${run.id}/nodes/bad/retry`);
    expect([late.status, late.body.code]).toEqual([409, 'RUN_NOT_ACTIVE']);
  });
});

describe('leaving a node out', () => {
  it('says who did it and why; what needs it is skipped, a join goes on, and a timer ends at once', async () => {
    const nodes = [
      gate('first'),
      { id: 'late', kind: 'process', needs: ['first'], with: shell('echo late > out/late') },
      { id: 'behind', kind: 'noop', needs: ['late'], with: { value: 1 } },
      { id: 'week', kind: 'wait', with: { ms: 7 * 24 * 3_600_000 } },
      { id: 'all', kind: 'join', needs: ['late', 'week'] },
    ];
    const run = await stack.admin.startPlan(plan(nodes));
    await untilNode(run, 'week', 'running');
    await stack.operator.post(`/ops/runs/${run.id}/nodes/late/skip`, { reason: 'not needed' });
    await stack.operator.post(`/ops/runs/${run.id}/nodes/week/skip`, { reason: 'too long' });
    expect(await untilNode(run, 'late', 'skipped')).toMatchObject({ reason: expect.stringContaining('not needed') });
    const refused = await stack.operator.ask<Problem>('POST', `/ops/runs/${run.id}/nodes/first/skip`, { body: { reason: 'x' } });
    expect([refused.status, refused.body.code]).toEqual([409, 'NODE_STATE']);
    await yes(run);
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done', nodes: { done: 2, skipped: 3 } });
    expect(await node(run, 'week')).toMatchObject({ skipped_by: expect.stringMatching(/^operator:/) });
    expect(linesIn(stack, run.id, 'out/late')).toEqual([]);
    await expectWholeLog(stack.gics, run.id);
  });

  it('needs the signature of the API: a signal of another client of Temporal is ignored and logged', async () => {
    const run = await stack.admin.startPlan(plan([gate('ask'), { id: 'after', kind: 'noop', needs: ['ask'], with: { value: 1 } }]));
    await stack.operator.openGate(run.id);
    const handle = access.client.workflow.getHandle(run.id);
    const command = {
      command_id: 'c_forged',
      verb: 'skip',
      run_id: run.id,
      node: 'after',
      attempt: 0,
      reason: '',
      by: 'admin:000000000000',
    };
    const signatures = [{ kid: '0'.repeat(16), signature: '0'.repeat(128) }];
    await handle.signal('skip', { ...command, at: new Date().toISOString(), signatures });
    await until(async () => {
      const log = await handle.query<LogEntry[]>(RUN_QUERIES.log);
      expect(log.map((entry) => entry.text)).toContainEqual(expect.stringContaining('ignored a signal `skip`'));
    }, WAIT);
    expect((await node(run, 'after')).status).toBe('pending');
    await yes(run);
    expect(await stack.operator.ended(run.id)).toMatchObject({ nodes: { done: 2 } });
  });
});

describe('a pause that stops what is running', () => {
  const slow = 'echo begun >> out/log; until test -e out/go; do sleep 0.05; done; echo ended >> out/log';

  it('does what may be repeated again after the resume, under a ledger entry of its own', async () => {
    const nodes = [
      {
        id: 'slow',
        kind: 'process',
        with: shell(`test $(wc -l < out/log 2>/dev/null || echo 0) -gt 0 && touch out/go; ${slow}`, { idempotent: true }),
      },
      { id: 'next', kind: 'noop', needs: ['slow'], with: { value: 1 } },
    ];
    const run = await stack.admin.startPlan(plan(nodes));
    await until(() => expect(linesIn(stack, run.id, 'out/log')).toEqual(['begun']), WAIT);
    await stack.operator.post(`/ops/runs/${run.id}/pause`, { running: 'stop' });
    expect(await untilNode(run, 'slow', 'ready')).toMatchObject({ reason: 'stopped by the pause' });
    expect((await stack.operator.run(run.id)).paused).toBe(true);
    expect(await stack.gics.count('processes')).toBe(0);
    await stack.operator.post(`/ops/runs/${run.id}/resume`);
    expect(await stack.operator.ended(run.id)).toMatchObject({ status: 'done', nodes: { done: 2 } });
    expect(linesIn(stack, run.id, 'out/log')).toEqual(['begun', 'begun', 'ended']);
    const { records } = await stack.gics.list<{ state: string; redo: number }>('ledger', { where: { run_id: run.id }, order: 'asc' });
    const entries = records.filter((record) => record.id.includes('/slow/')).map(({ value }) => [value.redo, value.state]);
    expect(entries).toEqual([
      [0, 'stopped'],
      [1, 'done'],
    ]);
    await expectWholeLog(stack.gics, run.id);
  });

  it('asks a person what became of anything else', async () => {
    const nodes = [
      { id: 'slow', kind: 'process', with: shell(slow) },
      { id: 'next', kind: 'noop', needs: ['slow'] },
    ];
    const run = await stack.admin.startPlan(plan(nodes));
    await until(() => expect(linesIn(stack, run.id, 'out/log')).toEqual(['begun']), WAIT);
    await stack.operator.post(`/ops/runs/${run.id}/pause`, { running: 'stop' });
    const open = await stack.operator.openGate(run.id);
    expect(open).toMatchObject({ kind: 'unknown', node: 'slow', risk: 'high' });
    await stack.operator.post(`/ops/gates/${open.id}/approve`, { hash: open.hash, choice: 'done' });
    await untilNode(run, 'slow', 'done');
    await stack.operator.post(`/ops/runs/${run.id}/resume`);
    expect((await stack.operator.ended(run.id)).status).toBe('done');
    expect(linesIn(stack, run.id, 'out/log')).toEqual(['begun']);
    await until(() => expectNothingLeft(stack), WAIT);
  });
});
