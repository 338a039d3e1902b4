import { expect, test } from 'vitest';
import { answerText } from './gate-options.ts';

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
