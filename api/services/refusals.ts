import type { ErrorCode } from '#contract/errors.ts';
import type { Core, Call } from '../deps.ts';
import { actorOf, auditOp, securityOps, type AuditEntry } from './commit.ts';

const WAIT_MS = 1000;

/** Records that an authenticated caller was refused. Nothing was done, so a failure to record only goes to the log. Waits: ≤ 1 s. */
export async function recordRefusal(core: Core, call: Omit<Call, 'idempotency'>, object: string, code: ErrorCode): Promise<void> {
  const entry: AuditEntry = {
    at: new Date().toISOString(),
    ...actorOf(call.actor),
    action: call.action,
    object,
    correlation_id: call.correlationId,
    outcome: 'refused',
    code,
  };
  const written = core.gics
    .txn(code === 'FORBIDDEN' || code === 'CSRF' ? securityOps(entry) : [auditOp(entry)])
    .catch((error: unknown) => core.log.error({ err: error, correlation_id: call.correlationId }, 'a refusal could not be recorded'));
  await within(written, WAIT_MS);
}

/** Waits for `work`, but not longer than `ms`. */
export async function within(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
