/** Who waits, who asks and who goes on when the budget of a run gets short; persons are promises here. */
import { describe, expect, it } from 'vitest';
import { errorCode } from '#contract/errors.ts';
import type { Decision } from '#contract/decision.ts';
import type { Reservation } from '#contract/budget.ts';
import type { Delta } from '#contract/plan-delta.ts';
import { NodeFailure } from './failure.ts';
import { Spending } from './spending.ts';

const by = 'operator:0123456789ab';

type Fake = {
  spending: Spending;
  questions: { node: string; message: string }[];
  granted: Delta[];
  notes: string[];
  answer: (verdict: 'approve' | 'reject') => void;
  time: { limit: number; spent: number };
};

function fake(asks = true): Fake {
  const questions: { node: string; message: string }[] = [];
  const granted: Delta[] = [];
  const notes: string[] = [];
  const time = { limit: 1000, spent: 0 };
  let reply: (decision: Decision) => void = () => undefined;
  const spending = new Spending({
    limit: { usd: 1, tokens: 1000 },
    asks,
    wall: () => time,
    ask: (_kind, question) => {
      questions.push(question);
      return new Promise((resolve) => (reply = resolve));
    },
    widen: (_id, delta) => {
      granted.push(delta);
      time.limit += delta.budget?.wall_ms ?? 0;
    },
    note: (node, text) => void notes.push(`${node} ${text}`),
  });
  const answer = (verdict: 'approve' | 'reject'): void => reply({ id: 'x_1', verdict, by } as Decision);
  return { spending, questions, granted, notes, answer, time };
}

const spender = (id: string) => ({ id, kind: 'llm', attempt: 1 }) as const;
const call = (t: Fake, id: string, usd: number): Reservation | Promise<Reservation> => t.spending.reserve(spender(id), { usd, tokens: 10 });
const failureOf = async (work: Reservation | Promise<Reservation>): Promise<{ code: string; message: string }> => {
  const error = await Promise.resolve(work).catch((thrown: unknown) => thrown);
  if (!(error instanceof NodeFailure)) throw new Error('it did not fail');
  return error.info;
};

describe('a call that does not fit into what is left', () => {
  it('waits while others hold what they may give back, and a person is not asked', async () => {
    const t = fake();
    const first = await call(t, 'a', 0.9);
    const second = call(t, 'b', 0.5);
    expect(t.notes).toEqual([expect.stringContaining('b waits for the budget')]);
    expect(call(t, 'c', 0.1), 'what fits goes on').not.toBeInstanceOf(Promise);
    t.spending.settle(first, 0.2, 10);
    expect(await second).toEqual({ usd: 0.5, tokens: 10 });
    expect(t.questions).toEqual([]);
  });

  it('asks a person once nobody else can help, and others that fit go on meanwhile', async () => {
    const t = fake();
    t.spending.settle(await call(t, 'a', 0.9), 0.9, 10);
    const big = call(t, 'big', 0.5);
    const alsoBig = call(t, 'also', 0.3);
    expect(t.questions).toMatchObject([{ node: 'big', message: expect.stringContaining('money: US$ 0.40 more') }]);
    expect(call(t, 'small', 0.05)).not.toBeInstanceOf(Promise);
    t.answer('approve');
    await Promise.resolve();
    t.spending.settle({ usd: 0.05, tokens: 10 }, 0, 10);
    expect(await big).toEqual({ usd: 0.5, tokens: 10 });
    expect(t.granted).toMatchObject([{ budget: { usd: 0.4, tokens: 0, wall_ms: 0 }, commands: [], kinds: [] }]);
    t.spending.settle({ usd: 0.5, tokens: 10 }, 0.1, 10);
    expect(await alsoBig).toEqual({ usd: 0.3, tokens: 10 });
    expect(t.questions).toHaveLength(1);
  });

  it('fails when the answer is no, and so does every later one without another question', async () => {
    const t = fake();
    const big = call(t, 'big', 2);
    const second = call(t, 'second', 3);
    t.answer('reject');
    expect(await failureOf(big)).toMatchObject({ code: 'BUDGET_EXCEEDED', message: expect.stringContaining(`${by} did not raise it`) });
    expect(await failureOf(second)).toMatchObject({ code: 'BUDGET_EXCEEDED' });
    expect(await failureOf(call(t, 'third', 4))).toMatchObject({ code: 'BUDGET_EXCEEDED' });
    expect(t.questions).toHaveLength(1);
  });

  it('fails at once where the plan says so', () => {
    const t = fake(false);
    expect(() => call(t, 'big', 2)).toThrow(/The call may take US\$ 2.00 and 10 tokens at most; US\$ 1.00 and 1000 tokens are left/);
    expect(t.questions).toEqual([]);
  });

  it('ends with the run', async () => {
    const t = fake();
    const first = await call(t, 'a', 1);
    const second = Promise.resolve(call(t, 'b', 1)).catch((error: unknown) => error);
    t.spending.stop();
    expect(await second).toMatchObject({ name: 'CancelledFailure' });
    t.spending.settle(first, 0, 0);
    expect(errorCode(await second)).toBeNull();
  });
});

describe('time that is used up', () => {
  it('is asked for at once, although calls are under way', async () => {
    const t = fake();
    await call(t, 'a', 1);
    expect(t.spending.time(spender('b'))).toBeNull();
    t.time.spent = 1000;
    const more = t.spending.time(spender('b'));
    expect(t.questions).toMatchObject([{ node: 'b', message: expect.stringContaining('time: 1 s more') }]);
    t.answer('approve');
    await more;
    expect(t.granted).toMatchObject([{ budget: { usd: 0, tokens: 0, wall_ms: 250 } }]);
  });
});
