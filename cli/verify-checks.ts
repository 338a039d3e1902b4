/** What `gimo verify` checks: the audit chain, signatures of decisions, hashes of approved artifacts. Trusts only the key ring. */
import { agreementFault } from '#contract/agreement.ts';
import { approvalHash, DecisionSchema, verifyDecision, type Decision, type PublicKey } from '#contract/decision.ts';
import { AUDIT_STREAM, CHAIN_GENESIS, GICS_LIMITS, type Collection, type Gics, type StreamInfo } from '#contract/gics.ts';
import type { JsonObject } from '#contract/json.ts';
import { ApprovedSchema } from '#contract/objects.ts';
import { z } from '#contract/zod.ts';
import type { Evidence } from './verify-evidence.ts';
import { LogWalk, type Check, type NamedHead } from './verify-log.ts';

const LooseDecision = z.object(DecisionSchema.shape);

/** Recomputes every hash of the audit stream, and compares it with heads that were signed earlier. */
export async function checkAudit(
  gics: Pick<Gics, 'read' | 'info'>,
  { heads, ring, evidence }: { heads: readonly NamedHead[]; ring: readonly PublicKey[]; evidence?: Evidence },
): Promise<Check[]> {
  const walk = new LogWalk(heads, ring);
  const { last, hash } = await gics.info(AUDIT_STREAM);
  for (let next = 1; next <= last && !walk.isBroken;) {
    const entries = await gics.read(AUDIT_STREAM, { from: next, limit: GICS_LIMITS.streamReadLimit });
    const links = entries.map((entry) => ({ ...entry, stream: AUDIT_STREAM, prev: entry.prev ?? '', hash: entry.hash ?? '' }));
    for (const link of links.filter(({ offset }) => offset <= last)) {
      walk.push(link);
      evidence?.entry(link.offset, link.data);
    }
    if (links.length === 0) break;
    next = (links.at(-1)?.offset ?? last) + 1;
  }
  const [chain, ...others] = walk.checks();
  return chain === undefined ? others : [withHead(chain, walk.last, { last, hash }), ...others];
}

/** What the store says of its end must be the end that was found. */
function withHead(chain: Check, found: LogWalk['last'], { last, hash }: Pick<StreamInfo, 'last' | 'hash'>): Check {
  if (!chain.ok || (found.seq === last && found.hash === (hash ?? CHAIN_GENESIS))) return chain;
  const bad = found.seq === last ? `the head of ${AUDIT_STREAM} is not the hash of entry ${last}` : `entry ${found.seq + 1} is missing`;
  return { ...chain, ok: false, bad };
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
  if (stored !== hash) return 'its content does not have the hash that was approved';
  return agreementFault(decision, plan.policy, (signed) => isSigned(signed, ring));
}

type Records = { name: string; collection: Collection; fault: (value: JsonObject) => string | null; evidence?: Evidence };

/** Checks every record of a collection. */
export async function checkRecords(gics: Pick<Gics, 'list'>, { name, collection, fault, evidence }: Records): Promise<Check> {
  let count = 0;
  for await (const { id, value } of recordsOf(gics, collection)) {
    count += 1;
    evidence?.record(collection, id);
    const found = fault(value);
    if (found !== null) return { name, ok: false, count, bad: `${id}: ${found}` };
  }
  return { name, ok: true, count, bad: null };
}
