import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '@temporalio/client';
import type { Run } from '#contract/objects.ts';
import { signalProcess } from '#platform/processes.ts';
import { connectTemporal, type TemporalAccess } from '#platform/temporal.ts';
import { startStack, type Part, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';

const plan = { version: 1, title: 'Begins', nodes: [{ id: 'a', kind: 'noop', with: { value: 1 } }], policy: { max_runs: 10 } };
const WAIT = { timeout: 30_000 };

let stack: Stack;
let access: TemporalAccess;

beforeAll(async () => {
  stack = await startStack();
  access = await connectTemporal({ temporalAddress: stack.instance().temporal_address, temporalNamespace: 'gimo' });
}, 300_000);

afterAll(async () => {
  await access?.connection.close();
  await stack?.close();
}, 60_000);

/** Names of the activities that are tasks of their own. */
async function activitiesOf(client: Client, run: Run): Promise<string[]> {
  const { events } = await client.workflow.getHandle(run.id).fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: made }) => (made ? [made.activityType?.name ?? ''] : []));
}

const signal = (part: Part, name: 'SIGSTOP' | 'SIGCONT'): void => void signalProcess(stack.instance().parts[part]?.pid ?? 0, name);

describe('a run', () => {
  it('is verified and gets its place inside of its first task', async () => {
    const run = await stack.admin.startPlan(plan);
    await stack.operator.ended(run.id);
    const activities = await activitiesOf(access.client, run);
    expect(activities.filter((name) => name === 'loadRun' || name === 'admitRun')).toEqual([]);
    expect(activities).toContain('closeRun');
  }, 60_000);

  it('begins as soon as the store is back when that does not answer in its first task', async () => {
    signal('worker', 'SIGSTOP');
    const run = await stack.admin.startPlan(plan);
    signal('gics', 'SIGSTOP');
    signal('worker', 'SIGCONT');
    await until(async () => expect(await activitiesOf(access.client, run)).toContain('loadRun'), WAIT);
    signal('gics', 'SIGCONT');
    expect((await stack.operator.ended(run.id, 60_000)).status).toBe('done');
    expect((await activitiesOf(access.client, run))[0]).toBe('loadRun');
  }, 120_000);
});
