/**
 * How soon fifty live runs move again after kill -9 of each process: per run the time until its next node event is durable.
 * `node bin/run.mjs bench/recovery.ts [--json]`.
 */
import type { Run } from '#contract/objects.ts';
import { killAndWait, movedAfter, recoveryOf, type Recovery } from '#test/helpers/recovery.ts';
import { startStack, type Part, type Stack } from '#test/helpers/stack.ts';
import { chainPlan } from './plans.ts';

const RUNS = 50;
const NODES = 400;
const PARTS: Part[] = ['worker', 'gics', 'temporal', 'api'];
const KILLS = 3;
/** What has been waited for between two kills: all runs have moved since the last. */
const POLL_MS = 250;

async function allMovedAfter(stack: Stack, ids: string[], at: number): Promise<number[]> {
  for (;;) {
    const waits = await movedAfter(stack.gics, ids, at);
    if (waits.length === ids.length) return waits;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function measure(stack: Stack): Promise<Recovery[]> {
  await stack.admin.put('/ops/config', { max_concurrent_runs: RUNS });
  const { approved } = await stack.admin.approvePlan(chainPlan(NODES));
  const started = Array.from({ length: RUNS }, () => stack.operator.post<Run>('/ops/runs', { approved_id: approved.id }, 201));
  const ids = (await Promise.all(started)).map((run) => run.id);
  const calm = await allMovedAfter(stack, ids, Date.now() + 2000);
  const found: Recovery[] = [recoveryOf('no kill', calm)];
  for (const part of PARTS) {
    const waits: number[] = [];
    for (let n = 0; n < KILLS; n++) {
      await allMovedAfter(stack, ids, Date.now());
      const { at } = await killAndWait(stack, part);
      waits.push(...(await allMovedAfter(stack, ids, at)));
    }
    found.push(recoveryOf(part, waits));
  }
  return found;
}

function print(found: Recovery[]): void {
  console.log(`${RUNS} live runs, ${KILLS} kills each; ms until the next node event of a run`);
  console.log('killed       p50     p95     max');
  for (const { what, p50, p95, max } of found)
    console.log(`${what.padEnd(9)} ${[p50, p95, max].map((ms) => String(ms).padStart(7)).join(' ')}`);
}

const stack = await startStack();
try {
  const found = await measure(stack);
  if (process.argv.includes('--json')) console.log(JSON.stringify(found, null, 2));
  else print(found);
} finally {
  await stack.close();
}
