/** What was recorded of the work: cost. */
import { RunId } from '../ids.ts';
import { z } from '../zod.ts';
import { BOTH, COMMON_ERRORS, route } from './route.ts';

const Sums = { calls: z.int(), cost_usd: z.number().nullable(), tokens: z.int().nullable() };

/** A sum with one unknown part is null; `known_usd` is the sum of the known ones. */
export const CostSchema = z.object({
  ...Sums,
  known_usd: z.number(),
  unknown_calls: z.int(),
  by_model: z.array(z.object({ provider: z.string(), model: z.string().nullable(), ...Sums })),
  /** Since when calls were counted; null: since the run began. */
  since: z.string().nullable(),
  /** True when there were more calls than are read at once, and older ones were left out. */
  partial: z.boolean(),
});
export type Cost = z.output<typeof CostSchema>;

const Part = z.object({ limit: z.number(), spent: z.number(), held: z.number() });
/** `spent` counts a call of unknown cost at all that was kept for it; `held` is kept for calls that have not ended. */
export const BudgetsSchema = z.object({
  /** The day (UTC) that the caps are about. */
  day: z.string(),
  /** `provider` null: all of them together. `limit_usd` null: no limit. */
  caps: z.array(
    z.object({
      provider: z.string().nullable(),
      limit_usd: z.number().nullable(),
      spent_usd: z.number(),
      held_usd: z.number(),
      unknown_calls: z.int(),
    }),
  ),
  /** Of the run that was asked for: what was approved, and what people added to it. */
  run: z
    .object({ usd: Part, tokens: Part, wall_ms: z.object({ limit: z.number(), spent: z.number().nullable() }), unknown_calls: z.int() })
    .nullable(),
});
export type Budgets = z.output<typeof BudgetsSchema>;

export const recordRoutes = {
  cost_get: route({
    method: 'GET',
    path: '/ops/cost',
    summary: 'What model calls cost, by provider and model: of one run, or of the last days',
    role: 'actions',
    classes: BOTH,
    query: z.strictObject({ run_id: RunId.optional(), days: z.coerce.number().int().min(1).max(365).default(30) }),
    responses: { 200: CostSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND'],
    forIntegrations: true,
  }),
  cost_budgets: route({
    method: 'GET',
    path: '/ops/cost/budgets',
    summary: 'Limits of money and what is left of them: the caps of today, and the budget of one run',
    role: 'actions',
    classes: BOTH,
    query: z.strictObject({ run_id: RunId.optional() }),
    responses: { 200: BudgetsSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND'],
    forIntegrations: true,
  }),
} as const;
