/**
 * kill -9 of every process while fifty runs are under way: nothing is lost, nothing is done twice. A round kills each process once, at
 * random times; `GIMO_KILLS` says how many kills there are.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LedgerEntry } from '#activities/effects/ledger.ts';
import type { Gate, Run, RunRecord } from '#contract/objects.ts';
import { killAndWait, movedAfter, recoveryOf, type Kill } from '../helpers/recovery.ts';
import { expectNothingLeft, expectWholeLog, linesIn, streamOf, type AuditEntry } from '../helpers/run-facts.ts';
import { startStack, type Part, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';
import { randomOf, type Random } from '../security/random.ts';

const RUNS = 50;
const PARTS: [Part, ...Part[]] = ['worker', 'gics', 'temporal', 'api'];
const ROUNDS = Math.ceil(Number(process.env['GIMO_KILLS'] ?? PARTS.length) / PARTS.length);
/** Nothing may hang; how fast it is, the bench says. */
const HANG_MS = 60_000;

let stack: Stack;
/** How long runs stood still after the kills of each process, over all rounds. */
const waits = new Map<Part, number[]>(PARTS.map((part) => [part, []]));
beforeAll(async () => {
  stack = await startStack({ env: { GIMO_STANDBY: '1' } });
  await stack.admin.put('/ops/config', { max_concurrent_runs: RUNS + 10 });
}, 400_000);
afterAll(() => stack.close());
afterAll(() => {
  for (const [part, all] of waits) {
    const { samples, p50, p95, p99, max } = recoveryOf(part, all);
    console.log(
      `${part}: ${samples} runs had their next event, waits for a place among the processes included, after p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms, at most ${max} ms`,
    );
  }
});

const append = 'sleep 0.2; echo "$GIMO_EFFECT" >> out/log; sleep 0.1';
const once = (id: string, needs: string[]): object => ({
  id,
  kind: 'process',
  needs,
  with: { argv: ['sh', '-c', append], write: ['out'] },
});
const noop = (id: string, needs: string[]): object => ({ id, kind: 'noop', needs, with: { value: id } });

const PLAN = {
  version: 1,
  title: 'a bit of everything',
  policy: { max_runs: RUNS },
  nodes: [
    ...Array.from({ length: 20 }, (_none, index) => noop(`c${index}`, index === 0 ? [] : [`c${index - 1}`])),
    { id: 'nap', kind: 'wait', with: { ms: 3000 } },
    { id: 'again', kind: 'process', needs: ['c3'], with: { argv: ['sh', '-c', 'sleep 0.2; echo hello'], idempotent: true } },
    once('once', ['c2']),
    { id: 'ask', kind: 'gate', needs: ['c5'], with: { title: 'Go on?' } },
    once('twice', ['ask', 'nap']),
    {
      id: 'each',
      kind: 'map',
      needs: ['c8'],
      with: { over: [1, 2, 3, 4], max_items: 4, concurrency: 2, nodes: [{ id: 'item', kind: 'noop', with: { value: '${{ item }}' } }] },
    },
  ],
  outputs: { each: 'nodes.each.output', last: 'nodes.c19.output' },
};

/** A person at the gates: says yes to questions; of what a crash left open, whether the file has its line. */
async function answerGates(signal: AbortSignal, unknown: Set<string>): Promise<void> {
  while (!signal.aborted) {
    // Whoever is asked may just have been killed.
    const gates = await stack.operator.get<Gate[]>('/ops/gates?status=open&limit=200').catch(() => []);
    for (const gate of gates) await answer(gate, unknown).catch(() => undefined);
    await delay(200);
  }
}

async function answer(gate: Gate, unknown: Set<string>): Promise<void> {
  const { id, run_id: runId, node, hash } = gate;
  if (gate.kind === 'question') return void (await stack.operator.post(`/ops/gates/${id}/approve`, { hash }));
  unknown.add(`${runId}/${node}`);
  const isDone = linesIn(stack, runId, 'out/log').some((line) => line.startsWith(`${runId}/${node}/`));
  await stack.operator.post(`/ops/gates/${id}/approve`, { hash, choice: isDone ? 'done' : 'redo' });
}

async function recordsOf(approvedId: string): Promise<RunRecord[]> {
  return (await stack.gics.list<RunRecord>('runs', { where: { approved_id: approvedId }, limit: RUNS })).records.map(
    (record) => record.value,
  );
}

