/**
 * What a node costs in a large run, against our own run of 1,000 of the same shape: `npm run bench -- --scale` or
 * `node bin/run.mjs bench/scale.ts [--json] [--plain] [--only fan-out,layered]`. `--plain`: each effect is an activity of its own.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Client } from '@temporalio/client';
import type { Run, RunRecord } from '#contract/objects.ts';
import { readConfig } from '#platform/config.ts';
import { connectTemporal } from '#platform/temporal.ts';
import { startStack, type Stack } from '#test/helpers/stack.ts';
import { cpuMs, median } from './measure.ts';
import { fanOutPlan, layeredPlan, mapPlan } from './plans.ts';

const HOUR_MS = 3_600_000;
const SAMPLE_MS = 200;
const MB = 1024 * 1024;
/** A run of 1,000 is what all others are measured by and takes seconds, so there are several. */
const REFERENCE = { nodes: 1000, runs: 5 };
const BAR = { ratio: 1.2, rssMb: 1024, rssMapMb: 1536, events: 15_000 };

type Work = { work: string; nodes: number; plan: object; rssMb: number };
type Row = {
  work: string;
  msPerNode: number;
  cpuMsPerNode: number;
  ratio: number;
  rssMb: number;
  segments: number;
  mostEvents: number;
  mostHistoryMb: number;
  isMet: boolean;
};

const WORKS: Work[] = [
  { work: 'fan-out of 1,000', nodes: 1000, plan: fanOutPlan(1000), rssMb: BAR.rssMb },
  { work: 'fan-out of 10,000', nodes: 10_000, plan: fanOutPlan(10_000), rssMb: BAR.rssMb },
  { work: 'layered DAG of 1,000', nodes: 1000, plan: layeredPlan(1000, 100), rssMb: BAR.rssMb },
  { work: 'layered DAG of 10,000', nodes: 10_000, plan: layeredPlan(10_000, 100), rssMb: BAR.rssMb },
  { work: 'map of 1,000', nodes: 1000, plan: mapPlan(1000), rssMb: BAR.rssMb },
  { work: 'map of 10,000', nodes: 10_000, plan: mapPlan(10_000), rssMb: BAR.rssMb },
  { work: 'map of 100,000', nodes: 100_000, plan: mapPlan(100_000), rssMb: BAR.rssMapMb },
];

function rssMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

type Segment = { events: number; historyMb: number };

/** Which workflow it goes on from. */
async function beforeIt({ options, workflowService }: Client, workflowId: string, runId: string | undefined): Promise<string | undefined> {
  const execution = { workflowId, ...(runId ? { runId } : {}) };
  const request = { namespace: options.namespace, execution, maximumPageSize: 1 };
  const { history } = await workflowService.getWorkflowExecutionHistory(request);
  return history?.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? undefined;
}

/** What each workflow of the run has in its history. It is asked for its size: a long history is more than one answer of Temporal can be. */
async function segmentsOf(client: Client, run: Run): Promise<Segment[]> {
  const segments: Segment[] = [];
  let runId: string | undefined;
  do {
    const { historyLength, historySize = 0 } = await client.workflow.getHandle(run.id, runId).describe();
    segments.push({ events: historyLength, historyMb: historySize / MB });
    runId = await beforeIt(client, run.id, runId);
  } while (runId);
  return segments;
}

/** Asks the store, not the API, which would ask the workflow. */
async function closed(stack: Stack, run: Run): Promise<void> {
  while ((await stack.gics.get<RunRecord>('runs', run.id))?.value.final_ref === null) await delay(SAMPLE_MS / 4);
}

