import { bookkeeping } from './activities.ts';

/** Started by a schedule: archives old runs, removes old drafts and snapshots. */
export function maintenance(): ReturnType<typeof bookkeeping.cleanUp> {
  return bookkeeping.cleanUp();
}
