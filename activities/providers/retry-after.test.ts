import { expect, test } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.parse('2026-11-21T10:00:00Z');

test.each<[string, Record<string, string>, number | null]>([
  ['nothing', {}, null],
  ['nonsense', { 'retry-after': 'soon' }, null],
  ['milliseconds before seconds', { 'retry-after-ms': '1500', 'retry-after': '9' }, 1500],
  ['seconds', { 'retry-after': '9' }, 9000],
  ['fractions of a second', { 'retry-after': '0.5' }, 500],
  ['an HTTP date', { 'retry-after': 'Sat, 21 Nov 2026 10:00:30 GMT' }, 30_000],
  ['a date that has passed', { 'retry-after': 'Sat, 21 Nov 2026 09:00:00 GMT' }, 200],
  ['too little', { 'retry-after-ms': '1' }, 200],
  ['too much', { 'retry-after': '3600' }, 60_000],
  ['a reset with units', { 'x-ratelimit-reset-requests': '1m2.5s' }, 60_000],
  ['a reset in ms', { 'x-ratelimit-reset-tokens': '450ms' }, 450],
  ['the longest reset', { 'x-ratelimit-reset-tokens': '2s', 'x-ratelimit-reset-requests': '8.64s' }, 8640],
  [
    'the reset of what is used up',
    {
      'x-ratelimit-reset-tokens': '2s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-requests': '8s',
      'x-ratelimit-remaining-requests': '5',
    },
    2000,
  ],
  ['Unix time in milliseconds', { 'x-ratelimit-reset': String(NOW + 4000) }, 4000],
  ['Unix time in seconds', { 'x-ratelimit-reset': String(NOW / 1000 + 5) }, 5000],
  ['a reset of Anthropic', { 'anthropic-ratelimit-input-tokens-reset': '2026-11-21T10:00:12Z' }, 12_000],
])('%s', (_name, headers, expected) => {
  expect(retryAfterMs(new Headers(headers), NOW)).toBe(expected);
});

test('no headers at all', () => {
  expect(retryAfterMs(null, NOW)).toBeNull();
});
