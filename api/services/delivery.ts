import { errorMessage } from '#contract/errors.ts';
import type { OutboxRow } from '#contract/messages.ts';
import { deliver, type Delivery } from '#platform/deliver.ts';
import type { Core } from '../deps.ts';
import { within } from './refusals.ts';

const WAIT_MS = 1000;

/**
 * Sends a row of the outbox to its workflow. A failure changes nothing: the reconciler sends it again until the workflow has
 * acknowledged it. Out: what became of it, null when that is not known yet. Waits: ≤ 1 s; the delivery goes on after that.
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
  await within(work, WAIT_MS);
  return known;
}
