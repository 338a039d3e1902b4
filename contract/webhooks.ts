/** Webhooks: where GIMO reports to, registered by an admin. The headers of a delivery are part of the interface: docs/webhooks.md. */
import { hashOf } from './canonical.ts';
import { httpTarget } from './http-target.ts';
import { derivedId } from './gate-id.ts';
import { JsonSchema, type Json, type JsonObject } from './json.ts';
import { ENV_REF, OWN_VARIABLE } from './provider.ts';
import { z } from './zod.ts';

export const WEBHOOK_EVENTS = ['run.done', 'run.error', 'run.cancelled', 'gate.opened'] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** `gimo-signature` is `v1=` and the HMAC-SHA256, as hex, of `<timestamp>.<body>` under the secret of the webhook. */
export const WEBHOOK_HEADERS = {
  delivery: 'gimo-delivery',
  event: 'gimo-event',
  timestamp: 'gimo-timestamp',
  signature: 'gimo-signature',
} as const;

const Time = z.iso.datetime();
export const WebhookName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'must be a lower-case letter, then letters, digits, _ or - (at most 63)');

export const WebhookCreate = z.strictObject({
  /** What `notify` nodes call it. */
  name: WebhookName,
  url: z
    .string()
    .max(2048)
    .refine((url) => httpTarget(url) !== null, 'must be an http or https address without user name and fragment'),
  /** What is reported without being asked; none = only `notify` nodes use it. */
  events: z.array(z.enum(WEBHOOK_EVENTS)).max(WEBHOOK_EVENTS.length).default([]),
  /** The variable of the worker that holds the secret which signs. */
  secret_ref: z
    .string()
    .regex(ENV_REF, 'must be a reference to an environment variable, "${NAME}"; a secret itself is never stored')
    .refine((ref) => !OWN_VARIABLE.test(ref), 'may not name a variable of GIMO itself (ORCH_…, GIMO_…)'),
});
export const WebhookSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** Whole for admins; others see its host, since the rest of an address may be a secret. */
  url: z.string(),
  events: z.array(z.enum(WEBHOOK_EVENTS)),
  secret_ref: z.string(),
  created_at: Time,
  created_by: z.string(),
});
export type Webhook = z.output<typeof WebhookSchema>;

/** Where it leads: an approval holds it, so that a webhook made anew under the same name gets nothing that was approved for the old one. */
export function webhookHash({ name, url }: Pick<Webhook, 'name' | 'url'>): string {
  return hashOf('gimo.tool.v1', { type: 'webhook', name, url });
}

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;
export const DeliverySchema = z.object({
  /** The same for all tries: receivers tell a repeat by it. */
  id: z.string(),
  webhook_id: z.string(),
  event: z.string(),
  run_id: z.string(),
  node: z.string().nullable(),
  status: z.enum(DELIVERY_STATUSES),
  created_at: Time,
  /** When it is tried next; null when it is over, or tried by the node that sent it. */
  next_at: Time.nullable(),
  attempts: z.array(z.object({ at: Time, status: z.int().nullable(), error: z.string().nullable(), duration_ms: z.int() })),
  body: JsonSchema,
});
export type Delivery = z.output<typeof DeliverySchema>;

type DeliverySource = { webhook: Webhook; event: string; runId: string; node: string | null; about: Json; detail: JsonObject; at: string };

/** A delivery that has not been tried. `about` tells it from others of the same run and event, so that a repeat has the same id. */
export function newDelivery({ webhook, event, runId, node, about, detail, at }: DeliverySource): Delivery {
  const id = derivedId('delivery', runId, hashOf('gimo.delivery.v1', { webhook: webhook.id, event, node, about }));
  const body = { event, delivery_id: id, at, run_id: runId, ...detail };
  return { id, webhook_id: webhook.id, event, run_id: runId, node, status: 'pending', created_at: at, next_at: at, attempts: [], body };
}
