/** Events that webhooks asked for: written in the transaction of what happened, delivered later, so that no run waits for them. */
import { errorCode } from '#contract/errors.ts';
import type { Gics, GicsOp, GicsRecord } from '#contract/gics.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import type { RunRecord } from '#contract/objects.ts';
import { newDelivery, type Delivery, type Webhook, type WebhookEvent } from '#contract/webhooks.ts';
import type { ActivityDeps } from '../deps.ts';
import { attemptDelivery } from './attempt.ts';

const MAX_WEBHOOKS = 1000;
const MAX_ATTEMPTS = 12;
const FIRST_WAIT_MS = 5000;
const FACTOR = 3;
const LONGEST_WAIT_MS = 3_600_000;
const TIMEOUT_MS = 10_000;
/** A worker that takes a delivery has so long before another one may try it. */
const CLAIM_MS = 30_000;
const PAGE = 200;

type Happening = { event: WebhookEvent; runId: string; about: Json; detail: JsonObject };

/** One row for each webhook that asked for the event, as steps of a transaction that happens once. */
export async function deliveryOps(gics: Gics, { event, runId, about, detail }: Happening): Promise<GicsOp[]> {
  const { records } = await gics.list<Webhook>('webhooks', { limit: MAX_WEBHOOKS });
  const interested = records.filter(({ value }) => value.events.includes(event));
  if (interested.length === 0) return [];
  const title = (await gics.get<RunRecord>('runs', runId))?.value.title ?? '';
  const at = new Date().toISOString();
  return interested.map(({ value: webhook }): GicsOp => {
    const value = newDelivery({ webhook, event, runId, node: null, about, detail: { title, ...detail }, at });
    return { op: 'put', collection: 'deliveries', id: value.id, value };
  });
}

/** Tries what is due and not under way here yet. Waits: for the store, not for the tries. */
export async function startDue(deps: ActivityDeps, underWay: Set<string>, signal: AbortSignal): Promise<void> {
  const now = new Date().toISOString();
  const { records } = await deps.gics.list<Delivery>('deliveries', { where: { status: 'pending' }, order: 'asc', limit: PAGE });
  for (const record of records) {
    const { next_at } = record.value;
    if (next_at === null || next_at > now || underWay.has(record.id)) continue;
    underWay.add(record.id);
    void tryOnce(deps, record, signal)
      .catch((error: unknown) => deps.log.warn({ err: error, delivery: record.id }, 'a delivery to a webhook is tried again later'))
      .finally(() => underWay.delete(record.id));
  }
}

async function tryOnce(deps: ActivityDeps, record: GicsRecord<Delivery>, signal: AbortSignal): Promise<void> {
  const { id, value: delivery } = record;
  const claimed = { ...delivery, next_at: new Date(Date.now() + CLAIM_MS).toISOString() };
  if (!(await replaced(deps.gics, claimed, record.rev))) return;
  const webhook = await deps.gics.get<Webhook>('webhooks', delivery.webhook_id);
  const tried = webhook ? await attemptDelivery(deps, webhook.value, delivery, { signal, timeoutMs: TIMEOUT_MS }) : givenUp(delivery);
  await deps.gics.txn([{ op: 'put', collection: 'deliveries', id, value: webhook ? rescheduled(tried) : tried }]);
}

/** Out: false when another worker was faster. */
async function replaced(gics: Gics, value: Delivery, rev: number): Promise<boolean> {
  try {
    await gics.txn([{ op: 'put', collection: 'deliveries', id: value.id, value, rev }]);
    return true;
  } catch (error) {
    if (errorCode(error) !== 'GICS_CONFLICT') throw error;
    return false;
  }
}

function givenUp(delivery: Delivery): Delivery {
  const attempt = { at: new Date().toISOString(), status: null, error: 'the webhook was removed', duration_ms: 0 };
  return { ...delivery, status: 'failed', next_at: null, attempts: [...delivery.attempts, attempt] };
}

function rescheduled(tried: Delivery): Delivery {
  const { length } = tried.attempts;
  if (tried.status === 'delivered' || length >= MAX_ATTEMPTS) return tried;
  const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * FACTOR ** (length - 1));
  return { ...tried, status: 'pending', next_at: new Date(Date.now() + waitMs).toISOString() };
}
