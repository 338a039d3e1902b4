/**
 * How long a run of three nodes takes beside one of 10,000, of the same priority and of a lower one, against alone: `npm run bench -- --scale` or
 * `node bin/run.mjs bench/fairness.ts [--json] [--plain]`. `--plain`: each effect is an activity of its own.
 */
import type { Approved, Run } from '#contract/objects.ts';
import type { Priority } from '#contract/priority.ts';
import { startStack, type Stack } from '#test/helpers/stack.ts';
import { median } from './measure.ts';
import { chainPlan, fanOutPlan } from './plans.ts';

const ALONE = 10;
const LARGE = 10_000;

type Plans = { small: Approved; large: Approved };
type Row = { what: string; runs: number; p50: number; max: number };

async function timed(stack: Stack, approved: Approved, priority: Priority): Promise<number> {
  const startedAt = performance.now();
  const run = await stack.operator.post<Run>('/ops/runs', { approved_id: approved.id, priority }, 201);
  const { status } = await stack.operator.ended(run.id, 600_000);
  if (status !== 'done') throw new Error(`a small run ended ${status}`);
  return performance.now() - startedAt;
}

function rowOf(what: string, times: number[]): Row {
  return { what, runs: times.length, p50: Math.round(median(times)), max: Math.round(Math.max(...times)) };
}

/** Small runs, one after the other, for as long as a large one goes on. */
async function beside(stack: Stack, { small, large }: Plans, priorities: { small: Priority; large: Priority }): Promise<Row> {
  const run = await stack.operator.post<Run>('/ops/runs', { approved_id: large.id, priority: priorities.large }, 201);
  await stack.operator.until(run.id, ({ nodes }) => nodes.done > 0, 60_000);
  const times: number[] = [];
  let isOver = false;
  while (!isOver) {
    const ms = await timed(stack, small, priorities.small);
    isOver = (await stack.operator.run(run.id)).status !== 'running';
    if (!isOver) times.push(ms);
  }
  return rowOf(`${priorities.small}, beside a run of ${LARGE} (${priorities.large})`, times);
}

async function measure(stack: Stack): Promise<Row[]> {
  const { approved: small } = await stack.admin.approvePlan(chainPlan(3));
  const { approved: large } = await stack.admin.approvePlan(fanOutPlan(LARGE));
  const alone: number[] = [];
  for (let n = 0; n <= ALONE; n++) alone.push(await timed(stack, small, 'normal'));
  const plans = { small, large };
  return [
    rowOf('alone', alone.slice(1)),
    await beside(stack, plans, { small: 'normal', large: 'normal' }),
    await beside(stack, plans, { small: 'high', large: 'low' }),
  ];
}

const stack = await startStack({ env: process.argv.includes('--plain') ? { GIMO_SHORT_EFFECTS: '0' } : {} });
try {
  const rows = await measure(stack);
  if (process.argv.includes('--json')) console.log(JSON.stringify(rows, null, 2));
  else {
    console.log('a run of three nodes, ms until it is seen to be done   runs     p50     max');
    for (const { what, runs, p50, max } of rows)
      console.log(`${what.padEnd(53)} ${[runs, p50, max].map((figure) => String(figure).padStart(6)).join('  ')}`);
  }
} finally {
  await stack.close();
}