async function measure(stack: Stack, client: Client, { work, nodes, plan, rssMb: most }: Work): Promise<Row> {
  const pid = stack.instance().parts['worker']?.pid ?? 0;
  const { approved } = await stack.admin.approvePlan(plan);
  let highest = 0;
  const sampler = setInterval(() => (highest = Math.max(highest, rssMb(pid))), SAMPLE_MS);
  const cpuBefore = cpuMs(pid);
  const startedAt = performance.now();
  const run = await stack.operator.post<Run>('/ops/runs', { approved_id: approved.id }, 201);
  await closed(stack, run);
  const wallMs = performance.now() - startedAt;
  clearInterval(sampler);
  const { status, error } = await stack.operator.ended(run.id, HOUR_MS);
  if (status !== 'done') throw new Error(`${work} ended ${status}: ${JSON.stringify(error)}`);
  const segments = await segmentsOf(client, run);
  const mostEvents = Math.max(...segments.map(({ events }) => events));
  return {
    work,
    msPerNode: wallMs / nodes,
    cpuMsPerNode: (cpuMs(pid) - cpuBefore) / nodes,
    ratio: 1,
    rssMb: highest,
    segments: segments.length,
    mostEvents,
    mostHistoryMb: Math.max(...segments.map(({ historyMb }) => historyMb)),
    isMet: highest < most && mostEvents <= BAR.events,
  };
}

function print(rows: Row[]): void {
  console.log('work                    ms/node  CPU ms/node   to 1,000  worker MB  segments  most events  most MB  in all bars');
  for (const row of rows) {
    const figures = [
      row.msPerNode.toFixed(2).padStart(7),
      row.cpuMsPerNode.toFixed(2).padStart(12),
      `${row.ratio.toFixed(2)} ×`.padStart(10),
      row.rssMb.toFixed(0).padStart(10),
      String(row.segments).padStart(9),
      String(row.mostEvents).padStart(12),
      row.mostHistoryMb.toFixed(2).padStart(8),
      (row.isMet ? 'yes' : 'NO').padStart(12),
    ];
    console.log(`${row.work.padEnd(23)} ${figures.join(' ')}`);
  }
}

/** The run of 1,000 of the same shape. */
function referenceOf(rows: Row[], { work }: Row): Row | undefined {
  return rows.find((row) => row.work === work.replace(/[\d,]+$/, '1,000'));
}

function compared(rows: Row[]): Row[] {
  return rows.map((row) => {
    const ratio = row.msPerNode / (referenceOf(rows, row)?.msPerNode ?? Number.NaN);
    return { ...row, ratio, isMet: row.isMet && ratio <= BAR.ratio };
  });
}

/** The one whose time is the median; of all of them the most memory. */
function middle(rows: Row[]): Row {
  const ms = median(rows.map(({ msPerNode }) => msPerNode));
  const row = rows.find(({ msPerNode }) => msPerNode === ms);
  if (!row) throw new Error('an even number of runs has no middle one');
  return { ...row, rssMb: Math.max(...rows.map((one) => one.rssMb)) };
}

async function measured(stack: Stack, client: Client, work: Work): Promise<Row> {
  const rows: Row[] = [];
  const runs = work.nodes === REFERENCE.nodes ? REFERENCE.runs : 1;
  for (let n = 0; n < runs; n++) rows.push(await measure(stack, client, work));
  return middle(rows);
}

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    plain: { type: 'boolean', default: false },
    scale: { type: 'boolean', default: true },
    only: { type: 'string', default: '' },
  },
});
const stack = await startStack({ env: options.plain ? { GIMO_SHORT_EFFECTS: '0' } : {} });
const config = readConfig({ ...process.env, GIMO_TEMPORAL_ADDRESS: stack.instance().temporal_address });
const { client, connection } = await connectTemporal(config);
try {
  const works = WORKS.filter(({ work }) => options.only.split(',').some((name) => work.includes(name)));
  // Once uncounted.
  if (works[0]) await measure(stack, client, works[0]);
  const rows: Row[] = [];
  for (const work of works) {
    rows.push(await measured(stack, client, work));
    console.error(`${work.work}: ${rows.at(-1)?.msPerNode.toFixed(2)} ms a node`);
  }
  if (options.json) console.log(JSON.stringify(compared(rows), null, 2));
  else print(compared(rows));
} finally {
  await connection.close();
  await stack.close();
}
