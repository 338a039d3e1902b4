import { expect, test } from 'vitest';
import type { Gate } from '#contract/objects.ts';
import { answerText, keptAnswers } from './gate-options.ts';

test('an answer is told in the words of the button that gave it', () => {
  expect(answerText({ kind: 'unknown', status: 'approved', choice: 'redo' })).toBe('Do it again');
  expect(answerText({ kind: 'unknown', status: 'approved', choice: 'done' })).toBe('It was done');
  expect(answerText({ kind: 'unknown', status: 'rejected', choice: null })).toBe('Fail the node');
  expect(answerText({ kind: 'question', status: 'approved' })).toBe('Approve');
  expect(answerText({ kind: 'failed', status: 'approved', choice: 'continue' })).toBe('Go on without it');
});

test('a gate without an answer, or of a time that kept no choice, says no more than is known', () => {
  expect(answerText({ kind: 'unknown', status: 'approved' })).toBe('approved');
  expect(answerText({ kind: 'question', status: 'expired' })).toBe('nobody answered in time');
  expect(answerText({ kind: 'question', status: 'withdrawn' })).toBe('withdrawn');
});

test('an answer is kept as long as its node waits at that very gate', () => {
  const gate = (id: string, status: Gate['status']): Gate => ({ id, status }) as Gate;
  const gates = [gate('g_1', 'approved'), gate('g_2', 'rejected'), gate('g_3', 'open'), gate('g_4', 'approved'), gate('g_5', 'expired')];
  const nodes = [
    { status: 'waiting', gate_id: 'g_1' },
    { status: 'unknown', gate_id: 'g_2' },
    { status: 'waiting', gate_id: 'g_3' },
    { status: 'running', gate_id: 'g_4' },
    { status: 'waiting', gate_id: 'g_5' },
    { status: 'waiting', gate_id: null },
  ] as const;
  expect(keptAnswers(gates, nodes).map(({ id }) => id)).toEqual(['g_1', 'g_2']);
});
