import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GicsOp, GicsOpResult } from '#contract/gics.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import { easyStore, type EasyStore } from './easy-store.ts';
import { openSqliteStore } from './sqlite/store.ts';

type State = { runs: Map<string, { rev: number; value: JsonObject }>; streams: Map<string, { key?: string; data: Json }[]> };
type Outcome = GicsOpResult[] | { index: number };

const IDS = ['a', 'b', 'c'];
const STREAMS = ['audit', 's'];
const STATUSES = ['x', 'y'];

const id = fc.constantFrom(...IDS);
const rev = fc.option(fc.nat(3), { nil: undefined });
const value = fc.record({ status: fc.constantFrom(...STATUSES), n: fc.nat(3) }, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;
const below = fc.option(fc.record({ field: fc.constant('n'), value: fc.nat(3) }), { nil: undefined });
const item = fc.record(
  { key: fc.constantFrom('k', 'l', 'm'), data: fc.json().map((text) => JSON.parse(text) as Json) },
  { requiredKeys: ['data'] },
);
const op: fc.Arbitrary<GicsOp> = fc.oneof(
  fc.record({ op: fc.constant('put' as const), collection: fc.constant('runs' as const), id, value, rev }),
  fc.record({ op: fc.constant('patch' as const), collection: fc.constant('runs' as const), id, set: value, below, rev }),
  fc.record({ op: fc.constant('delete' as const), collection: fc.constant('runs' as const), id, rev }),
  fc.record({ op: fc.constant('check' as const), collection: fc.constant('runs' as const), id, rev: fc.nat(2) }),
  fc.record({ op: fc.constant('check_count' as const), collection: fc.constant('runs' as const), below: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ op: fc.constant('append' as const), stream: fc.constantFrom(...STREAMS), items: fc.array(item, { maxLength: 3 }) }),
);

const copy = (state: State): State => structuredClone(state);

function appendTo(state: State, step: Extract<GicsOp, { op: 'append' }>): GicsOpResult {
  const entries = state.streams.get(step.stream) ?? [];
  state.streams.set(step.stream, entries);
  const offsets = step.items.map((each) => {
    if (each.key !== undefined && entries.some((entry) => entry.key === each.key)) return null;
    return entries.push(each);
  });
  return { offsets };
}

/** Null stands for a step that does not hold. */
function apply(state: State, step: GicsOp): GicsOpResult | null {
  if (step.op === 'append') return appendTo(state, step);
  if (step.op === 'check_count') return state.runs.size < step.below ? { rev: 0 } : null;
  const present = state.runs.get(step.id);
  const presentRev = present?.rev ?? 0;
  if (step.rev !== undefined && step.rev !== presentRev) return null;
  if (step.op === 'check') return { rev: presentRev };
  if (step.op === 'delete') {
    state.runs.delete(step.id);
    return { rev: 0 };
  }
  if (step.op === 'patch') {
    if (present === undefined) return null;
    const number = step.below === undefined ? undefined : present.value[step.below.field];
    if (step.below !== undefined && typeof number === 'number' && number >= step.below.value) return { rev: 0 };
  }
  state.runs.set(step.id, { rev: presentRev + 1, value: step.op === 'put' ? step.value : { ...present?.value, ...step.set } });
  return { rev: presentRev + 1 };
}

function expectedOf(state: State, ops: GicsOp[]): { state: State; outcome: Outcome } {
  const next = copy(state);
  const results: GicsOpResult[] = [];
  for (const [index, step] of ops.entries()) {
    const result = apply(next, step);
    if (result === null) return { state, outcome: { index } };
    results.push(result);
  }
  return { state: next, outcome: results };
}

async function outcomeOf(easy: EasyStore, ops: GicsOp[]): Promise<Outcome> {
  return easy.txn(...ops).catch((error: { data: { index: number } }) => ({ index: error.data.index }));
}

async function expectSame(easy: EasyStore, state: State): Promise<void> {
  const runs = await Promise.all(IDS.map((each) => easy.get('runs', each)));
  expect(runs).toEqual(IDS.map((each) => state.runs.get(each)?.value ?? null));
  const streams = await Promise.all(STREAMS.map((stream) => easy.data(stream)));
  expect(streams).toEqual(STREAMS.map((stream) => (state.streams.get(stream) ?? []).map((entry) => entry.data)));
  for (const status of STATUSES) {
    const found = [...state.runs].filter(([, run]) => run.value['status'] === status).map(([runId]) => runId);
    expect(await easy.ids('runs', { where: { status }, order: 'asc' })).toEqual(found.sort());
  }
}

async function compare(turns: GicsOp[][][]): Promise<void> {
  const dir = mkdtempSync(path.join(tmpdir(), 'gics-model-'));
  const store = openSqliteStore(dir);
  const easy = easyStore(store);
  let state: State = { runs: new Map(), streams: new Map() };
  try {
    for (const txns of turns) {
      const expected: Outcome[] = [];
      for (const ops of txns) {
        const step = expectedOf(state, ops);
        state = step.state;
        expected.push(step.outcome);
      }
      expect(await Promise.all(txns.map((ops) => outcomeOf(easy, ops)))).toEqual(expected);
      await expectSame(easy, state);
    }
  } finally {
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

test('whatever transactions arrive, alone or in one turn, the store does what a model in memory does', async () => {
  const txn = fc.array(op, { maxLength: 4 });
  const turns = fc.array(fc.array(txn, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 });
  await fc.assert(fc.asyncProperty(turns, compare), { numRuns: 80 });
}, 60_000);
