/** Carries a schedule out on a real instance. Throws: what did not hold, with the number that gives it again. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { LedgerEntry } from '#activities/effects/ledger.ts';
import { runStreams } from '#contract/gics.ts';
import type { Gate, GraphNode, Run, RunRecord } from '#contract/objects.ts';
import { signalProcess } from '#platform/processes.ts';
import { killAndWait } from '../helpers/recovery.ts';
import { expectWholeLog, linesIn } from '../helpers/run-facts.ts';
import type { Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';
import type { Fault, Schedule } from './schedule.ts';

const HANG = { timeout: 120_000, interval: 50 };

export async function expectCarriedOut(stack: Stack, schedule: Schedule): Promise<void> {
  const run = await until(() => stack.admin.startPlan(schedule.plan), HANG);
  const end = new AbortController();
  const person = answerGates(stack, run, end.signal);
  try {
    for (const fault of schedule.faults) await inject(stack, run, fault);
    await until(async () => expect((await recordOf(stack, run)).final_ref).not.toBeNull(), HANG);
  } finally {
    end.abort();
    await person;
  }
  await expectRight(stack, run, schedule);
}

async function recordOf(stack: Stack, run: Run): Promise<RunRecord> {
  const record = await stack.gics.get<RunRecord>('runs', run.id);
  if (!record) throw new Error(`${run.id} is gone`);
  return record.value;
}

/** Waits: until the run has gone on by so many events, or has ended; then until the part is back. */
async function inject(stack: Stack, run: Run, { what, part, afterEvents, hangMs }: Fault): Promise<void> {
  const stream = runStreams.events(run.id);
  const before = (await stack.gics.info(stream)).last;
  const hasGoneOn = async (): Promise<void> => {
    const isOver = (await recordOf(stack, run)).final_ref !== null;
    if (!isOver && (await stack.gics.info(stream)).last < before + afterEvents) throw new Error('it has not gone on yet');
  };
  await until(hasGoneOn, HANG);
  if (what === 'kill') return void (await killAndWait(stack, part));
  const pid = stack.instance().parts[part]?.pid ?? 0;
  signalProcess(pid, 'SIGSTOP');
  await delay(hangMs);
  signalProcess(pid, 'SIGCONT');
}

/** A person who looks: yes to questions; of what a crash left open, whether the file has its line. */
async function answerGates(stack: Stack, run: Run, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // Whoever is asked may just have been killed.
    const gates = await stack.operator.get<Gate[]>(`/ops/gates?status=open&run_id=${run.id}`).catch(() => []);
    for (const gate of gates) await answer(stack, gate).catch(() => undefined);
    await delay(100);
  }
}

async function answer(stack: Stack, { id, run_id: runId, node, hash, kind }: Gate): Promise<void> {
  const isDone = linesIn(stack, runId, 'out/once').some((line) => line.startsWith(`${runId}/${node}/`));
  const choice = kind === 'question' ? {} : { choice: isDone ? 'done' : 'redo' };
  await stack.operator.post(`/ops/gates/${id}/approve`, { hash, ...choice });
}

async function expectRight(stack: Stack, run: Run, { seed, once, nodes }: Schedule): Promise<void> {
  const name = `schedule ${seed}, ${run.id}`;
  const record = await recordOf(stack, run);
  expect(record, `${name}: ${JSON.stringify(record.error)}`).toMatchObject({ status: 'done' });
  const graph = await until(() => stack.operator.get<GraphNode[]>(`/ops/runs/${run.id}/graph?limit=1000`), HANG);
  const top = graph.filter(({ id }) => /^n\d+$/.test(id));
  expect(
    top.filter(({ status }) => status === 'done'),
    `${name}: no node is lost`,
  ).toHaveLength(nodes);
  const lines = linesIn(stack, run.id, 'out/once');
  expect(lines.map((line) => line.split('/')[1] ?? '').toSorted(), `${name}: what may happen once did`).toEqual(once.toSorted());
  const { records } = await stack.gics.list<LedgerEntry>('ledger', { where: { run_id: run.id }, limit: 1000 });
  expect(
    records.filter(({ value }) => value.state === 'intent'),
    `${name}: no effect is left open`,
  ).toEqual([]);
  await expectWholeLog(stack.gics, run.id);
}
