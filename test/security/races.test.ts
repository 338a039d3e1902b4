/** Sixteen people at once: approve, reject, start, revoke and cancel. One wins, and all answers could have come one after another. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANCEL_STREAM } from '#contract/gics.ts';
import type { Approved, Draft, Problem, Run } from '#contract/objects.ts';
import { startApp, type TestApp } from '../helpers/app.ts';
import { rounds } from '../helpers/deep.ts';
import { oneOrder, type Done, type Model } from './one-order.ts';
import { randomOf } from './random.ts';

const ROUNDS = rounds({ quick: 24, deep: 1000 });
/** So many rounds go on beside each other; each has its own draft, approval and run. */
const LANES = 8;

type Decide = 'approve' | 'reject' | 'veto';
const DRAFT: Model<Decide, string | null> = {
  initial: null,
  step: (decided, op) => (decided === null ? { answer: '200', next: op } : { answer: 'ALREADY_DECIDED', next: decided }),
};
type Use = 'start' | 'revoke';
const APPROVAL: Model<Use, { started: boolean; revoked: boolean }> = {
  initial: { started: false, revoked: false },
  step: (state, op) => {
    if (op === 'revoke') return { answer: '200', next: { ...state, revoked: true } };
    if (state.revoked) return { answer: 'APPROVAL_REVOKED', next: state };
    return state.started ? { answer: 'MAX_RUNS_SPENT', next: state } : { answer: '201', next: { ...state, started: true } };
  },
};
const RUN: Model<'cancel', boolean> = {
  initial: false,
  step: (cancelled) => ({ answer: cancelled ? 'ALREADY_CANCELLED' : '200', next: true }),
};

describe('sixteen at once', () => {
  let t: TestApp;
  const ended = new AbortController();
  let worker: Promise<void>;
  beforeAll(async () => {
    t = await startApp({ env: { GIMO_LIMITS: 'read=10000000,write=10000000,stop=10000000' } });
    worker = confirmStops();
  });
  afterAll(async () => {
    ended.abort();
    await worker;
    await t.close();
  });

  /** In place of a worker: every stop is confirmed at once. */
  async function confirmStops(): Promise<void> {
    for await (const { data } of t.store.gics.tail<{ run_id: string }>(CANCEL_STREAM, { from: 1, signal: ended.signal }))
      await t.store.gics.txn([
        {
          op: 'patch',
          collection: 'runs',
          id: data.run_id,
          set: { status: 'cancelled', final_ref: 'a'.repeat(64), finished_at: new Date().toISOString() },
        },
      ]);
  }

  const draft = async (): Promise<Draft> => (await t.post<Draft>('/ops/drafts', { prompt: 'race' })).body;
  const approval = async (isRun: boolean): Promise<{ approved: Approved; run: Run }> =>
    (await t.post<{ approved: Approved; run: Run }>(`/ops/drafts/${(await draft()).id}/approve?auto_run=${isRun}`)).body;
  const random = randomOf(1);
  /** Some come a little later than others, so that there are losers who find the winner and losers who race with it. */
  const call = async <Op extends string>(op: Op, url: string, body?: object): Promise<Done<Op>> => {
    for (let lead = random.below(5); lead > 0; lead--) await t.get('/ops/drafts?limit=1');
    const began = performance.now();
    const { status, body: answer } = await t.post<Problem | null>(url, body);
    return { op, answer: status < 300 ? String(status) : (answer?.code ?? String(status)), began, ended: performance.now() };
  };
  const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

  async function round(): Promise<string | null> {
    const [open, ready, live] = await Promise.all([draft(), approval(false), approval(true)]);
    const on = `/ops/drafts/${open.id}`;
    const decide = [
      ...times(3, () => call<Decide>('approve', `${on}/approve?auto_run=false`)),
      ...times(2, () => call<Decide>('reject', `${on}/reject`)),
      call<Decide>('veto', `${on}/veto`),
    ];
    const use = [
      ...times(4, () => call<Use>('start', '/ops/runs', { approved_id: ready.approved.id })),
      call<Use>('revoke', `/ops/approved/${ready.approved.id}/revoke`),
    ];
    const stop = times(5, () => call<'cancel'>('cancel', `/ops/runs/${live.run.id}/cancel`));
    const [decided, used, stopped] = [await Promise.all(decide), await Promise.all(use), await Promise.all(stop)];
    const answers = [...decided, ...used, ...stopped];
    if (answers.length !== 16) return `${answers.length} answers`;
    if (oneOrder(decided, DRAFT) === null) return `no order of ${JSON.stringify(decided)}`;
    if (oneOrder(used, APPROVAL) === null) return `no order of ${JSON.stringify(used)}`;
    if (oneOrder(stopped, RUN) === null) return `no order of ${JSON.stringify(stopped)}`;
    return storedFault(open.id, decided, ready.approved.id, used);
  }

  /** What is stored is what the answers say. */
  async function storedFault(draftId: string, decided: Done<Decide>[], approvedId: string, used: Done<Use>[]): Promise<string | null> {
    const winner = decided.find(({ answer }) => answer === '200')?.op;
    const { status } = (await t.get<Draft>(`/ops/drafts/${draftId}`)).body;
    const [artifacts, decisions, runs] = await Promise.all([
      t.store.gics.count('approved', { draft_id: draftId }),
      t.store.gics.count('decisions', { subject_id: draftId }),
      t.store.gics.count('runs', { approved_id: approvedId }),
    ]);
    const started = used.filter(({ answer }) => answer === '201').length;
    const stored = [status, artifacts, decisions, runs];
    const due = [winner === 'approve' ? 'approved' : 'rejected', winner === 'approve' ? 1 : 0, 1, started];
    return JSON.stringify(stored) === JSON.stringify(due) ? null : `stored ${JSON.stringify(stored)} instead of ${JSON.stringify(due)}`;
  }

  it(`get answers of one order, and one winner each, in ${ROUNDS.toLocaleString('en')} rounds`, { timeout: 3_000_000 }, async () => {
    const faults: string[] = [];
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < ROUNDS && faults.length === 0) {
        next += 1;
        const fault = await round();
        if (fault !== null) faults.push(fault);
      }
    };
    await Promise.all(times(LANES, lane));
    expect(faults).toEqual([]);
    expect(next).toBe(ROUNDS);
  });
});

describe('the check for one order', () => {
  const at = (op: Decide, answer: string, began: number, end: number): Done<Decide> => ({ op, answer, began, ended: end });

  it('finds one where there is one, and none for two winners, for no winner, or for a loser who was done before the winner began', () => {
    expect(oneOrder([at('reject', 'ALREADY_DECIDED', 0, 9), at('approve', '200', 1, 2)], DRAFT)?.map(({ op }) => op)).toEqual([
      'approve',
      'reject',
    ]);
    expect(oneOrder([at('approve', '200', 0, 9), at('reject', '200', 0, 9)], DRAFT)).toBeNull();
    expect(oneOrder([at('approve', 'ALREADY_DECIDED', 0, 9)], DRAFT)).toBeNull();
    expect(oneOrder([at('reject', 'ALREADY_DECIDED', 0, 1), at('approve', '200', 2, 3)], DRAFT)).toBeNull();
  });
});
