import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NODE_KINDS, type NodeKind } from './nodes/index.ts';
import {
  applyEvent,
  countsOf,
  initialRunState,
  LOG_TAIL,
  NODE_STATUSES,
  RUN_STATUSES,
  summaryOf,
  type RunEvent,
  type RunState,
} from './run-state.ts';

const IDS = ['a', 'b', 'm[0].c'];
const NODES = [
  { id: 'a', kind: 'noop' as const, needs: [] },
  { id: 'b', kind: 'gate' as const, needs: ['a'] },
];
const error = fc.record({
  code: fc.string(),
  message: fc.string(),
  hint: fc.string(),
  retryable: fc.boolean(),
  attempt: fc.nat({ max: 5 }),
});
const nodeChange = fc.record(
  {
    of: fc.constant('node' as const),
    kind: fc.constantFrom(...(Object.keys(NODE_KINDS) as NodeKind[])),
    status: fc.constantFrom(...NODE_STATUSES),
    needs: fc.subarray(IDS),
    attempt: fc.integer({ min: 1, max: 5 }),
    error: fc.option(error, { nil: null }),
    reason: fc.string({ maxLength: 5 }),
    gate_id: fc.option(fc.string({ maxLength: 5 }), { nil: null }),
    // Sixteenths add up without rounding, so the order of adding cannot matter.
    cost_usd: fc.option(
      fc.nat({ max: 64 }).map((part) => part / 16),
      { nil: null },
    ),
  },
  { requiredKeys: ['of', 'kind', 'status'] },
);
const runChange = fc.record(
  {
    of: fc.constant('run' as const),
    status: fc.constantFrom(...RUN_STATUSES),
    paused: fc.boolean(),
    error: fc.option(error, { nil: null }),
  },
  { requiredKeys: ['of'] },
);
const change = fc.oneof(nodeChange, runChange, fc.constant(null));
const at = (seq: number): string => new Date(1_767_225_600_000 + seq * 1000).toISOString();

/** Events of one run as its journal writes them: numbered from 1, with times that never go back, a node keeps its kind. */
const history = fc
  .array(fc.record({ node: fc.option(fc.constantFrom(...IDS), { nil: null }), change, text: fc.string({ maxLength: 5 }) }), {
    maxLength: 40,
  })
  .map((items) =>
    items.map((item, index): RunEvent => {
      const seq = index + 1;
      const kind = item.node === 'b' ? ('gate' as const) : ('noop' as const);
      const { change: raw } = item;
      return { seq, at: at(seq), level: 'info', text: item.text, node: item.node, change: raw?.of === 'node' ? { ...raw, kind } : raw };
    }),
  );

function fold(events: RunEvent[]): RunState {
  const state = initialRunState('r_1', NODES);
  for (const event of events) applyEvent(state, event);
  return state;
}

describe('the reducer', () => {
  it('is total: any events in any order with any numbers leave a consistent state', () => {
    const wild = fc.record({
      seq: fc.integer({ min: 0, max: 20 }),
      at: fc.string({ maxLength: 3 }),
      node: fc.option(fc.oneof(fc.constantFrom(...IDS), fc.constantFrom('constructor', 'toString')), { nil: null }),
      level: fc.constantFrom('info' as const, 'warn' as const, 'error' as const),
      text: fc.string({ maxLength: 3 }),
      change,
    });
    fc.assert(
      fc.property(fc.array(wild, { maxLength: 60 }), (events) => {
        const state = fold(events);
        const statuses = Object.values(state.nodes).map((node) => node.status);
        for (const status of NODE_STATUSES) expect(state.by_status[status]).toBe(statuses.filter((item) => item === status).length);
        expect(countsOf(state).total).toBe(statuses.length);
        expect(isRising(state.log.map((entry) => entry.seq))).toBe(true);
        expect(() => JSON.stringify(summaryOf(state))).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same state for every order of the events of a run', () => {
    const shuffled = history.chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })));
    fc.assert(
      fc.property(shuffled, ([events, other]) => {
        expect(sorted(fold(other))).toEqual(sorted(fold(events)));
      }),
      { numRuns: 1000 },
    );
  });

  it('gives the state of the last event of each node, whatever came before', () => {
    fc.assert(
      fc.property(history, (events) => {
        const state = fold(events);
        for (const id of IDS) {
          const last = events.findLast((event) => event.node === id && event.change?.of === 'node')?.change;
          const untouched = NODES.some((node) => node.id === id) ? 'pending' : undefined;
          expect(state.nodes[id]?.status).toBe(last?.of === 'node' ? last.status : untouched);
        }
      }),
    );
  });

  it('keeps the last entries of the log in order, however they arrive', () => {
    const seqs = Array.from({ length: LOG_TAIL + 50 }, (_, index) => index + 1);
    fc.assert(
      fc.property(fc.shuffledSubarray(seqs, { minLength: seqs.length }), (order) => {
        const state = fold(order.map((seq) => ({ seq, at: at(seq), node: null, level: 'info', text: '', change: null })));
        expect(state.log.map((entry) => entry.seq)).toEqual(seqs.slice(-LOG_TAIL));
      }),
      { numRuns: 50 },
    );
  });

  it('never shows an unknown cost as a number', () => {
    const paid = (seq: number, cost: number | null): RunEvent => ({
      seq,
      at: at(seq),
      node: 'a',
      level: 'info',
      text: '',
      change: { of: 'node', kind: 'noop', status: 'done', cost_usd: cost },
    });
    expect(fold([paid(1, 0.5), paid(2, 0.25)]).cost_usd).toBe(0.75);
    expect(fold([paid(1, 0.5), paid(2, null), paid(3, 0.25)])).toMatchObject({ cost_usd: null, nodes: { a: { cost_usd: null } } });
  });
});

const isRising = (numbers: number[]): boolean => numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? number));

/** Nodes that only events made known are added in the order of arrival, which means nothing. */
function sorted(state: RunState): RunState {
  return { ...state, nodes: Object.fromEntries(Object.entries(state.nodes).sort(([a], [b]) => (a < b ? -1 : 1))) };
}
