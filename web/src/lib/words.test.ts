import { describe, expect, test } from 'vitest';
import { isRunEnded, NODE_STATUSES, RUN_STATUSES } from '#contract/run-state.ts';
import { ago, cost, duration, until } from './format.ts';
import { NODE_WORDS, nodeWords, runSentence, runWords, sharesOf, stoppedWords } from './words.ts';

const START = Date.parse('2030-01-01T00:00:00.000Z');
const run = {
  status: 'running' as (typeof RUN_STATUSES)[number],
  paused: false,
  waiting: false,
  nodes: { total: 8, done: 3, skipped: 1, error: 0, running: 2, waiting: 0 },
  started_at: '2030-01-01T00:00:00.000Z' as string | null,
  finished_at: null as string | null,
  error: null,
};

describe('status words', () => {
  test('every node status has its own words', () => {
    expect(new Set(NODE_STATUSES.map((status) => NODE_WORDS[status].text)).size).toBe(NODE_STATUSES.length);
  });
  test('waiting for a person is said before paused and running, but never of a run that is over', () => {
    for (const status of RUN_STATUSES) {
      const { text } = runWords({ status, paused: true, waiting: true });
      expect(text === 'waiting for you').toBe(!isRunEnded(status));
    }
  });
  test('the sentence says what goes on, how long and how far', () => {
    expect(runSentence(run, START + 65_000)).toBe('Running for 1 min 5 s: 3 of 8 nodes done, 1 skipped, 2 at work.');
    expect(runSentence({ ...run, status: 'pending', started_at: null }, START)).toBe('Waits for a free place; it starts by itself.');
    expect(runSentence({ ...run, status: 'done', finished_at: '2030-01-01T00:00:02.500Z' }, START)).toBe(
      'Finished in 2.5 s: 3 of 8 nodes done, 1 skipped.',
    );
  });
  test('only what is done fills a bar as done: what failed or was skipped is no progress', () => {
    expect(sharesOf({ ...run.nodes, total: 2, done: 0, skipped: 1, error: 1 })).toEqual({ done: 0, failed: 50, skipped: 50 });
    expect(sharesOf(run.nodes)).toEqual({ done: 37, failed: 0, skipped: 12 });
    expect(sharesOf({ ...run.nodes, total: 0, done: 0, skipped: 0 })).toEqual({ done: 0, failed: 0, skipped: 0 });
    expect(sharesOf({ ...run.nodes, done: 99, skipped: 0 })).toEqual({ done: 100, failed: 0, skipped: 0 });
  });
});

describe('receipts', () => {
  test('every proof that the worker can give has words, and one that is not known is shown as it is', () => {
    const proofs = ['proven_empty', 'asked', 'withdrawn', 'never_started', 'already_done'];
    expect(proofs.filter((proof) => stoppedWords(proof) === proof)).toEqual([]);
    expect([stoppedWords('constructor'), nodeWords('constructor'), nodeWords('waiting')]).toEqual([
      'constructor',
      'constructor',
      'waiting for you',
    ]);
  });
});

describe('figures', () => {
  test('what has happened is never told as still to come, also by a clock that is behind', () => {
    const at = '2030-01-01T00:00:00.000Z';
    expect([-1500, 0, 4000, 65_000].map((ms) => ago(at, START + ms))).toEqual(['just now', 'just now', 'just now', '1 min 5 s ago']);
    expect([-65_000, -1500, 1000, 65_000].map((ms) => until(at, START + ms))).toEqual([
      'in 1 min 5 s',
      'in 1.5 s',
      'just now',
      '1 min 5 s ago',
    ]);
  });
  test('an unknown cost is never shown as zero, a small one never as nothing', () => {
    expect([null, 0, 0.00042, 1.5].map(cost)).toEqual(['cost unknown', 'US$ 0', 'US$ 0.00042', 'US$ 1.50']);
  });
  test('durations read like a person says them', () => {
    expect([0, 840, 42_000, 185_000, 7_440_000, 180_000_000].map(duration)).toEqual([
      '0 s',
      '0.8 s',
      '42 s',
      '3 min 5 s',
      '2 h 4 min',
      '2 d 2 h',
    ]);
  });
});
