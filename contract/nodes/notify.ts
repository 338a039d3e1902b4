import { JsonSchema } from '../json.ts';
import { WebhookName } from '../webhooks.ts';
import { CLEAN } from '../labels.ts';
import { z } from '../zod.ts';
import { defineKind, NO_EFFECTS } from './kind.ts';

const MAX_PAYLOAD_CHARS = 200_000;

/** A signed message to a webhook that an admin has registered. Output: `{delivery_id, status, attempts}`. */
export const notifyKind = defineKind({
  summary: 'A message to a registered webhook',
  output: '`{delivery_id, status, attempts}`',
  example: { webhook: 'team', text: 'It is done' },
  with: z
    .strictObject({
      webhook: WebhookName.describe('Its name; no reference, so that an approver sees where the message goes'),
      text: z.string().min(1).max(20_000).optional(),
      payload: JsonSchema.refine(
        (payload) => JSON.stringify(payload).length <= MAX_PAYLOAD_CHARS,
        `must be at most ${MAX_PAYLOAD_CHARS} characters`,
      ).optional(),
    })
    .refine((value) => (value.text === undefined) !== (value.payload === undefined), 'give either `text` or `payload`'),
  lane: 'general',
  label: () => CLEAN,
  // The receiver tells a repeat by the id of the delivery, which all tries have in common.
  effectMode: () => 'idempotent',
  retry: { max_attempts: 6, backoff_ms: 2000, factor: 3, on: ['HTTP_FAILED', 'HTTP_STATUS', 'TIMEOUT'] },
  effects: (value) => ({ ...NO_EFFECTS, tools: [webhookTool(value.webhook)] }),
  jsonFields: ['payload'],
});

/** How the envelope names a webhook. */
export function webhookTool(name: string): string {
  return `webhook/${name}`;
}
