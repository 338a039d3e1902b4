/** The budget of one run as nodes meet it: what does not fit waits for others to settle, and then for a person to raise it. */
import { CancelledFailure } from '@temporalio/workflow';
import {
  Budget,
  dollars,
  raiseFor,
  raiseLines,
  raiseTime,
  type BudgetFigures,
  type Need,
  type Raise,
  type Reservation,
} from '#contract/budget.ts';
import { canonicalJson } from '#contract/canonical.ts';
import type { Decision, GateContent } from '#contract/decision.ts';
import type { Json } from '#contract/json.ts';
import type { NodeKind } from '#contract/nodes/index.ts';
import type { KeptSpending } from '#contract/segment.ts';
import { budgetDelta, type Delta } from '#contract/plan-delta.ts';
import { errorInfo, NodeFailure } from './failure.ts';

/** The node that needs something. */
export type Spender = { id: string; kind: NodeKind; attempt: number };

type Waiter = Spender & {
  /** Null when it does not fit. */
  take: () => Reservation | null;
  /** What would have to be added; others that settle may do as well, unless it is time. */
  missing: () => Raise;
  /** What it needs, in words. */
  wants: string;
  isTime: boolean;
  grant: (reservation: Reservation) => void;
  refuse: (error: unknown) => void;
};
type Wanted = Pick<Waiter, 'take' | 'missing' | 'wants' | 'isTime'>;

type Parts = {
  limit: { usd: number; tokens: number };
  /** Whether a person is asked at the end of the budget. */
  asks: boolean;
  /** Of the effects that are under way together. */
  wall: () => { limit: number; spent: number };
  ask: (kind: NodeKind, question: Omit<GateContent, 'run_id' | 'approval_hash'>) => Promise<Decision>;
  /** Adds the raise to the envelope of the run, for effects to verify. */
  widen: (decisionId: string, delta: Delta) => void;
  note: (node: string, text: string) => void;
};

/** With less money nobody can begin anything. */
const LEAST_USD = 0.0001;
const NO_RESERVATION: Reservation = { usd: 0, tokens: 0 };

