import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstWorkflowTaskMs, segmentEntries, workflowTaskMs } from './segment-size.ts';

/** Temporal allows no longer task. */
const MOST_TASK_MS = 120_000;
const lengths = fc.integer({ min: 0, max: 10_000_000 });

/** How long the log is when each workflow of a run of so many entries begins. */
function beginnings(entries: number): number[] {
  const at: number[] = [];
  for (let done = 0; done < entries; done += segmentEntries(done)) at.push(done);
  return at;
}

describe('a workflow of a run', () => {
  it('gets as long as all before it, so that what is handed on is read and written about twice altogether', () => {
    const sizes = beginnings(64_000);
    expect(sizes).toEqual([0, 1000, 2000, 4000, 8000, 16_000, 32_000]);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(64_000);
  });

  it('holds a run back for seconds when a worker is lost with it, in proportion to what the run has done', () => {
    expect(workflowTaskMs(0)).toBe(4500);
    expect(workflowTaskMs(1_000_000)).toBe(82_000);
    fc.assert(
      fc.property(lengths, (before) => {
        expect(workflowTaskMs(before)).toBeLessThanOrEqual(MOST_TASK_MS);
        expect(workflowTaskMs(before)).toBeLessThanOrEqual(4500 + 2.5 * before);
      }),
    );
  });

  it('begins with less when the run is small, and never with more than the second one', () => {
    expect(firstWorkflowTaskMs({ maxNodes: 1, staysInOne: false })).toBe(2005);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (nodes) => {
        expect(firstWorkflowTaskMs({ maxNodes: nodes, staysInOne: false })).toBeLessThanOrEqual(workflowTaskMs(1000));
      }),
    );
  });

  it('has time for all that it may do when it cannot go on in another one', () => {
    expect(firstWorkflowTaskMs({ maxNodes: 5000, staysInOne: true })).toBe(27_000);
    expect(firstWorkflowTaskMs({ maxNodes: 1_000_000, staysInOne: true })).toBe(82_000);
  });
});
