/** Approving a draft: what was shown becomes a signed decision and an approved artifact, in one transaction. */
import { canonicalJson } from '#contract/canonical.ts';
import type { Decision, Vote } from '#contract/decision.ts';
import { GimoError } from '#contract/errors.ts';
import type { GicsOp } from '#contract/gics.ts';
import type { Json } from '#contract/json.ts';
import type { Approved, Packet, Run } from '#contract/objects.ts';
import type { Plan } from '#contract/plan.ts';
import { approvedBy } from '#contract/standing-grant.ts';
import type { Call, Core } from '../deps.ts';
import { shownVote } from '../pure/tasks.ts';
import { asJson, commit, orOnConflict, type StoredAnswer } from './commit.ts';
import { inputsOf, loadDraft, packetOf, refuseStale, requireOpen, type StoredDraft } from './drafts.ts';
import { newId } from './ids.ts';
import { preconditionsOf } from './preconditions.ts';
import { requireInputs } from './inputs.ts';
import { latestApprovedId, makePacket } from './packet.ts';
import { deliverStart, newRun, type NewRun } from './run-create.ts';
import { showRun } from './run-view.ts';
import { readOpsConfig } from './settings.ts';
import { agree, mayBeBlind } from './votes.ts';

export type Approval = { hash?: string; comment?: string; inputs?: Record<string, Json> };
type ApprovalRequest = { id: string; autoRun: boolean | undefined; approval: Approval };

/** The packet that is approved. Throws: HASH_MISMATCH, HASH_REQUIRED, INPUTS_INVALID, REPO_REFUSED. */
async function decidedPacket(core: Core, draft: StoredDraft, plan: Plan, approval: Approval): Promise<Packet> {
  const preconditions = await preconditionsOf(core, plan, { isFresh: true });
  const inputs = await requireInputs(core, {
    inputs: plan.inputs,
    bound: draft.vote_inputs ?? {},
    given: approval.inputs ?? {},
    at: 'approval',
  });
  if (draft.vote_inputs !== null && canonicalJson(inputs) !== canonicalJson(draft.vote_inputs))
    throw new GimoError('HASH_MISMATCH', { message: 'Whoever agreed first bound other inputs; agree to those, or have the draft edited.' });
  const packet = await makePacket(core, { ...packetOf(draft, plan), preconditions, inputs });
  if (approval.hash === undefined) {
    if (!mayBeBlind(packet))
      throw new GimoError('HASH_REQUIRED', {
        message: `The risk of this draft is ${packet.risk} and ${plural(packet.approvers.quorum)} to it, so it is only approved by its hash.`,
      });
  } else if (approval.hash !== packet.hash) {
    // Whoever binds inputs was shown the packet without them, and knows what they bind.
    const subject = { plan, preconditions, inputs: inputsOf(draft, plan) };
    const shown = await core.pure.run('hashSubject', subject, { sizeBytes: draft.plan_bytes });
    if (approval.inputs === undefined || approval.hash !== shown.hash) throw new GimoError('HASH_MISMATCH');
  }
  return packet;
}

const plural = (people: number): string => (people === 1 ? 'one person agrees' : `${people} people agree`);

function approvedOf(draft: StoredDraft, packet: Packet, decision: Decision): Approved {
  return {
    id: newId('approved'),
    draft_id: draft.id,
    prompt: draft.prompt,
    plan: packet.plan,
    hash: packet.hash,
    envelope: packet.envelope,
    preconditions: packet.preconditions,
    inputs: packet.inputs,
    approved_at: decision.at,
    approved_by: approvedBy(decision),
    grant_id: decision.agreement?.grant?.id ?? null,
    decision,
    expires_at: decision.expires_at ?? packet.expires_at,
    revoked_at: null,
    revoked_by: null,
    revoke_reason: '',
    runs_started: 0,
    max_runs: packet.plan.policy.max_runs,
  };
}

function approvalOps(draft: StoredDraft, rev: number, approved: Approved): GicsOp[] {
  const decided: StoredDraft = {
    ...draft,
    status: 'approved',
    approved_id: approved.id,
    decided_by: approved.approved_by,
    comment: approved.decision.comment === '' ? null : approved.decision.comment,
    updated_at: approved.approved_at,
  };
  const latest = { approved_id: approved.id };
  return [
    { op: 'put', collection: 'drafts', id: draft.id, value: asJson(decided), rev },
    { op: 'put', collection: 'approved', id: approved.id, value: asJson(approved), rev: 0 },
    { op: 'put', collection: 'decisions', id: approved.decision.id, value: asJson(approved.decision), rev: 0 },
    { op: 'put', collection: 'settings', id: latestApprovedId(approved.plan.title), value: latest },
  ];
}

