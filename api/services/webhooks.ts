/** Webhooks as records; the worker delivers to them. */
import { GimoError } from '#contract/errors.ts';
import { httpTarget, localHostOf } from '#contract/http-target.ts';
import type { Role } from '#contract/objects.ts';
import type { Delivery, Webhook, WebhookCreate } from '#contract/webhooks.ts';
import type { z } from '#contract/zod.ts';
import type { Call, Core } from '../deps.ts';
import { asJson, commit, orOnConflict } from './commit.ts';
import type { PageRequest } from './drafts.ts';
import { newId } from './ids.ts';
import { readOpsConfig } from './settings.ts';

const MAX_WEBHOOKS = 100;

/** The rest of an address may be a secret, as in the addresses that chat services hand out. */
function shown(webhook: Webhook, role: Role): Webhook {
  const { protocol, host } = httpTarget(webhook.url) ?? { protocol: 'https', host: '' };
  return role === 'admin' ? webhook : { ...webhook, url: `${protocol}://${host}/…` };
}

export async function listWebhooks(core: Core, call: Call, page: PageRequest): Promise<{ webhooks: Webhook[]; next: string | null }> {
  const { records, cursor } = await core.gics.list<Webhook>('webhooks', page);
  return { webhooks: records.map(({ value }) => shown(value, call.actor.role)), next: cursor };
}

/** Throws: CONFLICT when the name is taken, ADDRESS_REFUSED when others could read what is sent. */
export async function createWebhook(core: Core, call: Call, body: z.output<typeof WebhookCreate>): Promise<Webhook> {
  const target = httpTarget(body.url);
  const { local_hosts } = await readOpsConfig(core);
  if (target !== null && target.protocol === 'http' && !local_hosts.includes(localHostOf(target)))
    throw new GimoError('ADDRESS_REFUSED', { message: `\`${target.host}\` is called by http: use https, or open it in \`local_hosts\`.` });
  const webhook: Webhook = { ...body, id: newId('webhook'), created_at: new Date().toISOString(), created_by: call.actor.label };
  const work = commit(core, call, {
    ops: [
      { op: 'check_count', collection: 'webhooks', where: { name: body.name }, below: 1 },
      { op: 'check_count', collection: 'webhooks', below: MAX_WEBHOOKS },
      { op: 'put', collection: 'webhooks', id: webhook.id, value: asJson(webhook), rev: 0 },
    ],
    object: webhook.id,
    detail: { name: webhook.name, events: webhook.events },
    answer: { status: 201, body: webhook },
  });
  await orOnConflict(work, () => {
    throw new GimoError('CONFLICT', { message: `There is a webhook \`${body.name}\` already, or there are ${MAX_WEBHOOKS} of them.` });
  });
  return webhook;
}

async function loadWebhook(core: Core, id: string): Promise<{ value: Webhook; rev: number }> {
  const record = await core.gics.get<Webhook>('webhooks', id);
  if (record === null) throw new GimoError('NOT_FOUND', { message: `There is no webhook ${id}.` });
  return record;
}

/** Throws: NOT_FOUND. */
export async function deleteWebhook(core: Core, call: Call, id: string): Promise<void> {
  const { value, rev } = await loadWebhook(core, id);
  const change = { object: id, detail: { name: value.name }, answer: { status: 204, body: null } };
  await orOnConflict(commit(core, call, { ops: [{ op: 'delete', collection: 'webhooks', id, rev }], ...change }), () => {
    throw new GimoError('NOT_FOUND', { message: `There is no webhook ${id} any more.` });
  });
}

type DeliveryFilter = PageRequest & { status?: Delivery['status'] | undefined };

export async function listDeliveries(
  core: Core,
  id: string,
  { status, ...page }: DeliveryFilter,
): Promise<{ deliveries: Delivery[]; next: string | null }> {
  await loadWebhook(core, id);
  const where = { webhook_id: id, ...(status === undefined ? {} : { status }) };
  const { records, cursor } = await core.gics.list<Delivery>('deliveries', { ...page, where });
  return { deliveries: records.map((record) => record.value), next: cursor };
}

export async function webhooksByName(core: Core): Promise<Record<string, Webhook>> {
  const { records } = await core.gics.list<Webhook>('webhooks', { limit: MAX_WEBHOOKS });
  return Object.fromEntries(records.map(({ value }) => [value.name, value]));
}
