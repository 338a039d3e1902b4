import { createHmac } from 'node:crypto';
import { errorMessage } from '#contract/errors.ts';
import { WEBHOOK_HEADERS, type Delivery, type Webhook } from '#contract/webhooks.ts';
import { parseEnvRef, resolveEnvRef } from '#platform/env-refs.ts';
import { redact } from '#platform/redact.ts';
import type { ActivityDeps } from '../deps.ts';
import { guardedRequest, untilDeadline } from '../net/guarded-request.ts';
import { lookupAll, resolveTarget } from '../net/resolve-target.ts';
import { readOpsConfig } from '../runs/settings.ts';

const MAX_ANSWER_BYTES = 4096;
const ERROR_CHARS = 500;

type Limits = { signal: AbortSignal; timeoutMs: number };
type Attempt = Delivery['attempts'][number];

/** HMAC-SHA256 over the time and the body, so that neither can be changed nor an old message be sent again much later. */
export function signBody(secret: string, timestamp: number, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

/** One try, over a connection of its own. Out: the delivery with that try. Throws: only when the signal aborts. */
export async function attemptDelivery(deps: ActivityDeps, webhook: Webhook, delivery: Delivery, limits: Limits): Promise<Delivery> {
  const started = Date.now();
  let status: number | null = null;
  let error: string | null = null;
  try {
    const answer = await send(deps, webhook, delivery, limits);
    ({ status } = answer);
    if (status < 200 || status > 299) error = `it answered with ${status}: ${answer.text}`;
  } catch (thrown) {
    limits.signal.throwIfAborted();
    error = errorMessage(thrown);
  }
  const duration_ms = Date.now() - started;
  const at = new Date(started).toISOString();
  const attempt: Attempt = { at, status, error: error === null ? null : redact(error).slice(0, ERROR_CHARS), duration_ms };
  return { ...delivery, status: error === null ? 'delivered' : 'failed', next_at: null, attempts: [...delivery.attempts, attempt] };
}

async function send(
  deps: ActivityDeps,
  webhook: Webhook,
  delivery: Delivery,
  { signal, timeoutMs }: Limits,
): Promise<{ status: number; text: string }> {
  const { local_hosts } = await readOpsConfig(deps.gics);
  const secret = resolveEnvRef(webhook.secret_ref, deps.env);
  const body = JSON.stringify(delivery.body);
  const timestamp = Math.floor(Date.now() / 1000);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'gimo',
    [WEBHOOK_HEADERS.delivery]: delivery.id,
    [WEBHOOK_HEADERS.event]: delivery.event,
    [WEBHOOK_HEADERS.timestamp]: String(timestamp),
    [WEBHOOK_HEADERS.signature]: signBody(secret, timestamp, body),
  };
  return untilDeadline({ timeoutMs, signal, what: `The webhook \`${webhook.name}\`` }, async (end) => {
    const resolved = await resolveTarget(webhook.url, local_hosts, lookupAll);
    const request = { method: 'POST', headers, body: Buffer.from(body), maxBytes: MAX_ANSWER_BYTES, signal: end };
    const answer = await guardedRequest(resolved, request, { wasSent: false });
    return { status: answer.status, text: new TextDecoder().decode(answer.body) };
  });
}

/** Names of the variables that sign. */
export async function webhookSecrets({ gics }: Pick<ActivityDeps, 'gics'>): Promise<string[]> {
  const { records } = await gics.list<Webhook>('webhooks', { limit: 1000 });
  return records.flatMap(({ value }) => parseEnvRef(value.secret_ref) ?? []);
}
