/** What all runs together may spend in a day, kept in GICS by compare-and-set: parallel calls of any worker share it. */
import { dayOf, holdToday, NOTHING_SPENT, settleToday, type SpentToday } from '#contract/caps.ts';
import { errorCode, GimoError } from '#contract/errors.ts';
import type { Gics } from '#contract/gics.ts';
import { readOpsConfig } from '../runs/settings.ts';

type Call = {
  /** Names the call, so that a repeat of it counts once. */
  key: string;
  provider: string;
  /** The most that it may cost. */
  usd: number;
};

/** Changes of one day of one process come one after the other, so that they do not race with each other. */
let last: Promise<unknown> = Promise.resolve();

/** Keeps what a call may cost out of what is left of today. Out: what settles it. Throws: BUDGET_EXCEEDED, GICS_UNAVAILABLE. */
export async function holdOfDay(gics: Gics, call: Call): Promise<(usd: number | null) => Promise<void>> {
  const day = dayOf(new Date());
  await change(gics, day, async (spent) => {
    const { daily_caps: caps } = await readOpsConfig(gics);
    const next = holdToday(spent, call, caps);
    if ('held' in next) return next;
    const whose = next.provider === null ? 'all providers' : `the provider \`${next.provider}\``;
    throw new GimoError('BUDGET_EXCEEDED', {
      message: `The call may cost ${call.usd.toFixed(6)} US$; of the ${next.cap_usd} US$ a day for ${whose}, ${next.left_usd.toFixed(6)} are left.`,
      hint: 'Wait for the next day (UTC), or have an admin raise `daily_caps` with PUT /ops/config.',
    });
  });
  return (usd) => change(gics, day, async (spent) => settleToday(spent, call.key, usd));
}

function change(gics: Gics, day: string, next: (spent: SpentToday) => Promise<SpentToday>): Promise<void> {
  const done = last.then(() => compareAndSet(gics, day, next));
  last = done.catch(() => undefined);
  return done;
}

async function compareAndSet(gics: Gics, day: string, next: (spent: SpentToday) => Promise<SpentToday>): Promise<void> {
  for (;;) {
    const record = await gics.get<SpentToday>('spending', day);
    const value = await next(record?.value ?? NOTHING_SPENT);
    try {
      await gics.txn([{ op: 'put', collection: 'spending', id: day, value, rev: record?.rev ?? 0 }]);
      return;
    } catch (error) {
      // Another process was first: what it wrote is read and counted.
      if (errorCode(error) !== 'GICS_CONFLICT') throw error;
    }
  }
}
