import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '#contract/json.ts';
import type { Run } from '#contract/objects.ts';
import type { RunEvent } from '#contract/run-state.ts';
import { applyEvent, initialRunState, NODE_STATUSES } from '#contract/run-state.ts';
import { validatePlan } from '#contract/plan-check.ts';
import { graphLines } from './graph-text.ts';
import { ProgressBoard } from './progress-board.ts';
import { plainLine, progressLines } from './progress-view.ts';
import { summaryLines } from './run-summary.ts';
import { answerLines, tableLines } from './table.ts';
import { createPaint, createTerminal, printable } from './terminal.ts';

const paint = createPaint(false);
const T0 = Date.parse('2026-01-01T00:00:00.000Z');
const at = (ms: number): string => new Date(T0 + ms).toISOString();
const nodes = [
  { id: 'first', kind: 'process' as const, needs: [] },
  { id: 'second', kind: 'gate' as const, needs: ['first'] },
];

function event(seq: number, ms: number, node: string | null, change: RunEvent['change']): RunEvent {
  return { seq, at: at(ms), node, level: 'info', text: 'text', change };
}

function sampleState() {
  const state = initialRunState('r_1', nodes);
  const events = [
    event(1, 0, null, { of: 'run', status: 'running' }),
    event(2, 100, 'first', { of: 'node', kind: 'process', status: 'running', attempt: 1 }),
    event(3, 1600, 'first', { of: 'node', kind: 'process', status: 'done' }),
    event(4, 1700, 'second', { of: 'node', kind: 'gate', status: 'waiting', reason: 'Write it?', gate_id: 'g_1' }),
  ];
  for (const item of events) applyEvent(state, item);
  return { state, events };
}

describe('progress', () => {
  it('shows a head line and one line per node with state and time', () => {
    const lines = progressLines(sampleState().state, { nowMs: T0 + 2000, width: 80, height: 20, tick: 0, paint });
    expect(lines).toEqual([
      'r_1 running, waiting for an answer · 1 of 2 nodes done · 2.0 s',
      '✓ first   done         1.5 s',
      '? second  waiting             Write it?',
    ]);
  });

  it('never exceeds the width or the height, whatever the run', () => {
    const status = fc.constantFrom(...NODE_STATUSES);
    fc.assert(
      fc.property(
        fc.array(status, { maxLength: 60 }),
        fc.integer({ min: 20, max: 100 }),
        fc.integer({ min: 2, max: 30 }),
        (all, width, height) => {
          const state = initialRunState('r_1', []);
          for (const [index, value] of all.entries())
            applyEvent(
              state,
              event(index + 1, index, `node_${index}`, { of: 'node', kind: 'noop', status: value, reason: 'x'.repeat(200) }),
            );
          const lines = progressLines(state, { nowMs: T0, width, height, tick: 3, paint });
          return lines.length <= height && lines.every((line) => line.length <= width);
        },
      ),
    );
  });

  it('keeps what needs attention when not every node fits', () => {
    const state = initialRunState(
      'r_1',
      Array.from({ length: 50 }, (_, index) => ({ id: `n${index}`, kind: 'noop' as const, needs: [] })),
    );
    applyEvent(state, event(1, 0, 'n40', { of: 'node', kind: 'noop', status: 'error', error: null }));
    const lines = progressLines(state, { nowMs: T0, width: 80, height: 5, tick: 0, paint });
    expect(lines.some((line) => line.includes('n40'))).toBe(true);
    expect(lines.at(-1)).toBe('  … and 47 more');
  });

  it('prints one plain line for each change where nothing can be redrawn', () => {
    const { state, events } = sampleState();
    expect(events.map((item) => plainLine(state, item)?.line)).toEqual([
      '   0.0 s  run running',
      '   0.1 s  ▸ first running',
      '   1.6 s  ✓ first done 1.5 s',
      '   1.7 s  ? second waiting: Write it?',
    ]);
  });
});

describe('a node that is tried again', () => {
  const running = (seq: number, more: object): RunEvent =>
    event(seq, seq * 100, 'first', { of: 'node', kind: 'llm', status: 'running', ...more });
  const events = [
    event(1, 0, null, { of: 'run', status: 'running' }),
    running(2, { attempt: 1 }),
    running(3, { cost_usd: 0.1 }),
    running(4, { attempt: 2 }),
    running(5, { cost_usd: 0.1 }),
  ];

  it('has one plain line for each attempt, and none for what changes nothing that is shown', () => {
    const stream = new PassThrough();
    const state = initialRunState('r_1', nodes);
    const terminal = createTerminal({ stdin: stream, stdout: stream, stderr: stream }, { isJson: false, noColor: true });
    const board = new ProgressBoard(terminal, state);
    for (const item of events) {
      applyEvent(state, item);
      board.show(item);
    }
    board.close();
    expect(String(stream.read()).split('\n')).toEqual([
      '   0.0 s  run running',
      '   0.2 s  ▸ first running',
      '   0.4 s  ▸ first running: attempt 2',
      '',
    ]);
  });

  it('shows its attempt on the board', () => {
    const state = initialRunState('r_1', nodes);
    for (const item of events) applyEvent(state, item);
    const lines = progressLines(state, { nowMs: T0 + 500, width: 80, height: 20, tick: 0, paint });
    expect(lines[1]).toMatch(/first +running +0\.3 s +attempt 2$/);
  });
});

