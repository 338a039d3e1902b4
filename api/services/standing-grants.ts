/** Standing grants: made and revoked by people; anybody who may start runs may ask one to approve a draft that it covers. */
import { GimoError } from '#contract/errors.ts';
import type { Decision } from '#contract/decision.ts';
import type { GicsOp, GicsRecord } from '#contract/gics.ts';
import { usesWorkspace } from '#contract/nodes/index.ts';
import {
  grantEnvelope,
  grantFaults,
  grantHash,
  type Covered,
  type Grant,
  type GrantCreate,
  type GrantTerms,
} from '#contract/standing-grant.ts';
import { voteFault } from '#contract/approval-rule.ts';
import type { Approved, Packet, Run } from '#contract/objects.ts';
import type { z } from '#contract/zod.ts';
import type { Call, Core } from '../deps.ts';
import { storeApproval } from './approve.ts';
import { asJson, commit } from './commit.ts';
import { signDecision, signerOf } from './decisions.ts';
import { draftPacket, loadDraft, requireOpen, type PageRequest } from './drafts.ts';
import { newId } from './ids.ts';
import { ruleIn } from './votes.ts';

const DAY_MS = 24 * 3_600_000;
const LIVE_PAGE = 200;

/** Throws: REPO_REFUSED when it covers files and there is no repository. */
export async function createGrant(
  core: Core,
  call: Call,
  { expires_days: days, envelope: stated, ...body }: z.output<typeof GrantCreate>,
): Promise<Grant> {
  const envelope = grantEnvelope(stated);
  const repo = envelope.kinds.some(usesWorkspace) ? await core.repo.path() : null;
  const terms: GrantTerms = { id: newId('grant'), ...body, envelope, repo, expires_at: new Date(Date.now() + days * DAY_MS).toISOString() };
  const decision = signDecision(core, {
    subject: 'grant',
    subject_id: terms.id,
    verdict: 'approve',
    choice: null,
    hash: grantHash(terms),
    packet_hash: null,
    envelope,
    ...signerOf(call.actor),
    comment: body.reason,
    expires_at: terms.expires_at,
  });
  const grant: Grant = { ...terms, created_at: decision.at, created_by: decision.by, decision, revoked_at: null, revoked_by: null };
  await commit(core, call, {
    ops: [
      { op: 'put', collection: 'grants', id: grant.id, value: asJson(grant), rev: 0 },
      { op: 'put', collection: 'decisions', id: decision.id, value: asJson(decision), rev: 0 },
    ],
    object: grant.id,
    hash: decision.hash,
    detail: {
      decision_id: decision.id,
      title: grant.title,
      max_risk: grant.max_risk,
      max_uses: grant.max_uses,
      expires_at: grant.expires_at,
    },
    isSecurity: true,
    answer: { status: 201, body: { ...grant, uses: 0 } },
  });
  return { ...grant, uses: 0 };
}

const usesOf = (core: Core, id: string): Promise<number> => core.gics.count('approved', { grant_id: id });

export async function listGrants(core: Core, page: PageRequest): Promise<{ grants: Grant[]; next: string | null }> {
  const { records, cursor } = await core.gics.list<Grant>('grants', page);
  return { grants: await Promise.all(records.map(async ({ id, value }) => ({ ...value, uses: await usesOf(core, id) }))), next: cursor };
}

async function loadGrant(core: Core, id: string): Promise<GicsRecord<Grant>> {
  const record = await core.gics.get<Grant>('grants', id);
  if (record === null) throw new GimoError('NOT_FOUND', { message: `There is no standing grant ${id}.` });
  return record;
}

/** Ends it, and with it every effect of what it approved. Safe to repeat: the first revocation stands. Throws: NOT_FOUND. */
export async function revokeGrant(core: Core, call: Call, id: string): Promise<Grant> {
  const { value } = await loadGrant(core, id);
  const uses = await usesOf(core, id);
  if (value.revoked_at !== null) return { ...value, uses };
  const set = { revoked_at: new Date().toISOString(), revoked_by: call.actor.label };
  const grant = { ...value, ...set, uses };
  const ops: GicsOp[] = [{ op: 'patch', collection: 'grants', id, set }];
  await commit(core, call, {
    ops,
    object: id,
    detail: { title: value.title, uses },
    isSecurity: true,
    answer: { status: 200, body: grant },
  });
  return grant;
}

