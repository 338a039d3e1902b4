/**
 * 200 runs of five nodes with one question each, answered through the API, against a hand-written workflow that waits for a signal; all
 * runs of a side are live at once, the sides in turns. `node bin/run.mjs bench/gates.ts [--json] [--runs N] [--rounds N]`.
 * The reference is signalled as soon as it is started, so it never waits for its answer.
 */
import { parseArgs } from 'node:util';
import type { Client } from '@temporalio/client';
import type { Approved, Gate, Run } from '#contract/objects.ts';
import { startStack, type Stack } from '#test/helpers/stack.ts';
import { median } from './measure.ts';
import { gatePlan } from './plans.ts';
import { connectBench, startReference, QUEUE } from './reference.ts';

const LANES = 16;
const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
  },
});
const RUNS = Number(options.runs);
const ROUNDS = Number(options.rounds);

/** Does it for each, so many at a time. */
async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const lane = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

async function ours(stack: Stack, client: Client, approved: Approved): Promise<void> {
  const ids: string[] = [];
  const started = inLanes(
    Array.from({ length: RUNS }, (_, index) => index),
    async () => {
      ids.push((await stack.operator.post<Run>('/ops/runs', { approved_id: approved.id }, 201)).id);
    },
  );
  const answered = new Set<string>();
  while (answered.size < RUNS) {
    const gates = await stack.operator.get<Gate[]>('/ops/gates?status=open&limit=200');
    const fresh = gates.filter(({ id }) => !answered.has(id));
    await inLanes(fresh, async ({ id, hash }) => {
      await stack.operator.post(`/ops/gates/${id}/approve`, { hash });
      answered.add(id);
    });
  }
  await started;
  await Promise.all(ids.map((id) => client.workflow.getHandle(id).result()));
}

async function byHand(client: Client): Promise<void> {
  const handles: { result: () => Promise<unknown> }[] = [];
  await inLanes(
    Array.from({ length: RUNS }, (_, index) => index),
    async () => {
      const handle = await client.workflow.start('gated', { taskQueue: QUEUE, workflowId: `gated-${crypto.randomUUID()}`, args: [4] });
      handles.push(handle);
      await handle.signal('answer');
    },
  );
  await Promise.all(handles.map((handle) => handle.result()));
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

const stack = await startStack();
try {
  await stack.admin.put('/ops/config', { max_concurrent_runs: RUNS + 10 });
  const { approved } = await stack.admin.approvePlan(gatePlan());
  const { client, connection } = await connectBench(stack);
  const reference = await startReference(stack);
  const walls: { gimo: number; reference: number }[] = [];
  // One uncounted pair first.
  for (let round = 0; round <= ROUNDS; round++) {
    const pair = { reference: await timed(() => byHand(reference.client)), gimo: await timed(() => ours(stack, client, approved)) };
    if (round > 0) walls.push(pair);
  }
  await reference.stop();
  await connection.close();
  const [gimo, hand] = [median(walls.map((pair) => pair.gimo)), median(walls.map((pair) => pair.reference))];
  if (options.json) console.log(JSON.stringify({ runs: RUNS, gimo, reference: hand, ratio: gimo / hand }, null, 2));
  else
    console.log(
      `${RUNS} runs of 5 nodes with a question each: gimo ${gimo.toFixed(0)} ms, hand-written with a signal ${hand.toFixed(0)} ms, ${(gimo / hand).toFixed(2)} ×`,
    );
} finally {
  await stack.close();
}
