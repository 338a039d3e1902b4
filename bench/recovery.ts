/**
 * How soon fifty live runs move again after kill -9 of each process: per run the time until its next node event is durable,
 * counted from the kill, or from when its next step was due if that was later. `none` is the same without a kill.
 * `node bin/run.mjs bench/recovery.ts [--json] [--kills N] [--part worker|gics|temporal|api] [--pause MS] [--busy]`.
 * With --busy the runs never pause: they use up the whole machine, and what is measured is also their queue.
 */
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import type { Approved, Run, RunRecord } from '#contract/objects.ts';
import { killAndWait, movedAfter, recoveryOf, type Recovery } from '#test/helpers/recovery.ts';
import { startStack, type Part, type Stack } from '#test/helpers/stack.ts';
import { chainPlan, steadyPlan } from './plans.ts';

const RUNS = 50;
const BUSY_NODES = 150;
const STEPS = 60;
const PARTS: Part[] = ['worker', 'gics', 'temporal', 'api'];
const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    kills: { type: 'string', default: '3' },
    part: { type: 'string' },
    pause: { type: 'string', default: '2000' },
    busy: { type: 'boolean', default: false },
  },
});
const KILLS = Number(options.kills);
const PAUSE_MS = options.busy ? 0 : Number(options.pause);
const POLL_MS = 250;

async function startRuns(stack: Stack, approved: Approved): Promise<string[]> {
  const started = Array.from({ length: RUNS }, () => stack.operator.post<Run>('/ops/runs', { approved_id: approved.id }, 201));
  const ids = (await Promise.all(started)).map((run) => run.id);
  await waitsAfter(stack, ids, Date.now());
  return ids;
}

/** Waits: until all runs have moved after that time. A run that had ended by then is not among the answers. */
async function waitsAfter(stack: Stack, ids: string[], at: number): Promise<number[]> {
  for (;;) {
    const { records } = await stack.gics.list<RunRecord>('runs', { limit: RUNS });
    const isOver = records.every((record) => record.value.final_ref !== null);
    const waits = await movedAfter(stack.gics, ids, at, PAUSE_MS);
    if (waits.length === ids.length || isOver) return waits;
    await delay(POLL_MS);
  }
}

async function stopRuns(stack: Stack, ids: string[]): Promise<void> {
  await Promise.all(ids.map((id) => stack.operator.ask('POST', `/ops/runs/${id}/cancel`)));
  for (const id of ids) await stack.operator.ended(id, 120_000);
}

async function measure(stack: Stack): Promise<Recovery[]> {
  await stack.admin.put('/ops/config', { max_concurrent_runs: RUNS });
  const { approved } = await stack.admin.approvePlan(options.busy ? chainPlan(BUSY_NODES) : steadyPlan(STEPS, PAUSE_MS));
  const found: Recovery[] = [];
  for (const part of [null, ...PARTS.filter((name) => name === (options.part ?? name))]) {
    const waits: number[] = [];
    for (let n = 0; n < KILLS; n++) {
      const ids = await startRuns(stack, approved);
      const at = part === null ? Date.now() : (await killAndWait(stack, part)).at;
      waits.push(...(await waitsAfter(stack, ids, at)));
      await stopRuns(stack, ids);
    }
    found.push(recoveryOf(part ?? 'none', waits));
  }
  return found;
}

function print(found: Recovery[]): void {
  const pace = options.busy ? 'steps without a pause' : `a step each ${PAUSE_MS} ms`;
  console.log(`${RUNS} live runs, ${pace}, ${KILLS} kills each; ms until a run moved`);
  console.log('killed       p50     p95     p99     max');
  for (const { what, p50, p95, p99, max } of found)
    console.log(`${what.padEnd(9)} ${[p50, p95, p99, max].map((ms) => String(ms).padStart(7)).join(' ')}`);
}

const stack = await startStack({ env: { GIMO_STANDBY: '1' } });
try {
  const found = await measure(stack);
  if (options.json) console.log(JSON.stringify(found, null, 2));
  else print(found);
} finally {
  await stack.close();
}
