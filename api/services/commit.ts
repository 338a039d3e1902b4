/** How every mutation is written: its steps, its audit entry and its idempotency record in one transaction, or nothing at all. */
import { errorCode, GimoError, type ErrorCode } from '#contract/errors.ts';
import { AUDIT_STREAM, SECURITY_STREAM, type GicsOp, type GicsOpResult } from '#contract/gics.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import { redactJson } from '#platform/redact.ts';
import type { Actor, Call, Core } from '../deps.ts';
import { newUlid } from './ids.ts';

export type StoredAnswer = { status: number; body: unknown };
export type Change = {
  ops: GicsOp[];
  /** Id of what is changed. */
  object: string;
  /** What was decided on. */
  hash?: string;
  detail?: JsonObject;
  /** Whether it also stands among the security events. */
  isSecurity?: true;
  /** What a repeat with the same Idempotency-Key gets; null = the use case reads it again. */
  answer: StoredAnswer | null;
};

export type AuditEntry = {
  at: string;
  actor: string;
  /** The person's name, when the credential has one. */
  by_name?: string;
  action: string;
  object: string;
  correlation_id: string;
  outcome: 'done' | 'refused';
  code?: ErrorCode;
  hash?: string;
  detail?: JsonObject;
};

/** Id of the record in `settings` that says whether changes are locked. */
export const PANIC_ID = 'panic';
const IDEMPOTENCY_MS = 24 * 3_600_000;

/** Thrown when another request with the same Idempotency-Key was written first. */
export class AnsweredElsewhere extends Error {}

/** For objects whose every field is JSON; interfaces do not say so to the compiler. */
export function asJson(value: object): JsonObject {
  return value as JsonObject;
}

export function auditOp(entry: AuditEntry, key = newUlid()): GicsOp {
  return { op: 'append', stream: AUDIT_STREAM, items: [{ key, data: redactJson(asJson(entry)) }] };
}

/** An audit entry that also stands among the security events. */
export function securityOps(entry: AuditEntry): GicsOp[] {
  const key = newUlid();
  return [{ op: 'append', stream: SECURITY_STREAM, items: [{ key, data: redactJson(asJson(entry)) }] }, auditOp(entry, key)];
}

/** During a lockdown nothing is written, also when it began after the request was let in. */
function lockdownOp({ panicRev }: Call): GicsOp[] {
  return panicRev === undefined ? [] : [{ op: 'check', collection: 'settings', id: PANIC_ID, rev: panicRev }];
}

function idempotencyOp(call: Call, change: Change): GicsOp[] {
  if (call.idempotency === null) return [];
  const { id, requestHash, rev } = call.idempotency;
  const expiresAt = new Date(Date.now() + IDEMPOTENCY_MS).toISOString();
  const value = { request_hash: requestHash, expires_at: expiresAt, object: change.object, answer: change.answer as unknown as Json };
  return [{ op: 'put', collection: 'idempotency', id, value, rev }];
}

/**
 * Writes a change. Out: the results of its own steps. Throws: GICS_CONFLICT with `data.index` counting its own steps,
 * GICS_UNAVAILABLE or GICS_FULL when nothing was written, PANIC, AnsweredElsewhere.
 */
export async function commit(core: Core, call: Call, change: Change): Promise<GicsOpResult[]> {
  const keyed = idempotencyOp(call, change);
  const first = [...keyed, ...lockdownOp(call)];
  const entry: AuditEntry = {
    at: new Date().toISOString(),
    ...actorOf(call.actor),
    action: call.action,
    object: change.object,
    correlation_id: call.correlationId,
    outcome: 'done',
    ...(change.hash === undefined ? {} : { hash: change.hash }),
    ...(change.detail === undefined ? {} : { detail: change.detail }),
  };
  try {
    const results = await core.gics.txn([...first, ...change.ops, ...(change.isSecurity ? securityOps(entry) : [auditOp(entry)])]);
    return results.slice(first.length, first.length + change.ops.length);
  } catch (error) {
    if (errorCode(error) !== 'GICS_CONFLICT') throw error;
    const index = conflictIndex(error) - first.length;
    if (index < -first.length + keyed.length) throw new AnsweredElsewhere();
    if (index < 0) throw new GimoError('PANIC', { cause: error });
    throw new GimoError('GICS_CONFLICT', { data: { index }, cause: error });
  }
}

/** How an entry names who did it. */
export function actorOf({ label, name }: Actor): Pick<AuditEntry, 'actor' | 'by_name'> {
  return { actor: label, ...(name === null ? {} : { by_name: name }) };
}

/** Which step of a change did not hold. */
export function conflictIndex(error: unknown): number {
  const data = typeof error === 'object' && error !== null && 'data' in error ? error.data : null;
  const index = typeof data === 'object' && data !== null && 'index' in data ? data.index : null;
  return typeof index === 'number' ? index : -1;
}

/** Runs `work`; a conflict becomes what `onConflict` says. */
export async function orOnConflict<T>(work: Promise<T>, onConflict: () => Promise<never> | never): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (errorCode(error) === 'GICS_CONFLICT') return onConflict();
    throw error;
  }
}
