/** Money that all runs together may spend in one day (UTC): in all, and at each provider. Counted in GICS. */
import { z } from './zod.ts';

const Usd = z.number().min(0).max(1_000_000);

export const DailyCapsSchema = z.strictObject({
  /** Null: no limit. */
  usd: Usd.nullable().default(null),
  /** By the name of the provider. */
  providers: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/), Usd).default({}),
});
export type DailyCaps = z.output<typeof DailyCapsSchema>;

/** One day: what calls have cost, and what is kept for those that have not ended. A crash leaves an entry, which counts as a whole. */
export type SpentToday = {
  providers: Record<string, { spent_usd: number; unknown_calls: number }>;
  held: Record<string, { provider: string; usd: number }>;
};

/** Sums of dollars are not exact. */
const ROUNDING_USD = 1e-9;

export const NOTHING_SPENT: SpentToday = { providers: {}, held: {} };

/** The day that a moment belongs to. */
export function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/** What counts against the cap of one provider; null = of all. */
export function countedUsd({ providers, held }: SpentToday, provider: string | null): { spent_usd: number; held_usd: number } {
  const isMeant = (name: string): boolean => provider === null || name === provider;
  const spent = Object.entries(providers).filter(([name]) => isMeant(name));
  const kept = Object.values(held).filter((item) => isMeant(item.provider));
  return {
    spent_usd: spent.reduce((sum, [, item]) => sum + item.spent_usd, 0),
    held_usd: kept.reduce((sum, item) => sum + item.usd, 0),
  };
}

export type ReachedCap = { provider: string | null; cap_usd: number; left_usd: number };

/** The day with this call in it, or the cap that it would go beyond. The same key again is the same call. */
export function holdToday(day: SpentToday, call: { key: string; provider: string; usd: number }, caps: DailyCaps): SpentToday | ReachedCap {
  const { [call.key]: _own, ...others } = day.held;
  const before = { ...day, held: others };
  const own = Object.hasOwn(caps.providers, call.provider) ? (caps.providers[call.provider] ?? null) : null;
  for (const [provider, cap] of [[call.provider, own] as const, [null, caps.usd] as const]) {
    if (cap === null) continue;
    const { spent_usd, held_usd } = countedUsd(before, provider);
    const left = cap - spent_usd - held_usd;
    if (call.usd > left + ROUNDING_USD) return { provider, cap_usd: cap, left_usd: Math.max(0, left) };
  }
  return { ...before, held: { ...others, [call.key]: { provider: call.provider, usd: call.usd } } };
}

/** The day after the call has ended; `usd` null = unknown, then all that was kept for it counts. */
export function settleToday(day: SpentToday, key: string, usd: number | null): SpentToday {
  const { [key]: kept, ...held } = day.held;
  if (kept === undefined) return day;
  const { spent_usd, unknown_calls } = day.providers[kept.provider] ?? { spent_usd: 0, unknown_calls: 0 };
  const provider = { spent_usd: spent_usd + (usd ?? kept.usd), unknown_calls: unknown_calls + (usd === null ? 1 : 0) };
  return { held, providers: { ...day.providers, [kept.provider]: provider } };
}