describe('the summary of a run', () => {
  const run = {
    id: 'r_1',
    title: 'T',
    status: 'done',
    nodes: { total: 1, done: 1, skipped: 0, error: 0, running: 0, waiting: 0 },
    created_at: at(0),
    started_at: at(0),
    finished_at: at(1500),
    cost_usd: 0,
    error: null,
    branch: null,
    commit: 'c0ffee',
    temporal_url: null,
  };
  const summary = (outputs: Record<string, Json> | null): string[] =>
    summaryLines({ ...run, outputs } as Run, 'http://x', paint).slice(3, -1);

  it('tells every output, without control sequences, and the commit only once', () => {
    const outputs = { report: 'No file\u001B[2J needed a change.\n', commits: 7, commit: 'c0ffee', empty: '', none: null };
    expect(summary({ ...outputs, list: [1, 'a'], object: { ok: true } })).toEqual([
      'report: No file\\x1b[2J needed a change.',
      'commits: 7',
      'none: null',
      'list: [1,"a"]',
      'object: {"ok":true}',
    ]);
    expect(summary(null)).toEqual([]);
  });

  it('gives a long list a line for each item, and those the same limit', () => {
    const lines = summary({ files: Array.from({ length: 40 }, (_, index) => `file-${index}.md`) });
    expect([lines[0], lines[1], lines[2], lines.at(-1)]).toEqual([
      'files:',
      '  [',
      '    "file-0.md",',
      '  … and 22 more lines: gimo runs get r_1 --json',
    ]);
  });

  it('gives an output 20 lines and says how many there are more', () => {
    const lines = summary({ report: Array.from({ length: 25 }, (_, index) => `line ${index}`).join('\n') });
    expect(lines).toHaveLength(22);
    expect([lines[0], lines[1], lines.at(-1)]).toEqual(['report:', '  line 0', '  … and 5 more lines: gimo runs get r_1 --json']);
  });
});

describe('tables', () => {
  it('fit the width and leave out what nobody looks for', () => {
    const rows = [
      { id: 'r_1', title: 'A long title that does not fit', status: 'done', log: [] },
      { id: 'r_22', title: 'Short', status: 'running' },
    ];
    expect(tableLines(rows, 30, paint)).toEqual(['id    status   title', 'r_1   done     A long title t…', 'r_22  running  Short']);
  });

  it('say so when a list is empty, and show anything else as YAML', () => {
    expect(answerLines([], 80, paint)).toEqual(['none']);
    expect(answerLines({ ready: true, parts: { gics: { ok: true } } }, 80, paint)).toEqual(['ready: true\nparts:\n  gics:\n    ok: true']);
  });
});

it('the graph lists nodes in an order that respects every edge, bodies indented', () => {
  const plan = validatePlan({
    version: 1,
    title: 'T',
    nodes: [
      { id: 'last', kind: 'noop', needs: ['each'], when: 'size(nodes.each.output) > 0' },
      { id: 'each', kind: 'map', needs: ['list'], with: { over: '${{ nodes.list.output }}', nodes: [{ id: 'one', kind: 'noop' }] } },
      { id: 'list', kind: 'value', with: { value: [1] } },
    ],
  });
  expect(graphLines(plan.nodes)).toEqual([
    'list  value',
    'each  map   ← list',
    '  one  noop',
    'last  noop  ← each when size(nodes.each.output) > 0',
  ]);
});

it('text of a run cannot send control sequences to the terminal', () => {
  expect(printable('a\u001B[2Jb\rc\u009B\td\n')).toBe('a\\x1b[2Jb\\x0dc\\x9b\td\n');
});

it('a terminal that says it has no size gets 24 lines of 80', () => {
  const unsized = Object.assign(new PassThrough(), { isTTY: true, columns: 0, rows: 0 });
  expect(createTerminal({ stdin: unsized, stdout: unsized, stderr: unsized }, { isJson: false, noColor: true })).toMatchObject({
    width: 80,
    height: 24,
  });
});
