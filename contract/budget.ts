/** Money and tokens of one run: reserved at the worst case before a call, settled after it. The workflow is its only writer. */
import type { BudgetLimit } from './envelope.ts';

/** Sums of dollars have to be exact, so they are kept in whole billionths: up to a million dollars these are safe integers. */
const NANO = 1_000_000_000;
/** A product that is a hair above a whole number is that number. */
const HAIR = 1e-4;

const toNano = (usd: number): number => Math.max(0, Math.ceil(usd * NANO - HAIR));
const toUsd = (nano: number): number => nano / NANO;

/** What a call needs at worst; `usd` null = its price is not known, so it needs all the money that is left. */
export type Need = { usd: number | null; tokens: number };
/** What is kept for one call, and its ceiling. */
export type Reservation = { usd: number; tokens: number };

type Part = { limit: number; spent: number; held: number };
/** What is shown of a budget. `spent` counts a call of unknown cost at all that was kept for it; `unknown` says how many these are. */
export type BudgetFigures = { usd: Part; tokens: Part; wall_ms: { limit: number; spent: number }; unknown: number };

export type Raise = BudgetLimit;

/** What a budget holds, dollars in billionths. */
export type BudgetState = { limit: Reservation; held: Reservation; spent: Reservation; calls: number; unknown: number };

export class Budget {
  #limit: Reservation;
  #held: Reservation = { usd: 0, tokens: 0 };
  #spent: Reservation = { usd: 0, tokens: 0 };
  #calls = 0;
  #unknown = 0;

  constructor(limit: Reservation) {
    this.#limit = { usd: toNano(limit.usd), tokens: limit.tokens };
  }

  /** In: what is kept for calls that go on; others give theirs back. */
  state(goingOn: readonly Reservation[]): BudgetState {
    const held = goingOn.reduce((sum, { usd, tokens }) => ({ usd: sum.usd + toNano(usd), tokens: sum.tokens + tokens }), {
      usd: 0,
      tokens: 0,
    });
    return { limit: this.#limit, held, spent: this.#spent, calls: goingOn.length, unknown: this.#unknown };
  }

  /** Goes on from there; what is kept is settled here. */
  restore({ limit, held, spent, calls, unknown }: BudgetState): void {
    this.#limit = limit;
    this.#held = held;
    this.#spent = spent;
    this.#calls = calls;
    this.#unknown = unknown;
  }

  /** What nobody has spent or holds. */
  get left(): Reservation {
    return { usd: toUsd(this.#leftNano), tokens: this.#leftTokens };
  }

  get #leftNano(): number {
    return this.#limit.usd - this.#spent.usd - this.#held.usd;
  }

  get #leftTokens(): number {
    return this.#limit.tokens - this.#spent.tokens - this.#held.tokens;
  }

  /** Whether calls are under way that may give back some of what they hold. */
  get isHeld(): boolean {
    return this.#calls > 0;
  }

  /** Null when it does not fit. A call of unknown price fits only while no other one is under way, and while there is money left. */
  reserve({ usd, tokens }: Need): Reservation | null {
    if (tokens > this.#leftTokens) return null;
    const isAlone = !this.isHeld && this.#leftNano > 0;
    const nano = usd === null ? (isAlone ? this.#leftNano : Infinity) : toNano(usd);
    if (nano > this.#leftNano) return null;
    this.#held = { usd: this.#held.usd + nano, tokens: this.#held.tokens + tokens };
    this.#calls++;
    return { usd: toUsd(nano), tokens };
  }

  /** What a call really took; null = unknown, then its whole reservation counts as spent. */
  settle(reservation: Reservation, usd: number | null, tokens: number | null): void {
    this.#calls--;
    const nano = Math.round(reservation.usd * NANO);
    this.#held = { usd: this.#held.usd - nano, tokens: this.#held.tokens - reservation.tokens };
    if (usd === null) this.#unknown++;
    this.#spent = {
      usd: this.#spent.usd + (usd === null ? nano : toNano(usd)),
      tokens: this.#spent.tokens + (tokens ?? reservation.tokens),
    };
  }

  raise({ usd, tokens }: Reservation): void {
    this.#limit = { usd: this.#limit.usd + toNano(usd), tokens: this.#limit.tokens + tokens };
  }

  figures(wall: { limit: number; spent: number }): BudgetFigures {
    const part = (name: keyof Reservation, show: (value: number) => number): Part => ({
      limit: show(this.#limit[name]),
      spent: show(this.#spent[name]),
      held: show(this.#held[name]),
    });
    return { usd: part('usd', toUsd), tokens: part('tokens', (value) => value), wall_ms: wall, unknown: this.#unknown };
  }
}

/** Of a limit, so much is asked for at least, so that a person is not asked again at each call. */
const LEAST_SHARE = 1 / 4;
/** Where the limit is 0 and the price is not known. */
const LEAST_USD = 0.25;

/** What a person is asked to add, so that a call fits into what is left. */
export function raiseFor(need: Need, left: Reservation, limit: Reservation): Raise {
  const nano = need.usd === null ? 1 - toNano(left.usd) : toNano(need.usd) - toNano(left.usd);
  const tokens = need.tokens - left.tokens;
  const least = need.usd === null && limit.usd === 0 ? LEAST_USD : limit.usd * LEAST_SHARE;
  return {
    usd: nano <= 0 ? 0 : Math.max(toUsd(nano), least),
    tokens: tokens <= 0 ? 0 : Math.max(tokens, Math.ceil(limit.tokens * LEAST_SHARE)),
    wall_ms: 0,
  };
}

/** The same for time that is used up. */
export function raiseTime(limitMs: number): Raise {
  return { usd: 0, tokens: 0, wall_ms: Math.ceil(limitMs * LEAST_SHARE) };
}

/** A raise in words, one line for each thing. */
export function raiseLines({ usd, tokens, wall_ms: wallMs }: Raise): string[] {
  return [
    ...(usd === 0 ? [] : [`money: ${dollars(usd)} more`]),
    ...(tokens === 0 ? [] : [`tokens: ${tokens} more`]),
    ...(wallMs === 0 ? [] : [`time: ${Math.ceil(wallMs / 1000)} s more`]),
  ];
}

/** Small sums are what calls cost, so they are not rounded to cents. */
export function dollars(usd: number): string {
  return `US$ ${usd >= 1 ? usd.toFixed(2) : usd.toFixed(6).replace(/0{1,4}$/, '')}`;
}
