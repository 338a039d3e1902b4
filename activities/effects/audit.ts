import { randomUUID } from 'node:crypto';
import { AUDIT_STREAM, type GicsOp } from '#contract/gics.ts';
import type { JsonObject } from '#contract/json.ts';
import { redactJson } from '#platform/redact.ts';

/** One entry of the audit log by the worker, as a step of the transaction that it is about. */
export function audit(action: string, object: string, detail: JsonObject, key: string = randomUUID()): GicsOp {
  const data = {
    at: new Date().toISOString(),
    actor: 'worker',
    action,
    object,
    correlation_id: key,
    outcome: 'done',
    detail: redactJson(detail),
  };
  return { op: 'append', stream: AUDIT_STREAM, items: [{ key, data }] };
}
