/** What `gimo verify` checks: the audit chain, signatures of decisions, hashes of approved artifacts. Trusts only the key ring. */
import { verifyChain, type ChainEntry } from '#contract/audit-chain.ts';
import { approvalHash, DecisionSchema, verifyDecision, type Decision, type PublicKey } from '#contract/decision.ts';
import { AUDIT_STREAM, CHAIN_GENESIS, GICS_LIMITS, type Collection, type Gics } from '#contract/gics.ts';
import type { JsonObject } from '#contract/json.ts';
import { ApprovedSchema } from '#contract/objects.ts';
import { z } from '#contract/zod.ts';

export type Check = { name: string; ok: boolean; count: number; bad: string | null };

const LooseDecision = z.object(DecisionSchema.shape);

/** Recomputes every hash of the audit stream. */
export async function checkAudit(gics: Pick<Gics, 'read' | 'info'>): Promise<Check> {
  const { last, hash } = await gics.info(AUDIT_STREAM);
  let prev = CHAIN_GENESIS;
  let next = 1;
  while (next <= last) {
    const entries = await gics.read(AUDIT_STREAM, { from: next, limit: GICS_LIMITS.streamReadLimit });
    const links = entries.map((entry) => ({ ...entry, stream: AUDIT_STREAM, prev: entry.prev ?? '', hash: entry.hash ?? '' }));
    const bad = firstBad(links, next, prev);
    if (bad !== null) return { name: 'audit chain', ok: false, count: next - 1, bad };
    prev = links.at(-1)?.hash ?? prev;
    next += links.length;
  }
  const isHead = hash === null ? last === 0 : hash === prev;
  return {
    name: 'audit chain',
    ok: isHead,
    count: last,
    bad: isHead ? null : `the head of ${AUDIT_STREAM} is not the hash of entry ${last}`,
  };
}

function firstBad(links: ChainEntry[], expected: number, prev: string): string | null {
  const [first] = links;
  if (first === undefined || first.offset !== expected) return `${AUDIT_STREAM} entry ${expected} is missing`;
  const { first_bad: at } = verifyChain(links, prev);
  return at === null ? null : `${AUDIT_STREAM} entry ${at} does not follow from the entries before it`;
}

async function* recordsOf(gics: Pick<Gics, 'list'>, collection: Collection): AsyncGenerator<{ id: string; value: JsonObject }> {
  let cursor: string | undefined;
  do {
    const page = await gics.list(collection, { limit: GICS_LIMITS.listLimit, order: 'asc', cursor });
    yield* page.records;
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
}

/** Why a stored decision is not evidence, null when it is. */
export function decisionFault(value: unknown, ring: readonly PublicKey[]): string | null {
  const parsed = LooseDecision.safeParse(value);
  if (!parsed.success) return 'is not a decision';
  return isSigned(parsed.data, ring) ? null : 'has no valid signature by a key of the ring';
}

function isSigned(decision: Decision, ring: readonly PublicKey[]): boolean {
  try {
    return verifyDecision(decision, ring);
  } catch {
    return false; // not even the form of a signature
  }
}

/** Why an approved artifact is not what was approved, null when it is. */
export function approvedFault(value: unknown, ring: readonly PublicKey[]): string | null {
  const parsed = ApprovedSchema.safeParse(value);
  if (!parsed.success) return 'is not an approved artifact';
  const { plan, envelope, preconditions, inputs, decision, hash, draft_id: draftId } = parsed.data;
  const fault = decisionFault(decision, ring);
  if (fault !== null) return `its decision ${fault}`;
  if (decision.verdict !== 'approve' || decision.subject !== 'draft' || decision.subject_id !== draftId)
    return 'its decision is about something else';
  if (decision.hash !== hash) return 'its hash is not the one that was signed';
  const stored = approvalHash({ plan, envelope, policy_version: decision.policy_version, preconditions, inputs });
  return stored === hash ? null : 'its content does not have the hash that was approved';
}

/** Checks every record of a collection. */
export async function checkRecords(
  gics: Pick<Gics, 'list'>,
  { name, collection, fault }: { name: string; collection: Collection; fault: (value: JsonObject) => string | null },
): Promise<Check> {
  let count = 0;
  for await (const { id, value } of recordsOf(gics, collection)) {
    count += 1;
    const found = fault(value);
    if (found !== null) return { name, ok: false, count, bad: `${id}: ${found}` };
  }
  return { name, ok: true, count, bad: null };
}
