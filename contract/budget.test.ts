import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget, dollars, raiseFor, raiseLines, type Reservation } from './budget.ts';

const LIMIT = { usd: 1, tokens: 1000 };

/** A call that asks, and what it then takes of what it got: null = nobody knows. */
type Step = { ask: { usd: number | null; tokens: number } } | { end: number; share: number | null };
const stepArb: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    ask: fc.record({
      usd: fc.option(fc.double({ min: 0, max: 0.7, noNaN: true }), { freq: 5 }),
      tokens: fc.integer({ min: 0, max: 600 }),
    }),
  }),
  fc.record({ end: fc.nat(20), share: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 3 }) }),
);

describe('a budget', () => {
  it('is never passed by what is spent and held together, whatever calls ask for, take or hide', () => {
    fc.assert(
      fc.property(fc.array(stepArb, { maxLength: 60 }), (steps) => {
        const budget = new Budget(LIMIT);
        const open: Reservation[] = [];
        for (const step of steps) {
          if ('ask' in step) {
            const reservation = budget.reserve(step.ask);
            if (reservation) open.push(reservation);
          } else {
            const [reservation] = open.splice(step.end % Math.max(1, open.length), 1);
            const { share } = step;
            if (reservation && share === null) budget.settle(reservation, null, null);
            else if (reservation && share !== null)
              budget.settle(reservation, reservation.usd * share, Math.floor(reservation.tokens * share));
          }
          const { usd, tokens } = budget.figures({ limit: 0, spent: 0 });
          expect(usd.spent + usd.held).toBeLessThanOrEqual(LIMIT.usd + 1e-9);
          expect(tokens.spent + tokens.held).toBeLessThanOrEqual(LIMIT.tokens);
          expect(Math.min(usd.spent, usd.held, tokens.spent, tokens.held)).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('adds up small sums exactly, so that ten times a tenth fits into one', () => {
    const budget = new Budget(LIMIT);
    for (let call = 0; call < 10; call++) expect(budget.reserve({ usd: 0.1, tokens: 1 })).toEqual({ usd: 0.1, tokens: 1 });
    expect(budget.left.usd).toBe(0);
    expect(budget.reserve({ usd: 1e-9, tokens: 1 })).toBeNull();
    expect(budget.reserve({ usd: 0, tokens: 1 }), 'what costs nothing still fits').toEqual({ usd: 0, tokens: 1 });
  });

  it('counts a call whose end nobody knows at all that was kept for it, and says that it is one', () => {
    const budget = new Budget(LIMIT);
    const reservation = budget.reserve({ usd: 0.4, tokens: 300 });
    if (!reservation) throw new Error('it did not fit');
    budget.settle(reservation, null, null);
    const { usd, tokens, unknown } = budget.figures({ limit: 0, spent: 0 });
    expect({ usd, tokens, unknown }).toEqual({
      usd: { limit: 1, spent: 0.4, held: 0 },
      tokens: { limit: 1000, spent: 300, held: 0 },
      unknown: 1,
    });
  });

  it('gives a call of unknown price all the money that is left, and only while no other call is under way', () => {
    const budget = new Budget(LIMIT);
    const known = budget.reserve({ usd: 0.25, tokens: 1 });
    if (!known) throw new Error('it did not fit');
    expect(budget.reserve({ usd: null, tokens: 1 })).toBeNull();
    budget.settle(known, 0.25, 1);
    expect(budget.reserve({ usd: null, tokens: 1 })).toEqual({ usd: 0.75, tokens: 1 });
  });

  it('fits a call once it was raised by what was asked for', () => {
    const needs = fc.record({ usd: fc.option(fc.double({ min: 0, max: 50, noNaN: true })), tokens: fc.integer({ min: 0, max: 5000 }) });
    fc.assert(
      fc.property(needs, fc.double({ min: 0, max: 10, noNaN: true }), (need, usd) => {
        const limit = { usd, tokens: 1000 };
        const budget = new Budget(limit);
        if (budget.reserve(need) !== null) return;
        budget.raise(raiseFor(need, budget.left, limit));
        expect(budget.reserve(need)).not.toBeNull();
      }),
      { numRuns: 2000 },
    );
  });
});

it('a raise is said in words, and small sums are not rounded to nothing', () => {
  expect(raiseLines({ usd: 0.25, tokens: 0, wall_ms: 900_001 })).toEqual(['money: US$ 0.25 more', 'time: 901 s more']);
  expect([dollars(0), dollars(0.000012), dollars(12.5)]).toEqual(['US$ 0.00', 'US$ 0.000012', 'US$ 12.50']);
});