/** Waits: until the runs together have gone on by so many events. */
async function progress(approvedId: string, events: number): Promise<void> {
  const total = async (): Promise<number> => (await recordsOf(approvedId)).reduce((sum, run) => sum + run.seq, 0);
  const before = await total();
  await until(async () => expect(await total()).toBeGreaterThan(before + events), { timeout: HANG_MS, interval: 50 });
}

/** Each part once, in an order of its own. */
function orderOf(random: Random): Part[] {
  const left = [...PARTS];
  return PARTS.flatMap(() => left.splice(random.below(left.length), 1));
}

async function killEach(random: Random, approvedId: string): Promise<Kill[]> {
  const kills: Kill[] = [];
  for (const part of orderOf(random)) {
    await progress(approvedId, 50 + random.below(200));
    kills.push(await killAndWait(stack, part));
  }
  return kills;
}

/** Waits: until all runs have ended and are closed. */
const untilClosed = (approvedId: string): Promise<void> =>
  until(async () => expect((await recordsOf(approvedId)).filter((run) => run.final_ref === null).map((run) => run.id)).toEqual([]), {
    timeout: 2 * HANG_MS,
    interval: 200,
  });

async function expectDoneOnce(runs: RunRecord[], unknown: Set<string>): Promise<void> {
  expect(runs).toHaveLength(RUNS);
  for (const run of runs) {
    expect(run, JSON.stringify(run.error)).toMatchObject({ status: 'done', outputs: { each: [1, 2, 3, 4], last: 'c19' } });
    await expectWholeLog(stack.gics, run.id);
    const lines = linesIn(stack, run.id, 'out/log');
    expect(new Set(lines).size, `lines of ${run.id}: ${lines.join(' ')}`).toBe(lines.length);
    expect(new Set(lines.map((line) => line.split('/')[1]))).toEqual(new Set(['once', 'twice']));
    await expectLedgerAgrees(run.id, lines, unknown);
  }
}

const SEEDS = Array.from({ length: ROUNDS }, (_none, round) => round + 1);

it.each(SEEDS)(
  'runs end done or ask, effects happen once, logs are whole, after a kill of each process (round %i)',
  { timeout: 300_000 },
  async (seed) => {
    const { approved } = await stack.admin.approvePlan(PLAN);
    const started = Array.from({ length: RUNS }, () => stack.operator.post<Run>('/ops/runs', { approved_id: approved.id }, 201));
    const ids = (await Promise.all(started)).map((run) => run.id);
    const end = new AbortController();
    const unknown = new Set<string>();
    const person = answerGates(end.signal, unknown);
    const kills = await killEach(randomOf(seed), approved.id);
    await untilClosed(approved.id);
    end.abort();
    await person;
    await expectDoneOnce(await recordsOf(approved.id), unknown);
    const restarted = (await streamOf<AuditEntry>(stack.gics, 'audit')).filter(({ data }) => data.action === 'run.restarted');
    expect(restarted, 'nothing was lost, so no run may be started anew').toEqual([]);
    await until(() => expectNothingLeft(stack), { timeout: HANG_MS });
    console.log(`round ${seed}: ${unknown.size} effects were asked about`);
    for (const { part, at } of kills) waits.get(part)?.push(...(await movedAfter(stack.gics, ids, at)));
    expect(Math.max(...[...waits.values()].flat())).toBeLessThan(HANG_MS);
  },
);

/** Each line is an effect that the ledger names; what it calls done is there, what it calls unknown was asked about. */
async function expectLedgerAgrees(runId: string, lines: string[], unknown: Set<string>): Promise<void> {
  const { records: found } = await stack.gics.list<LedgerEntry>('ledger', { where: { run_id: runId }, limit: 1000 });
  const entries = new Map(found.map((record) => [record.id, record.value]));
  for (const line of lines) expect(entries.get(line)?.state, line).toMatch(/^(?:done|unknown)$/);
  const all = [...entries];
  const doneOnce = all.filter(([, entry]) => entry.kind === 'process' && entry.node !== 'again' && entry.state === 'done');
  const asked = all.filter(([, entry]) => entry.state === 'unknown').map(([, entry]) => `${runId}/${entry.node}`);
  expect(all.filter(([, entry]) => entry.state === 'intent')).toEqual([]);
  expect(doneOnce.map(([key]) => key).filter((key) => !lines.includes(key))).toEqual([]);
  expect(asked.filter((name) => !unknown.has(name))).toEqual([]);
}
