import type { ActivityApi, EffectResult } from '#contract/messages.ts';
import type { EffectKind } from '#contract/nodes/index.ts';
import { FairTurns } from './fair-turns.ts';

/** Two full batches: what is written meanwhile shares a commit, and a small run finds room beside a large one. */
const EFFECTS_AT_ONCE = 200;
/** Messages to a run wait for the end of its batch, and a batch that takes a second becomes activities. */
const MOST_WAIT_MS = 300;

/** Short effects of all runs of this process. Each goes the way of every effect; those of a batch share a commit. */
export function shortBatches(effects: Pick<ActivityApi, EffectKind>): ActivityApi['shortEffects'] {
  const turns = new FairTurns(EFFECTS_AT_ONCE, MOST_WAIT_MS);
  return ({ effects: batch, share }) => {
    const work = (): Promise<EffectResult[]> => Promise.all(batch.map((effect) => effects[effect.kind](effect)));
    return share === undefined ? work() : turns.run(share, batch.length, work);
  };
}
