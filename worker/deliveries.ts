import { setTimeout as delay } from 'node:timers/promises';
import type { ActivityDeps } from '#activities/deps.ts';
import { startDue } from '#activities/webhooks/outbox.ts';

const EVERY_MS = 1000;

/** Delivers what webhooks asked for, until the signal ends it; what was under way then is tried again by the next worker. */
export async function deliverEvents(deps: ActivityDeps, signal: AbortSignal): Promise<void> {
  const underWay = new Set<string>();
  while (!signal.aborted) {
    await startDue(deps, underWay, signal).catch((error: unknown) =>
      deps.log.warn({ err: error }, 'deliveries to webhooks could not be read; it is tried again'),
    );
    await delay(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
