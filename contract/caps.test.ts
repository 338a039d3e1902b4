import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { countedUsd, holdToday, NOTHING_SPENT, settleToday, type SpentToday } from './caps.ts';

const CAPS = { usd: 10, providers: { a: 4 } };

function held(day: SpentToday, key: string, provider: string, usd: number): SpentToday {
  const next = holdToday(day, { key, provider, usd }, CAPS);
  if (!('held' in next)) throw new Error(`${key} does not fit: ${JSON.stringify(next)}`);
  return next;
}

it('the caps of a day hold for each provider and for all, whatever calls cost', () => {
  const call = fc.record({
    provider: fc.constantFrom('a', 'b'),
    usd: fc.double({ min: 0, max: 3, noNaN: true }),
    share: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    isEnded: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 40 }), (calls) => {
      let day = NOTHING_SPENT;
      for (const [index, { provider, usd, share, isEnded }] of calls.entries()) {
        const key = `k${index}`;
        const next = holdToday(day, { key, provider, usd }, CAPS);
        if (!('held' in next)) continue;
        day = isEnded ? settleToday(next, key, share === null ? null : usd * share) : next;
        for (const [name, cap] of [['a', 4] as const, [null, 10] as const]) {
          const { spent_usd, held_usd } = countedUsd(day, name);
          expect(spent_usd + held_usd).toBeLessThanOrEqual(cap + 1e-9);
        }
      }
    }),
    { numRuns: 1000 },
  );
});

it('says which cap is reached, and a repeat of a call counts once', () => {
  const day = held(NOTHING_SPENT, 'k1', 'a', 3);
  expect(held(day, 'k1', 'a', 3)).toEqual(day);
  expect(holdToday(day, { key: 'k2', provider: 'a', usd: 2 }, CAPS)).toEqual({ provider: 'a', cap_usd: 4, left_usd: 1 });
  expect(holdToday(day, { key: 'k2', provider: 'b', usd: 8 }, CAPS)).toEqual({ provider: null, cap_usd: 10, left_usd: 7 });
});

it('a call of unknown cost counts at all that was kept for it, and what was never settled goes on counting', () => {
  const ended = settleToday(held(NOTHING_SPENT, 'k1', 'a', 3), 'k1', null);
  expect(ended).toEqual({ held: {}, providers: { a: { spent_usd: 3, unknown_calls: 1 } } });
  expect(settleToday(ended, 'k1', 1), 'settled twice is settled once').toEqual(ended);
  expect(countedUsd(held(ended, 'k2', 'a', 1), null)).toEqual({ spent_usd: 3, held_usd: 1 });
});
