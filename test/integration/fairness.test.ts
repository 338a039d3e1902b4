/** Runs that want more than workers can do at once: who gets how much of it, seen in the order in which effects began. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TASK_QUEUES } from '#contract/messages.ts';
import type { Gate, Run } from '#contract/objects.ts';
import type { TemporalAccess } from '#platform/temporal.ts';
import { streamOf } from '../helpers/run-facts.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { connectTo } from '../helpers/temporal.ts';
import { until } from '../helpers/until.ts';

/** As many processes as the worker does at once. */
const AT_ONCE = 8;
const NAMESPACE = 'gimo';
/** temporal.api.enums.v1.TaskQueueType */
const ACTIVITIES = 2;
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

function processes(title: string, count: number, script: string, more: object = {}): object {
  const nodes = Array.from({ length: count }, (_, index) => ({ id: `n${index}`, kind: 'process', with: { argv: ['sh', '-c', script] } }));
  return { version: 1, title, envelope: { max_parallel: 100 }, nodes, ...more };
}

/** A run that holds all places for processes. Out: what frees them. */
async function holdPlaces(): Promise<{ run: Run; free: () => Promise<void> }> {
  const run = await stack.admin.startPlan(processes('holds all places', AT_ONCE, 'until [ -e go ]; do sleep 0.02; done'));
  const tree = path.join(stack.paths.workspaces, run.id, 'tree');
  await until(
    async () => {
      const { records } = await stack.gics.list('ledger', { where: { run_id: run.id } });
      if (records.length < AT_ONCE || !existsSync(tree)) throw new Error('not all are at work');
    },
    { timeout: 60_000, interval: 50 },
  );
  const free = async (): Promise<void> => {
    writeFileSync(path.join(tree, 'go'), '');
    await stack.operator.ended(run.id);
  };
  return { run, free };
}

/** Temporal holds so many effects that no worker has a place for. */
const waiting = (count: number): Promise<void> =>
  until(
    async () => {
      const asked: object = {
        namespace: NAMESPACE,
        taskQueue: { name: TASK_QUEUES.process },
        taskQueueType: ACTIVITIES,
        reportStats: true,
      };
      const { stats } = await access.connection.workflowService.describeTaskQueue(asked);
      expect(Number(stats?.approximateBacklogCount)).toBeGreaterThanOrEqual(count);
    },
    { timeout: 100_000, interval: 100 },
  );

/** The runs whose effects began, one for each effect, in that order. */
async function beginnings(...runs: Run[]): Promise<string[]> {
  const found: { run: string; at: string }[] = [];
  for (const { id } of runs) {
    expect((await stack.operator.ended(id, 240_000)).status).toBe('done');
    const { records } = await stack.gics.list<{ started_at: string }>('ledger', { where: { run_id: id }, limit: 1000 });
    found.push(...records.map(({ value }) => ({ run: id, at: value.started_at })));
  }
  return found.sort((one, other) => (one.at < other.at ? -1 : 1)).map(({ run }) => run);
}

it('a small run that comes behind a large one is done while most of the large one still waits', async () => {
  const { free } = await holdPlaces();
  const large = await stack.admin.startPlan(processes('large', 24, 'true'));
  await waiting(24);
  const small = await stack.admin.startPlan(processes('small', 2, 'true'));
  await waiting(26);
  await free();
  const order = await beginnings(large, small);
  expect(order.lastIndexOf(small.id)).toBeLessThan(16);
}, 300_000);

it('of two runs the one of higher priority begins most of its effects first, though it came last, and the other one some', async () => {
  const { free } = await holdPlaces();
  const low = await stack.admin.startPlan(processes('low', 16, 'true', { policy: { priority: 'low' } }));
  await waiting(16);
  const high = await stack.admin.startPlan(processes('high', 16, 'true', { policy: { priority: 'high' } }));
  await waiting(32);
  await free();
  const first = (await beginnings(low, high)).slice(0, 16);
  expect(first.filter((id) => id === high.id).length).toBeGreaterThanOrEqual(11);
  expect(first).toContain(low.id);
}, 300_000);

it('a run that waits for a place gets it sooner once a person raises its priority', async () => {
  await stack.admin.put('/ops/config', { max_concurrent_runs: 1 });
  const ask = { id: 'ask', kind: 'gate', with: { title: 'Go on?' } };
  const holder = await stack.admin.startPlan({ version: 1, title: 'has the place', nodes: [ask] });
  const gate = await stack.operator.openGate(holder.id);
  const queued: Run[] = [];
  for (const title of ['first', 'second', 'third'])
    queued.push(await stack.admin.startPlan({ version: 1, title, nodes: [{ id: 'a', kind: 'noop' }] }));
  const [first, second, third] = queued.map(({ id }) => id);
  await stack.operator.put<Run>(`/ops/runs/${third}/priority`, { priority: 'high' });
  await stack.operator.put<Run>(`/ops/runs/${first}/priority`, { priority: 'low' });
  await stack.operator.post<Gate>(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
  const ended = await Promise.all(queued.map(({ id }) => stack.operator.ended(id)));
  const order = ended.sort((one, other) => ((one.started_at ?? '') < (other.started_at ?? '') ? -1 : 1)).map(({ id }) => id);
  expect(order).toEqual([third, second, first]);
  const log = await streamOf<{ text: string }>(stack.gics, `run/${third}/events`);
  expect(log.map(({ data }) => data.text)).toContainEqual(expect.stringContaining('gave the run the priority high'));
  await stack.admin.put('/ops/config', { max_concurrent_runs: 100 });
}, 300_000);