export class Spending {
  readonly #budget: Budget;
  readonly #parts: Parts;
  #waiting: Waiter[] = [];
  #isAsking = false;
  /** What a person is asked, or was in the segment before: a yes is to exactly that. */
  #asked = new Map<string, Raise>();
  /** Who said no to more. */
  #refusedBy: string | null = null;
  #isStopped = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#budget = new Budget(parts.limit);
  }

  get figures(): BudgetFigures {
    return this.#budget.figures(this.#parts.wall());
  }

  get left(): Reservation {
    return this.#budget.left;
  }

  /** In: what is kept for calls that go on meanwhile. */
  kept(goingOn: readonly Reservation[]): KeptSpending {
    return { budget: this.#budget.state(goingOn), asked: Object.fromEntries(this.#asked), refused_by: this.#refusedBy };
  }

  restore({ budget, asked, refused_by }: KeptSpending): void {
    this.#budget.restore(budget);
    this.#asked = new Map(Object.entries(asked));
    this.#refusedBy = refused_by;
  }

  /**
   * Keeps the worst case of one call. Out: the reservation, or its promise where it has to wait: for others to settle, then for a
   * person. Throws: BUDGET_EXCEEDED when it fits never, cancellation.
   */
  reserve(spender: Spender, need: Need): Reservation | Promise<Reservation> {
    const money = need.usd === null ? 'an unknown sum of money' : dollars(need.usd);
    return this.#take(spender, {
      take: () => this.#budget.reserve(need),
      missing: () => raiseFor(need, this.#budget.left, this.#parts.limit),
      wants: `${money} and ${need.tokens} tokens at most`,
      isTime: false,
    });
  }

  /** The same, but content with what is left once nobody else holds any of it. */
  reserveUpTo(spender: Spender, wanted: Reservation): Reservation | Promise<Reservation> {
    const least = { usd: wanted.usd === 0 ? 0 : LEAST_USD, tokens: Math.min(1, wanted.tokens) };
    const rest = (): Need => {
      const { usd, tokens } = this.#budget.left;
      return { usd: Math.min(wanted.usd, usd), tokens: Math.min(wanted.tokens, tokens) };
    };
    const isWorthIt = ({ usd, tokens }: Reservation): boolean => usd >= least.usd && tokens >= least.tokens;
    return this.#take(spender, {
      take: () =>
        this.#budget.reserve(wanted) ?? (!this.#budget.isHeld && isWorthIt(this.#budget.left) ? this.#budget.reserve(rest()) : null),
      missing: () => raiseFor(wanted, this.#budget.left, this.#parts.limit),
      wants: `${dollars(wanted.usd)} and ${wanted.tokens} tokens`,
      isTime: false,
    });
  }

  /** Null when time is left; else waits for a person who adds some. Throws: BUDGET_EXCEEDED, cancellation. */
  time(spender: Spender): null | Promise<Reservation> {
    const hasTime = (): Reservation | null => (this.#parts.wall().spent < this.#parts.wall().limit ? NO_RESERVATION : null);
    if (hasTime()) return null;
    const missing = (): Raise => raiseTime(this.#parts.wall().limit);
    const taken = this.#take(spender, { take: hasTime, missing, wants: 'time', isTime: true });
    return taken instanceof Promise ? taken : null;
  }

  /** What a call really took; null = unknown, then all that was kept for it counts. */
  settle(reservation: Reservation, usd: number | null, tokens: number | null): void {
    this.#budget.settle(reservation, usd, tokens);
    this.#serve();
  }

  stop(): void {
    this.#isStopped = true;
    for (const waiter of this.#waiting.splice(0)) waiter.refuse(new CancelledFailure('the run was stopped'));
  }

  #take(spender: Spender, wanted: Wanted): Reservation | Promise<Reservation> {
    const taken = wanted.take();
    if (taken) return taken;
    if (!this.#parts.asks) throw exceeded(spender, this.#sentence(wanted));
    if (this.#isStopped) throw new CancelledFailure('the run was stopped');
    return new Promise((grant, refuse) => {
      this.#waiting.push({ ...spender, ...wanted, grant, refuse });
      this.#serve();
      if (this.#waiting.some((waiter) => waiter.grant === grant))
        this.#parts.note(spender.id, `waits for the budget: it may take ${wanted.wants}, and what is left is kept for others`);
    });
  }

  /** In the order of asking; the first that nobody else can help asks a person, and what fits goes on meanwhile. */
  #serve(): void {
    const still: Waiter[] = [];
    let isTaken = false;
    for (const waiter of this.#waiting) {
      // Nobody takes what the one before it waits for.
      const isBehind = !waiter.isTime && isTaken;
      const taken = isBehind ? null : waiter.take();
      if (taken) waiter.grant(taken);
      else if (isBehind || this.#mayYetFit(waiter)) still.push(waiter);
      else if (this.#refusedBy !== null) waiter.refuse(exceeded(waiter, `${this.#sentence(waiter)} ${this.#refusedBy} did not raise it.`));
      else if (this.#isAsking) still.push(waiter);
      else void this.#ask(waiter);
      isTaken ||= !waiter.isTime && still.at(-1) === waiter;
    }
    this.#waiting = still;
  }

  #mayYetFit({ isTime }: Waiter): boolean {
    return !isTime && this.#budget.isHeld;
  }

  async #ask(waiter: Waiter): Promise<void> {
    this.#isAsking = true;
    const raise = this.#asked.get(waiter.id) ?? waiter.missing();
    this.#asked.set(waiter.id, raise);
    try {
      const { verdict, id, by } = await this.#parts.ask(waiter.kind, this.#question(waiter, raise));
      if (verdict === 'approve') this.#raise(id, raise);
      else this.#refusedBy = by;
      this.#waiting.unshift(waiter);
    } catch (error) {
      waiter.refuse(error);
    }
    this.#asked.delete(waiter.id);
    this.#isAsking = false;
    this.#serve();
  }

  #raise(decisionId: string, raise: Raise): void {
    this.#budget.raise(raise);
    this.#parts.widen(decisionId, budgetDelta(raise));
  }

  #question(waiter: Waiter, raise: Raise): Omit<GateContent, 'run_id' | 'approval_hash'> {
    const { id, attempt } = waiter;
    const evidence = { delta: budgetDelta(raise), budget: this.figures };
    return {
      node: id,
      attempt,
      kind: 'budget',
      title: `May ${id} go beyond the budget of the run?`,
      message: `${this.#sentence(waiter)} A yes adds ${raiseLines(raise).join(', ')}.`,
      risk: 'medium',
      // Plain JSON, in the form that is hashed: what is decided is what effects read back.
      evidence: JSON.parse(canonicalJson(evidence)) as Json,
    };
  }

  #sentence({ wants, isTime }: Wanted): string {
    if (isTime) return 'The time in the budget is used up.';
    const { usd, tokens } = this.#budget.left;
    return `The call may take ${wants}; ${dollars(usd)} and ${tokens} tokens are left in the budget.`;
  }
}

function exceeded({ attempt }: Spender, message: string): NodeFailure {
  return new NodeFailure(errorInfo('BUDGET_EXCEEDED', message, attempt));
}
