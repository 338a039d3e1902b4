import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogStore } from './log-store.ts';

const line = (seq: number) => ({ seq, at: '2030-01-01T00:00:00.000Z', node: null, level: 'info' as const, text: `line ${seq}` });

test('lines that come twice, late or out of order are shown once and in order', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.integer({ min: 1, max: 50 }))), (batches) => {
      const store = new LogStore();
      for (const batch of batches) store.merge(batch.map(line));
      const expected = [...new Set(batches.flat())].toSorted((a, b) => a - b);
      expect(store.lines().map((entry) => entry.seq)).toEqual(expected);
    }),
  );
});

test('the page is told only when something is new', () => {
  const store = new LogStore();
  let calls = 0;
  store.subscribe(() => calls++);
  store.merge([line(1)]);
  store.merge([line(1)]);
  expect(calls).toBe(1);
});
