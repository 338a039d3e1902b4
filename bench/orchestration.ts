/**
 * GIMO against a hand-written workflow with the same number of activities: same Temporal server, same worker options, one run,
 * in turns, medians of five. `node bin/run.mjs bench/orchestration.ts [--json] [--plain] [--runs N]`. `--plain`: each effect of GIMO is
 * an activity of its own, as those of the reference are.
 */
import type { Approved, Run } from '#contract/objects.ts';
import { startStack, type Stack } from '#test/helpers/stack.ts';
import { medians, sample, type Sample } from './measure.ts';
import { chainPlan, controlPlan, fanOutPlan } from './plans.ts';
import { connectBench, startReference, QUEUE } from './reference.ts';

const LANES = 100;
/** What the reference takes on a machine of this size, ms a step; a run whose reference is over 30 % slower is void. */
const EXPECTED_MS = { chain: 14, fanOut: 2.5 };
const VOID_OVER = 1.3;

type Row = { work: string; gimo: Sample; reference: Sample; wallRatio: number; cpuRatio: number; isVoid: boolean };

async function compare(stack: Stack, runs: number): Promise<Row[]> {
  const { client, connection } = await connectBench(stack);
  const reference = await startReference(stack);
  const workerPid = stack.instance().parts['worker']?.pid ?? 0;
  const gimo = async (approved: Approved): Promise<void> => {
    const run = await stack.operator.post<Run>('/ops/runs', { approved_id: approved.id }, 201);
    await client.workflow.getHandle(run.id).result();
  };
  const byHand = async (name: string, args: number[]): Promise<void> => {
    await reference.client.workflow.execute(name, { taskQueue: QUEUE, workflowId: `${name}-${crypto.randomUUID()}`, args });
  };
  const works = [
    { work: 'chain of 100', plan: chainPlan(100), name: 'chain', args: [100], expected: EXPECTED_MS.chain * 100 },
    { work: 'fan-out of 1,000', plan: fanOutPlan(1000), name: 'fanOut', args: [1000, LANES], expected: EXPECTED_MS.fanOut * 1000 },
  ];
  const rows: Row[] = [];
  for (const { work, plan, name, args, expected } of works) {
    const { approved } = await stack.admin.approvePlan(plan);
    const ours: Sample[] = [];
    const theirs: Sample[] = [];
    // One uncounted pair first.
    for (let i = 0; i <= runs; i++) {
      const theirSample = await sample(reference.pid, () => byHand(name, args));
      const ourSample = await sample(workerPid, () => gimo(approved));
      if (i > 0) theirs.push(theirSample);
      if (i > 0) ours.push(ourSample);
    }
    rows.push(rowOf(work, medians(ours), medians(theirs), expected));
  }
  rows.push(await controlRow(stack, workerPid, gimo, runs));
  await reference.stop();
  await connection.close();
  return rows;
}

function rowOf(work: string, gimo: Sample, reference: Sample, expectedMs: number): Row {
  const isVoid = reference.wallMs > expectedMs * VOID_OVER;
  return { work, gimo, reference, wallRatio: gimo.wallMs / reference.wallMs, cpuRatio: gimo.cpuMs / reference.cpuMs, isVoid };
}

async function controlRow(stack: Stack, workerPid: number, gimo: (approved: Approved) => Promise<void>, runs: number): Promise<Row> {
  const { approved } = await stack.admin.approvePlan(controlPlan(200));
  const samples: Sample[] = [];
  for (let i = 0; i <= runs; i++) {
    const one = await sample(workerPid, () => gimo(approved));
    if (i > 0) samples.push(one);
  }
  const none = { wallMs: Number.NaN, cpuMs: Number.NaN };
  return { work: '200 control nodes', gimo: medians(samples), reference: none, wallRatio: Number.NaN, cpuRatio: Number.NaN, isVoid: false };
}

function print(rows: Row[], isJson: boolean): void {
  if (isJson) return console.log(JSON.stringify(rows, null, 2));
  const cell = (value: number, unit: string): string =>
    (Number.isNaN(value) ? '–' : `${value.toFixed(unit === '×' ? 2 : 0)} ${unit}`).padStart(10);
  console.log('work                     gimo wall  reference      ratio   gimo CPU  reference      ratio');
  for (const row of rows) {
    const figures = [
      cell(row.gimo.wallMs, 'ms'),
      cell(row.reference.wallMs, 'ms'),
      cell(row.wallRatio, '×'),
      cell(row.gimo.cpuMs, 'ms'),
      cell(row.reference.cpuMs, 'ms'),
      cell(row.cpuRatio, '×'),
    ];
    console.log(`${row.work.padEnd(22)} ${figures.join(' ')}${row.isVoid ? '   void: the reference itself is too slow here' : ''}`);
  }
}

const runsAt = process.argv.indexOf('--runs');
const runs = runsAt < 0 ? 5 : Number(process.argv[runsAt + 1]);
const stack = await startStack({ env: process.argv.includes('--plain') ? { GIMO_SHORT_EFFECTS: '0' } : {} });
try {
  print(await compare(stack, runs), process.argv.includes('--json'));
} finally {
  await stack.close();
}
