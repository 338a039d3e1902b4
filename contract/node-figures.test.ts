import { describe, expect, test } from 'vitest';
import { nodesAhead, nodesOver, planNodesText, runNodesText } from './node-figures.ts';
import { checkPlan } from './plan-check.ts';

const value = (id: string) => ({ id, kind: 'value', with: { value: 1 } });
function planned(...nodes: object[]) {
  const { plan, faults } = checkPlan({ version: 1, title: 'Figures', nodes });
  if (plan === null) throw new Error(JSON.stringify(faults));
  return plan;
}

describe('figures of nodes', () => {
  test('a plan counts what it writes, and says how much of it is inside of maps and loops', () => {
    const over = (nodes: object[]) => ({ id: 'each', kind: 'map', with: { over: [1, 2], as: 'item', nodes } });
    expect(planNodesText(planned(value('a')))).toBe('1 node');
    expect(planNodesText(planned(value('a'), value('b')))).toBe('2 nodes');
    expect(planNodesText(planned(value('a'), over([value('b')])))).toBe('3 nodes, 1 of them once for each item or round');
  });
  test('a run that failed with skipped nodes says what was done and what became of the rest', () => {
    const counts = { total: 7, done: 3, skipped: 3, error: 1, running: 0, waiting: 0 };
    expect(runNodesText(counts)).toBe('3 of 7 nodes done, 3 skipped, 1 failed');
    expect(nodesOver(counts)).toBe(7);
    expect(runNodesText({ ...counts, total: 1, done: 0, skipped: 0 })).toBe('0 of 1 node done, 1 failed');
  });
  test('what is at work is not also counted among what will not happen', () => {
    expect(nodesAhead({ total: 2, done: 0, skipped: 0, error: 0, running: 1, waiting: 0 })).toBe(1);
    expect(nodesAhead({ total: 2, done: 2, skipped: 2, error: 0, running: 1, waiting: 0 })).toBe(0);
  });
});
