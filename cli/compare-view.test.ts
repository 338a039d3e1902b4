import { expect, it } from 'vitest';
import type { ComparedNode, ComparedRun, Comparison } from '#contract/comparison.ts';
import { compareLines } from './compare-view.ts';
import { createPaint } from './terminal.ts';

const run = (id: string, more: Partial<ComparedRun> = {}): ComparedRun => ({
  id,
  title: 'T',
  approved_id: 'a_1',
  status: 'done',
  duration_ms: 1500,
  cost_usd: 0,
  inputs: { n: 1, same: 'x' },
  outputs: null,
  ...more,
});
const node = (more: Partial<ComparedNode> = {}): ComparedNode => ({
  status: 'done',
  reason: null,
  attempt_count: 1,
  duration_ms: 200,
  cost_usd: 0,
  output_hash: 'h',
  ...more,
});

it('a comparison shows both runs, what they were given differently, and each node in one line', () => {
  const nodes: Comparison['nodes'] = [
    { id: 'fetch', kind: 'process', a: node(), b: node({ duration_ms: null, attempt_count: 0 }), output: 'equal' },
    { id: 'write', kind: 'patch', a: node({ status: 'error', output_hash: null }), b: node({ attempt_count: 2 }), output: 'different' },
    { id: 'm[0].x', kind: 'noop', a: null, b: node({ status: 'skipped' }), output: 'none' },
  ];
  const lines = compareLines(
    { a: run('r_1', { status: 'error', cost_usd: null }), b: run('r_2', { inputs: { n: 2, same: 'x' } }), nodes },
    createPaint(false),
  );
  expect(lines).toEqual([
    'a  r_1  error · 1.5 s · cost unknown · T',
    'b  r_2  done · 1.5 s · $0.00 · T',
    'input n: 1 → 2',
    '',
    'node    status            attempts    took            cost            output',
    'fetch   done              1 → reused  0.2 s → -       $0.00           equal',
    'write   error → done      1 → 2       0.2 s           $0.00           different',
    'm[0].x  absent → skipped  absent → 1  absent → 0.2 s  absent → $0.00  -',
  ]);
});
