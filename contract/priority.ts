/**
 * How runs share what they all need: workers, and places among the running ones. A priority is a share and no right of way:
 * whoever has work gets some of it done, however urgent others are.
 */
import { z } from './zod.ts';

export const PRIORITIES = ['low', 'normal', 'high'] as const;
export const PrioritySchema = z.enum(PRIORITIES);
/** As it stands on a run. */
export const RunPrioritySchema = PrioritySchema.default('normal');
export type Priority = (typeof PRIORITIES)[number];
export const DEFAULT_PRIORITY: Priority = 'normal';

/** Of two runs that both have work waiting, each is served in proportion to its weight. */
export const PRIORITY_WEIGHTS: Record<Priority, number> = { low: 1, normal: 4, high: 16 };

/** In the queue for a place a run counts as if it had come so much earlier; so nobody waits for ever behind more urgent ones. */
const HEAD_START_MS: Record<Priority, number> = { low: -10 * 60_000, normal: 0, high: 10 * 60_000 };

type Queued = { created_at: string; priority?: Priority };

/** The smaller, the sooner it gets a place. */
export function placeInQueue({ created_at, priority = DEFAULT_PRIORITY }: Queued): number {
  return Date.parse(created_at) - HEAD_START_MS[priority];
}

export function isAbove(one: Priority, other: Priority): boolean {
  return PRIORITIES.indexOf(one) > PRIORITIES.indexOf(other);
}

/** Whose share an effect is taken from, and how large that is. A run shares with all that it has delegated. */
export type RunShare = { key: string; weight: number };
