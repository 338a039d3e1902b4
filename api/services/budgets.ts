/** Limits of money and what is left of them. */
import type { BudgetFigures } from '#contract/budget.ts';
import { countedUsd, dayOf, NOTHING_SPENT, type DailyCaps, type SpentToday } from '#contract/caps.ts';
import type { Budgets } from '#contract/routes/records.ts';
import type { Core } from '../deps.ts';
import { getApproved } from './approved.ts';
import { loadRun } from './run-view.ts';
import { readOpsConfig } from './settings.ts';

/** Throws: NOT_FOUND for a run that does not exist. */
export async function readBudgets(core: Core, { run_id: runId }: { run_id?: string }): Promise<Budgets> {
  const day = dayOf(new Date());
  const [config, spent, run] = await Promise.all([
    readOpsConfig(core),
    core.gics.get<SpentToday>('spending', day),
    runId === undefined ? null : budgetOfRun(core, runId),
  ]);
  return { day, caps: capsOf(config.daily_caps, spent?.value ?? NOTHING_SPENT), run };
}

function capsOf(caps: DailyCaps, spent: SpentToday): Budgets['caps'] {
  const names = new Set([...Object.keys(caps.providers), ...Object.keys(spent.providers)]);
  const row = (provider: string | null, limit: number | null): Budgets['caps'][number] => ({
    provider,
    limit_usd: limit,
    ...countedUsd(spent, provider),
    unknown_calls: unknownCalls(spent, provider),
  });
  return [row(null, caps.usd), ...[...names].toSorted().map((name) => row(name, caps.providers[name] ?? null))];
}

function unknownCalls({ providers }: SpentToday, provider: string | null): number {
  const counted = Object.entries(providers).filter(([name]) => provider === null || name === provider);
  return counted.reduce((sum, [, { unknown_calls: calls }]) => sum + calls, 0);
}

async function budgetOfRun(core: Core, runId: string): Promise<Budgets['run']> {
  const run = await loadRun(core, runId);
  const figures = run['budget'] as BudgetFigures | null | undefined;
  if (figures) {
    const { usd, tokens, wall_ms, unknown } = figures;
    return { usd, tokens, wall_ms, unknown_calls: unknown };
  }
  const { budget } = (await getApproved(core, run.approved_id)).envelope;
  const unspent = (limit: number): BudgetFigures['usd'] => ({ limit, spent: 0, held: 0 });
  return { usd: unspent(budget.usd), tokens: unspent(budget.tokens), wall_ms: { limit: budget.wall_ms, spent: null }, unknown_calls: 0 };
}
