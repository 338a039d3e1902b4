import { useQuery } from '@tanstack/react-query';
import { Coins } from 'lucide-react';
import type { Run } from '#contract/objects.ts';
import { plural } from '#contract/plural.ts';
import { isRunEnded } from '#contract/run-state.ts';
import { budgets } from '../../api/queries.ts';
import { cost } from '../../lib/format.ts';

const POLL_MS = 5000;

/** What the run cost, of what it may; calls whose cost is not known are named and not hidden in the sum. */
export function BudgetFigure({ run }: { run: Run }) {
  const query = useQuery(budgets(run.id, isRunEnded(run.status) ? false : POLL_MS));
  const budget = query.data?.run;
  const details = budget && [
    `${budget.tokens.spent.toLocaleString('en')} of ${budget.tokens.limit.toLocaleString('en')} tokens`,
    ...(budget.usd.held === 0 ? [] : [`${cost(budget.usd.held)} kept for calls under way`]),
    ...(budget.unknown_calls === 0
      ? []
      : [`${plural(budget.unknown_calls, 'call')} of unknown cost, counted at all that was kept for them`]),
  ];
  return (
    <span title={details?.join('; ')}>
      <Coins aria-hidden className="size-4" />
      {cost(run.cost_usd)}
      {budget && ` (${cost(budget.usd.spent)} of ${cost(budget.usd.limit)} in the budget)`}
    </span>
  );
}
