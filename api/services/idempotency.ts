/**
 * Idempotency-Key: the same key with the same request gets the same answer for 24 hours. The record is written in the
 * transaction of the mutation itself, so a crash leaves either both or neither; of two at once one waits for the other.
 */
import { createHash } from 'node:crypto';
import { GimoError } from '#contract/errors.ts';
import type { RouteId } from '#contract/routes/index.ts';
import type { Actor, Call, Core, Idempotency } from '../deps.ts';
import { AnsweredElsewhere, type StoredAnswer } from './commit.ts';

const KEY = /^[\x21-\x7e]{1,200}$/;

type KeyedRequest = { key: string; requestHash: string; call: Omit<Call, 'idempotency'> };
type IdempotencyRecord = { request_hash: string; expires_at: string; object: string; answer: StoredAnswer | null };

export function checkKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && KEY.test(header)) return header;
  throw new GimoError('BAD_REQUEST', {
    faults: [{ node: null, path: 'headers.idempotency-key', code: 'FORMAT', message: 'must be 1 to 200 visible ASCII characters' }],
  });
}

function recordId(actor: Actor, route: RouteId, key: string): string {
  return createHash('sha256').update(`${actor.label}\n${route}\n${key}`).digest('hex');
}

/** In: the request and what does it. Out: its answer, or the stored one. Throws: IDEMPOTENCY_MISMATCH. */
export async function withIdempotency(
  core: Core,
  { key, requestHash, call }: KeyedRequest,
  execute: (call: Call) => Promise<StoredAnswer>,
): Promise<StoredAnswer> {
  const id = recordId(call.actor, call.action, key);
  return core.locks.run(`idempotency/${id}`, async () => {
    const known = await lookUp(core, id, requestHash);
    if ('answer' in known) return known.answer ?? execute({ ...call, idempotency: { id, requestHash, rev: known.rev, isReplay: true } });
    const idempotency: Idempotency = { id, requestHash, rev: known.rev, isReplay: false };
    try {
      return await execute({ ...call, idempotency });
    } catch (error) {
      if (!(error instanceof AnsweredElsewhere)) throw error;
      const other = await lookUp(core, id, requestHash);
      if ('answer' in other) return other.answer ?? execute({ ...call, idempotency: { ...idempotency, isReplay: true } });
      throw new GimoError('CONFLICT', { cause: error });
    }
  });
}

async function lookUp(
  core: Core,
  id: string,
  requestHash: string,
): Promise<{ rev: number; answer: StoredAnswer | null } | { rev: number }> {
  const record = await core.gics.get<IdempotencyRecord>('idempotency', id);
  if (record === null) return { rev: 0 };
  if (record.value.expires_at < new Date().toISOString()) return { rev: record.rev };
  if (record.value.request_hash !== requestHash) throw new GimoError('IDEMPOTENCY_MISMATCH');
  return { rev: record.rev, answer: record.value.answer };
}
