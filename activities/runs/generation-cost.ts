/** A plan that a model writes costs what any call does: it counts against the caps of the day, and stands in the cost stream. */
import { BudgetSchema } from '#contract/envelope.ts';
import { COST_STREAM } from '#contract/gics.ts';
import type { LlmRequest, LlmResult, Provider } from '#contract/provider.ts';
import { worstCaseUsd } from '#contract/worst-case.ts';
import type { ActivityDeps } from '../deps.ts';
import { holdOfDay } from '../effects/daily-caps.ts';
import { callFacts, costOf } from '../failure.ts';
import { priceOf } from '../providers/prices.ts';

/** What is kept of the day for a call whose price nobody knows: as much as a run may spend that says nothing else. */
const UNKNOWN_USD = BudgetSchema.parse({}).usd;

type Priced = { key: string; name: string; provider: Provider; request: LlmRequest };
type Done = Pick<LlmResult, 'cost_usd' | 'usage' | 'model'>;

/** In: the call, and what makes it below the ceiling that was kept for it. Throws: BUDGET_EXCEEDED before it is made, GICS_UNAVAILABLE, what it throws. */
export async function counted(
  { gics, log }: Pick<ActivityDeps, 'gics' | 'log'>,
  { key, name, provider, request }: Priced,
  call: (maxUsd: number | null) => Promise<LlmResult>,
): Promise<LlmResult> {
  const price = priceOf(provider);
  const isFree = price?.basis === 'local';
  const usd = worstCaseUsd(request, price) ?? UNKNOWN_USD;
  const settle = isFree ? null : await holdOfDay(gics, { key, provider: name, usd });
  const record = async ({ cost_usd, usage, model }: Done): Promise<void> => {
    await settle?.(cost_usd);
    const tokens = usage === null ? null : usage.input_tokens + usage.output_tokens;
    const data = { run_id: null, node: null, attempt: 1, provider: name, model, usage, cost_usd, tokens, at: new Date().toISOString() };
    await gics.txn([{ op: 'append', stream: COST_STREAM, items: [{ key, data }] }]);
  };
  // What was kept and is not settled counts as a whole: no reason to lose the answer.
  const noted = (done: Done): Promise<void> =>
    record(done).catch((error: unknown) => log.warn({ err: error, key }, 'a call could not be settled for the day'));
  try {
    const result = await call(price === null ? null : usd);
    await noted(result);
    return result;
  } catch (error) {
    await noted({ cost_usd: costOf(error), usage: null, model: callFacts(error).model ?? provider.model });
    throw error;
  }
}
