import { GimoError } from '#contract/errors.ts';
import type { Gics } from '#contract/gics.ts';
import { webhookTool } from '#contract/nodes/notify.ts';
import type { Approved } from '#contract/objects.ts';
import { newDelivery, webhookHash, type Delivery, type Webhook } from '#contract/webhooks.ts';
import { attemptDelivery } from '../webhooks/attempt.ts';
import { FREE, type EffectAct, type EffectCall } from './act.ts';

/** One try of one delivery. The interpreter tries again as the node says; all tries carry the same id and stand in one record. */
export const actNotify: EffectAct<'notify'> = async (call) => {
  const { deps, input, signal } = call;
  const webhook = await findWebhook(deps.gics, call.with.webhook);
  requireSame(call.approved, webhook);
  const tried = await attemptDelivery(deps, webhook, await deliveryOf(call, webhook), { signal, timeoutMs: input.timeout_ms });
  await deps.gics.txn([{ op: 'put', collection: 'deliveries', id: tried.id, value: tried }]);
  const last = tried.attempts.at(-1);
  if (tried.status !== 'delivered')
    throw new GimoError(last?.status === null ? 'HTTP_FAILED' : 'HTTP_STATUS', {
      message: `The webhook \`${webhook.name}\` did not take the message: ${last?.error ?? ''}`,
    });
  const output = { delivery_id: tried.id, status: last?.status ?? null, attempts: tried.attempts.length };
  return { result: { outcome: 'done', output, ...FREE }, facts: {} };
};

/** A webhook that was made anew since the approval leads elsewhere. Throws: TOOL_CHANGED. */
function requireSame({ preconditions: { tools } }: Approved, webhook: Webhook): void {
  if (tools === undefined || tools[webhookTool(webhook.name)] === webhookHash(webhook)) return;
  throw new GimoError('TOOL_CHANGED', {
    message: `The webhook \`${webhook.name}\` does not lead where it led when the plan was approved.`,
  });
}

/** Throws: WEBHOOK_UNKNOWN. */
export async function findWebhook(gics: Gics, name: string): Promise<Webhook> {
  const { records } = await gics.list<Webhook>('webhooks', { where: { name }, limit: 1 });
  const [found] = records;
  if (found) return found.value;
  throw new GimoError('WEBHOOK_UNKNOWN', { message: `There is no webhook \`${name}\`.` });
}

async function deliveryOf({ deps, input, with: { text, payload } }: EffectCall<'notify'>, webhook: Webhook): Promise<Delivery> {
  const { run_id: runId, node, redo } = input;
  const detail = { node, ...(text === undefined ? { payload: payload ?? null } : { text }) };
  const made = newDelivery({ webhook, event: 'notify', runId, node, about: redo, detail, at: new Date().toISOString() });
  return (await deps.gics.get<Delivery>('deliveries', made.id))?.value ?? made;
}
