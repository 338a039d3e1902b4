/** Money and tokens of one run: reserved at the worst case before a call, settled after it. The workflow is its only writer. */
import { GimoError } from './errors.ts';

const BYTES_PER_TOKEN = 2;

/** More tokens than a request of this size can have, give or take exotic scripts: the limit must hold, not be tight. */
export function worstCaseTokens(promptChars: number, maxOutputTokens: number): number {
  return Math.ceil(promptChars / BYTES_PER_TOKEN) + maxOutputTokens;
}

export type Reservation = { usd: number; tokens: number };

export class Budget {
  readonly #limit: Reservation;
  #reserved: Reservation = { usd: 0, tokens: 0 };
  #spent: Reservation = { usd: 0, tokens: 0 };
  #calls = 0;

  constructor(limit: Reservation) {
    this.#limit = limit;
  }

  get leftUsd(): number {
    return this.#limit.usd - this.#spent.usd - this.#reserved.usd;
  }

  get leftTokens(): number {
    return this.#limit.tokens - this.#spent.tokens - this.#reserved.tokens;
  }

  /**
   * Reserves one call. Its price is not known here, so the call gets a share of what is left as its ceiling and is cut
   * there; calls that run side by side never get more together than there is. Throws: BUDGET_EXCEEDED.
   */
  reserve(tokens: number): Reservation {
    if (tokens > this.leftTokens) {
      throw new GimoError('BUDGET_EXCEEDED', {
        message: `The call may need ${tokens} tokens and ${this.leftTokens} are left in the budget.`,
      });
    }
    if (this.leftUsd < 0) throw new GimoError('BUDGET_EXCEEDED', { message: 'Nothing is left of the money in the budget.' });
    const reservation = { usd: this.#calls === 0 ? this.leftUsd : this.leftUsd / 2, tokens };
    this.#reserved = { usd: this.#reserved.usd + reservation.usd, tokens: this.#reserved.tokens + tokens };
    this.#calls++;
    return reservation;
  }

  /** What a call really took; null = unknown, then its whole reservation counts as spent. */
  settle(reservation: Reservation, usd: number | null, tokens: number | null): void {
    this.#calls--;
    this.#reserved = { usd: this.#reserved.usd - reservation.usd, tokens: this.#reserved.tokens - reservation.tokens };
    this.#spent = { usd: this.#spent.usd + (usd ?? reservation.usd), tokens: this.#spent.tokens + (tokens ?? reservation.tokens) };
  }
}