/** Why a grant does not approve what the packet shows; null when it does. */
function refusalOf(grant: Grant, uses: number, packet: Packet): string | null {
  if (grant.revoked_at !== null) return 'it was revoked';
  if (grant.expires_at <= new Date().toISOString()) return 'it has ended';
  if (uses >= grant.max_uses) return 'it is used up';
  const rule = ruleIn(packet);
  const { plan, envelope, preconditions, risk } = packet;
  const covered: Covered = { plan, envelope, preconditions, agreement: { risk, rule } };
  const [fault] = grantFaults(grant, covered);
  return fault ?? voteFault(rule, packet.approvers.authors, [], grant.decision)?.message ?? null;
}

/** The grant that was named, else the first that covers the draft. Throws: NOT_FOUND, GRANT_REFUSED. */
async function coveringGrant(core: Core, id: string | undefined, packet: Packet): Promise<GicsRecord<Grant>> {
  const records = id === undefined ? (await core.gics.list<Grant>('grants', { limit: LIVE_PAGE })).records : [await loadGrant(core, id)];
  const refusals: string[] = [];
  for (const record of records) {
    const refusal = refusalOf(record.value, await usesOf(core, record.id), packet);
    if (refusal === null) return record;
    refusals.push(`${record.value.title}: ${refusal}`);
  }
  throw new GimoError('GRANT_REFUSED', {
    message:
      refusals.length === 0 ? 'There is no standing grant.' : `No standing grant covers this draft (${refusals.slice(0, 5).join('; ')}).`,
  });
}

type GrantRequest = { id: string; grantId: string | undefined; hash: string; isRun: boolean | undefined };

/**
 * Approves a draft by a standing grant: recorded as the grant's doing, and counted in the same transaction.
 * Throws: NOT_FOUND, ALREADY_DECIDED, HASH_MISMATCH, GRANT_REFUSED, REPO_REFUSED, CONFLICT.
 */
export async function approveByGrant(
  core: Core,
  call: Call,
  { id, grantId, hash, isRun }: GrantRequest,
): Promise<{ approved: Approved; run: Run | null }> {
  const { value: draft, rev } = await loadDraft(core, id);
  requireOpen(draft);
  const packet = await draftPacket(core, id);
  if (packet.revision !== draft.revision || packet.hash !== hash) throw new GimoError('HASH_MISMATCH');
  const yes = await grantedBy(core, call, { draftId: id, grantId, packet });
  return storeApproval(core, call, { draft, rev, packet, ...yes, isShown: false, isRun });
}

type Granted = { decision: Decision; more: GicsOp[] };

/** The decision of the grant that covers what the packet shows, and the steps that count it. Throws: NOT_FOUND, GRANT_REFUSED. */
export async function grantedBy(
  core: Core,
  call: Call,
  { draftId, grantId, packet }: { draftId: string; grantId: string | undefined; packet: Packet },
): Promise<Granted> {
  const { value: grant, rev } = await coveringGrant(core, grantId, packet);
  const { by, by_name } = grant.decision;
  const expiresAt = [packet.expires_at, grant.expires_at].toSorted()[0] ?? grant.expires_at;
  const decision = signDecision(core, {
    subject: 'draft',
    subject_id: draftId,
    verdict: 'approve',
    choice: null,
    hash: packet.hash,
    packet_hash: null,
    envelope: packet.envelope,
    by,
    ...(by_name === undefined ? {} : { by_name }),
    comment: `By the standing grant: ${grant.title}`,
    expires_at: expiresAt,
    agreement: {
      risk: packet.risk,
      rule: ruleIn(packet),
      authors: packet.approvers.authors,
      earlier: [],
      grant: { id: grant.id, hash: grantHash(grant), asked_by: call.actor.label },
    },
  });
  // Counted after the artifact is stored: of several at once only as many are as it allows.
  const more: GicsOp[] = [
    { op: 'check', collection: 'grants', id: grant.id, rev },
    { op: 'check_count', collection: 'approved', where: { grant_id: grant.id }, below: grant.max_uses + 1 },
  ];
  return { decision, more };
}
