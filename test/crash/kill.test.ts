/** kill -9 of every process while fifty runs are under way: nothing is lost, nothing is done twice. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LedgerEntry } from '#activities/effects/ledger.ts';
import type { Gate, Run, RunRecord } from '#contract/objects.ts';
import { killAndWait, movedAfter, recoveryOf, type Kill } from '../helpers/recovery.ts';
import { expectNothingLeft, expectWholeLog, linesIn, streamOf, type AuditEntry } from '../helpers/run-facts.ts';
import { startStack, type Part, type Stack } from '../helpers/stack.ts';
import { until } from '../helpers/until.ts';

const RUNS = 50;
const PARTS: Part[] = ['worker', 'gics', 'temporal', 'api'];
/** Nothing may hang; how fast it is, the bench says. */
const HANG_MS = 60_000;

let stack: Stack;
beforeAll(async () => void (stack = await startStack({ env: { GIMO_STANDBY: '1' } })), 400_000);
afterAll(() => stack.close());

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

async function records(): Promise<RunRecord[]> {
  return (await stack.gics.list<RunRecord>('runs', { limit: RUNS })).records.map((record) => record.value);
}

/** Waits: until the runs together have gone on by so many events. */
async function progress(events: number): Promise<void> {
  const total = async (): Promise<number> => (await records()).reduce((sum, run) => sum + run.seq, 0);
  const before = await total();
  await until(async () => expect(await total()).toBeGreaterThan(before + events), { timeout: HANG_MS, interval: 50 });
}

it('runs end done or ask, effects happen once, logs are whole, after a kill of each process', { timeout: 300_000 }, async () => {
  await stack.admin.put('/ops/config', { max_concurrent_runs: RUNS + 10 });
  const { approved } = await stack.admin.approvePlan(PLAN);
  const started = Array.from({ length: RUNS }, () => stack.operator.post<Run>('/ops/runs', { approved_id: approved.id }, 201));
  const ids = (await Promise.all(started)).map((run) => run.id);
  const end = new AbortController();
  const unknown = new Set<string>();
  const person = answerGates(end.signal, unknown);
  const kills: Kill[] = [];
  for (const part of PARTS) {
    await progress(150);
    kills.push(await killAndWait(stack, part));
  }
  await until(async () => expect((await records()).filter((run) => run.final_ref === null).map((run) => run.id)).toEqual([]), {
    timeout: 2 * HANG_MS,
    interval: 200,
  });
  end.abort();
  await person;

  for (const run of await records()) {
    expect(run, JSON.stringify(run.error)).toMatchObject({ status: 'done', outputs: { each: [1, 2, 3, 4], last: 'c19' } });
  }
  for (const id of ids) {
    await expectWholeLog(stack.gics, id);
    const lines = linesIn(stack, id, 'out/log');
    expect(new Set(lines).size, `lines of ${id}: ${lines.join(' ')}`).toBe(lines.length);
    expect(new Set(lines.map((line) => line.split('/')[1]))).toEqual(new Set(['once', 'twice']));
    await expectLedgerAgrees(id, lines, unknown);
  }
  const restarted = (await streamOf<AuditEntry>(stack.gics, 'audit')).filter(({ data }) => data.action === 'run.restarted');
  expect(restarted, 'nothing was lost, so no run may be started anew').toEqual([]);
  await until(() => expectNothingLeft(stack), { timeout: HANG_MS });
  console.log(`${unknown.size} effects were asked about`);
  for (const kill of kills) {
    const { samples, p50, p95, max } = recoveryOf(kill.part, await movedAfter(stack.gics, ids, kill.at));
    console.log(
      `${kill.part}: ${samples} runs had their next event, waits for a place among the processes included, after p50 ${p50} ms, p95 ${p95} ms, at most ${max} ms`,
    );
    expect(max).toBeLessThan(HANG_MS);
  }
});

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
