import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from '#contract/errors.ts';
import type { OutboxRow } from '#contract/messages.ts';
import { deliver, type Delivery } from '#platform/deliver.ts';
import type { Core } from '../deps.ts';
import { within } from './refusals.ts';

const WAIT_MS = 1000;
/** Each look comes twice as late as the one before: who waits long does not ask often. */
const FIRST_LOOK_MS = 10;
const LAST_LOOK_MS = 160;

/**
 * Sends a row of the outbox to its workflow. A failure changes nothing: the reconciler sends it again until the workflow has
 * acknowledged it. Out: what became of it, null when that is not known yet. Waits: ≤ 1 s until it was obeyed; the delivery goes on
 * after that.
 */
export async function deliverSoon(core: Core, id: string, row: OutboxRow): Promise<Delivery | null> {
  let known: Delivery | null = null;
  const work = deliver(core.temporal.client, id, row).then(
    (delivery) => {
      known = delivery;
      if (delivery.state === 'refused')
        core.log.warn({ run_id: row.run_id, kind: row.kind, reason: delivery.message }, 'a run refused a message');
    },
    (error: unknown) =>
      core.log.warn({ run_id: row.run_id, kind: row.kind, reason: errorMessage(error) }, 'a message waits for the reconciler'),
  );
  await within(
    work.then(() => (known?.state === 'delivered' && row.kind !== 'start' ? untilObeyed(core, id).catch(() => undefined) : undefined)),
    WAIT_MS,
  );
  return known;
}

/** Waits: until what the message changed can be read by whoever sent it. The workflow writes that and takes the row away as one. */
async function untilObeyed(core: Core, id: string): Promise<void> {
  const until = Date.now() + WAIT_MS;
  for (let wait = FIRST_LOOK_MS; Date.now() < until; wait = Math.min(wait * 2, LAST_LOOK_MS)) {
    if ((await core.gics.get('outbox', id)) === null) return;
    await delay(wait);
  }
}