export type ApprovalAnswer = { approved: Approved; run: Run | null } | { approved: null; run: null; approvers: Packet['approvers'] };

/**
 * Says yes to a draft. When enough people have, it is approved and, if asked, a run of it is started. Waits: ≤ 1 s for the delivery of the start.
 * Throws: NOT_FOUND, ALREADY_DECIDED, ALREADY_VOTED, SELF_APPROVAL, PERSON_REQUIRED, FORBIDDEN, HASH_MISMATCH, HASH_REQUIRED, INPUTS_INVALID,
 * REPO_REFUSED.
 */
export async function approveDraft(core: Core, call: Call, request: ApprovalRequest): Promise<ApprovalAnswer> {
  const { id, approval } = request;
  const { value: draft, rev } = await loadDraft(core, id);
  requireOpen(draft);
  const { plan } = draft;
  if (plan === null) throw new GimoError('ALREADY_DECIDED', { message: 'The draft has no plan.' });
  const packet = await decidedPacket(core, draft, plan, approval);
  const isShown = approval.hash !== undefined;
  const { decision, isLast } = agree(core, call, { draft, packet, isShown, comment: approval.comment ?? '' });
  if (!isLast) return storeVote(core, call, { draft, rev, packet, vote: decision });
  return storeApproval(core, call, { draft, rev, packet, decision, isShown, isRun: request.autoRun });
}

type Yes = { draft: StoredDraft; rev: number; packet: Packet };

/** One of several who have to agree. */
async function storeVote(core: Core, call: Call, { draft, rev, packet, vote }: Yes & { vote: Vote }): Promise<ApprovalAnswer> {
  const votes = [...draft.votes, vote];
  const next: StoredDraft = { ...draft, votes, vote_inputs: packet.inputs, updated_at: vote.at };
  const approvers = { ...packet.approvers, votes: [...packet.approvers.votes, shownVote(vote)] };
  const body = { approved: null, run: null, approvers };
  const ops: GicsOp[] = [
    { op: 'put', collection: 'drafts', id: draft.id, value: asJson(next), rev },
    { op: 'put', collection: 'decisions', id: vote.id, value: asJson(vote), rev: 0 },
  ];
  const detail = { decision_id: vote.id, votes: approvers.votes.length, of: approvers.quorum };
  const change = { ops, object: draft.id, hash: packet.hash, detail, answer: { status: 202, body } };
  await orOnConflict(commit(core, call, change), () => refuseStale(core, draft.id));
  return body;
}

type Stored = { approved: Approved; run: Run | null };
/** `more`: steps that are written with it. `answerOf`: what a repeat with the same Idempotency-Key gets. */
type Storing = {
  decision: Decision;
  isShown: boolean;
  isRun: boolean | undefined;
  more?: GicsOp[];
  answerOf?: (body: Stored) => StoredAnswer;
};

/** Throws: as approveDraft. A draft of revision 0 is stored with it. */
export async function storeApproval(
  core: Core,
  call: Call,
  { draft, rev, packet, decision, isShown, isRun, more = [], answerOf = (body) => ({ status: 200, body }) }: Yes & Storing,
): Promise<Stored> {
  const approved = approvedOf(draft, packet, decision);
  const run = (isRun ?? (await readOpsConfig(core)).default_auto_run) ? await firstRun(core, call, approved) : null;
  const stored: Approved = run === null ? approved : { ...approved, runs_started: 1 };
  const body = { approved: stored, run: run === null ? null : showRun(core, run.record) };
  const detail = {
    approved_id: approved.id,
    decision_id: decision.id,
    shown: isShown,
    run_id: run?.record.id ?? null,
    approved_by: stored.approved_by,
    ...core.views.since(call.actor, packet.hash),
  };
  const ops = [...approvalOps(draft, rev, stored), ...more, ...(run?.ops ?? [])];
  const change = { ops, object: draft.id, hash: packet.hash, detail, answer: answerOf(body) };
  await orOnConflict(commit(core, call, change), () => refuseStale(core, draft.id, rev));
  if (run !== null) await deliverStart(core, run);
  return body;
}

/** What a run needs of providers and keys is not asked here: without it the run itself ends at once and says what to configure. */
async function firstRun(core: Core, call: Call, approved: Approved): Promise<NewRun> {
  const inputs = await requireInputs(core, { inputs: approved.plan.inputs, bound: approved.inputs, given: {}, at: 'run' });
  return newRun(core, call, approved, { inputs, origin: null });
}
