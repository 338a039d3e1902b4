/**
 * What somebody waits for: a step on the stack of `npm start` beside a step on a stock Temporal; from an answer until the next node is
 * at work; from a cancel until the process tree is proven empty. `node bin/run.mjs bench/latency.ts [--json] [--samples N]`.
 */
import { parseArgs } from 'node:util';
import type { LedgerEntry } from '#activities/effects/ledger.ts';
import type { Receipt, Run } from '#contract/objects.ts';
import { startStack, type Stack } from '#test/helpers/stack.ts';
import { median } from './measure.ts';
import { chainPlan } from './plans.ts';
import { connectBench, QUEUE, startReference, startReferenceOn, type Reference } from './reference.ts';
import { startStockTemporal } from './stock.ts';

const STEPS = 100;
const ROUNDS = 3;
const BAR = { step: 4, approveMs: 150, cancelMs: 1500 };
const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, samples: { type: 'string', default: '30' } },
});
const SAMPLES = Number(options.samples);

type Waits = { p50: number; p95: number; max: number };
type Steps = { gimo: number; byHand: number; stock: number; ratio: number };

function waitsOf(values: number[]): Waits {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN);
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}

async function msPerStep(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / STEPS;
}

/** In turns; the first round is not counted. */
async function compareSteps(stack: Stack): Promise<Steps> {
  const server = await startStockTemporal();
  const [ours, stock] = [await startReference(stack), await startReferenceOn(server)];
  const { client, connection } = await connectBench(stack);
  const { approved } = await stack.admin.approvePlan(chainPlan(STEPS));
  const byHand = (reference: Reference): Promise<unknown> =>
    reference.client.workflow.execute('chain', { taskQueue: QUEUE, workflowId: `chain-${crypto.randomUUID()}`, args: [STEPS] });
  const throughGimo = async (): Promise<unknown> => {
    const run = await stack.operator.post<Run>('/ops/runs', { approved_id: approved.id }, 201);
    return client.workflow.getHandle(run.id).result();
  };
  const rounds: Omit<Steps, 'ratio'>[] = [];
  for (let n = 0; n <= ROUNDS; n++) {
    const round = {
      gimo: await msPerStep(throughGimo),
      byHand: await msPerStep(() => byHand(ours)),
      stock: await msPerStep(() => byHand(stock)),
    };
    if (n > 0) rounds.push(round);
  }
  for (const reference of [ours, stock]) await reference.stop();
  await connection.close();
  await server.stop();
  const of = (side: 'gimo' | 'byHand' | 'stock'): number => median(rounds.map((round) => round[side]));
  return { gimo: of('gimo'), byHand: of('byHand'), stock: of('stock'), ratio: of('stock') / of('byHand') };
}

/** By the ledger: the intent of the next effect is written in the instant before it acts. */
async function approveWaits(stack: Stack): Promise<Waits> {
  const nodes = [
    { id: 'ask', kind: 'gate', with: { title: 'Go on?' } },
    { id: 'next', kind: 'noop', needs: ['ask'], with: { value: 1 } },
  ];
  const { approved } = await stack.admin.approvePlan({ version: 1, title: 'asks', policy: { max_runs: 1000 }, nodes });
  const waits: number[] = [];
  for (let n = 0; n <= SAMPLES; n++) {
    const run = await stack.operator.post<Run>('/ops/runs', { approved_id: approved.id }, 201);
    const gate = await stack.operator.openGate(run.id);
    const askedAt = Date.now();
    await stack.operator.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
    await stack.operator.ended(run.id, 60_000);
    const entry = await stack.gics.get<LedgerEntry>('ledger', `${run.id}/next/1/0`);
    if (n > 0) waits.push(Date.parse(entry?.value.started_at ?? '') - askedAt);
  }
  return waitsOf(waits);
}

/** Until the receipt says that each process is gone. A tree of three, one of which does not listen to SIGTERM. */
async function cancelWaits(stack: Stack): Promise<Waits> {
  const script = "sleep 300 & sh -c 'trap : TERM; while :; do sleep 1; done' & wait";
  const nodes = [{ id: 'long', kind: 'process', with: { argv: ['sh', '-c', script], write: [] } }];
  const { approved } = await stack.admin.approvePlan({ version: 1, title: 'long', policy: { max_runs: 1000 }, nodes });
  const waits: number[] = [];
  for (let n = 0; n <= SAMPLES; n++) {
    const run = await stack.operator.post<Run>('/ops/runs', { approved_id: approved.id }, 201);
    await stack.operator.until(run.id, ({ nodes: counts }) => counts.running > 0, 60_000);
    const askedAt = performance.now();
    let { body: receipt } = await stack.operator.ask<Receipt>('POST', `/ops/runs/${run.id}/cancel`);
    while (receipt.confirmed_at === null) receipt = await stack.operator.get<Receipt>(`/ops/runs/${run.id}/receipt`);
    if (n > 0) waits.push(performance.now() - askedAt);
    await stack.operator.ended(run.id, 60_000);
  }
  return waitsOf(waits);
}

const line = (what: string, { p50, p95, max }: Waits, barMs: number): string =>
  `${what.padEnd(44)} p50 ${String(p50).padStart(5)}  p95 ${String(p95).padStart(5)}  max ${String(max).padStart(5)} ms   bar p95 ${barMs} ms`;

const stack = await startStack();
try {
  const found = { steps: await compareSteps(stack), approve: await approveWaits(stack), cancel: await cancelWaits(stack) };
  if (options.json) console.log(JSON.stringify(found, null, 2));
  else {
    const { gimo, byHand, stock, ratio } = found.steps;
    console.log(
      `a step of a chain of ${STEPS}, ms: by hand on the Temporal of npm start ${byHand.toFixed(1)}, on a stock one ${stock.toFixed(1)},`,
    );
    console.log(`  ${ratio.toFixed(1)} × (bar ${BAR.step} ×); GIMO ${gimo.toFixed(1)}, ${(stock / gimo).toFixed(1)} ×`);
    console.log(line(`approve until the next node starts (${SAMPLES})`, found.approve, BAR.approveMs));
    console.log(line(`cancel until no process is left (${SAMPLES})`, found.cancel, BAR.cancelMs));
  }
} finally {
  await stack.close();
}
