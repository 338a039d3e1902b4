/** Whether answers that came at the same time could have come one after another: a small linearizability check of one object. */

/** One call: what was asked, what was answered, and when it began and ended. */
export type Done<Op extends string> = { op: Op; answer: string; began: number; ended: number };
export type Model<Op extends string, State> = { initial: State; step: (state: State, op: Op) => { answer: string; next: State } };

/** Out: the answers in an order that the model explains and that keeps what was over before something else began; null when there is none. */
export function oneOrder<Op extends string, State>(calls: readonly Done<Op>[], { initial, step }: Model<Op, State>): Done<Op>[] | null {
  const tried = new Set<string>();
  const search = (left: readonly Done<Op>[], state: State): Done<Op>[] | null => {
    if (left.length === 0) return [];
    const key = JSON.stringify([state, left.map((call) => calls.indexOf(call))]);
    if (tried.has(key)) return null;
    tried.add(key);
    const firstEnd = Math.min(...left.map(({ ended }) => ended));
    for (const call of left) {
      if (call.began > firstEnd) continue;
      const { answer, next } = step(state, call.op);
      if (answer !== call.answer) continue;
      const rest = search(
        left.filter((other) => other !== call),
        next,
      );
      if (rest !== null) return [call, ...rest];
    }
    return null;
  };
  return search(calls, initial);
}
