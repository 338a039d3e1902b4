/** Approving a draft: what was shown becomes a signed decision and an approved artifact, in one transaction. */
import { GimoError } from '#contract/errors.ts';
import type { GicsOp } from '#contract/gics.ts';
import type { Json } from '#contract/json.ts';
import { ROLES, type Approved, type Packet, type Run } from '#contract/objects.ts';
import type { Plan } from '#contract/plan.ts';
import type { Call, Core } from '../deps.ts';
import { defaultsOf } from '../pure/bind-inputs.ts';
import { asJson, commit, orOnConflict } from './commit.ts';
import { signDecision, signerOf } from './decisions.ts';
import { loadDraft, refuseStale, requireOpen, type StoredDraft } from './drafts.ts';
import { newId } from './ids.ts';
import { requireInputs } from './inputs.ts';
import { latestApprovedId, makePacket } from './packet.ts';
import { deliverStart, newRun, type NewRun } from './run-create.ts';
import { showRun } from './run-view.ts';
import { readOpsConfig } from './settings.ts';

export type Approval = { hash?: string; comment?: string; inputs?: Record<string, Json> };
type ApprovalRequest = { id: string; autoRun: boolean | undefined; approval: Approval };

function requireApprover(call: Call, plan: Plan): void {
  const least = plan.policy.approver_role;
  if (ROLES.indexOf(call.actor.role) >= ROLES.indexOf(least)) return;
  throw new GimoError('FORBIDDEN', {
    message: `The policy of this plan asks for the role ${least}; this credential has ${call.actor.role}.`,
  });
}

/** The packet that is approved. Throws: HASH_MISMATCH, HASH_REQUIRED, INPUTS_INVALID, REPO_REFUSED. */
async function decidedPacket(core: Core, draft: StoredDraft, plan: Plan, approval: Approval): Promise<Packet> {
  const preconditions = await core.repo.preconditions(plan, { isFresh: true });
  const defaults = defaultsOf(plan.inputs);
  const inputs = await requireInputs(core, { inputs: plan.inputs, bound: {}, given: approval.inputs ?? {}, at: 'approval' });
  const request = { draftId: draft.id, revision: draft.revision, plan, bytes: draft.plan_bytes, preconditions };
  const packet = await makePacket(core, { ...request, inputs });
  if (approval.hash === undefined) {
    if (packet.risk !== 'low')
      throw new GimoError('HASH_REQUIRED', { message: `The risk of this draft is ${packet.risk}, so it is only approved by its hash.` });
  } else if (approval.hash !== packet.hash) {
    // Whoever binds inputs was shown the packet without them, and knows what they bind.
    const subject = { plan, preconditions, inputs: defaults };
    const shown = await core.pure.run('hashSubject', subject, { sizeBytes: draft.plan_bytes });
    if (approval.inputs === undefined || approval.hash !== shown.hash) throw new GimoError('HASH_MISMATCH');
  }
  return packet;
}

function approvedOf(
  core: Core,
  call: Call,
  { draft, packet, approval }: { draft: StoredDraft; packet: Packet; approval: Approval },
): Approved {
  const decision = signDecision(core, {
    subject: 'draft',
    subject_id: draft.id,
    verdict: 'approve',
    choice: null,
    hash: packet.hash,
    packet_hash: approval.hash === undefined ? null : packet.packet_hash,
    envelope: packet.envelope,
    ...signerOf(call.actor),
    comment: approval.comment ?? '',
    expires_at: packet.expires_at,
  });
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
    approved_by: decision.by,
    decision,
    expires_at: packet.expires_at,
    revoked_at: null,
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

/**
 * Approves a draft and, if asked, starts a run of it. Waits: ≤ 1 s for the delivery of the start.
 * Throws: NOT_FOUND, ALREADY_DECIDED, FORBIDDEN, HASH_MISMATCH, HASH_REQUIRED, INPUTS_INVALID, REPO_REFUSED.
 */
export async function approveDraft(core: Core, call: Call, request: ApprovalRequest): Promise<{ approved: Approved; run: Run | null }> {
  const { id, approval } = request;
  const { value: draft, rev } = await loadDraft(core, id);
  requireOpen(draft);
  const { plan } = draft;
  if (plan === null) throw new GimoError('ALREADY_DECIDED', { message: 'The draft has no plan.' });
  requireApprover(call, plan);
  const packet = await decidedPacket(core, draft, plan, approval);
  const approved = approvedOf(core, call, { draft, packet, approval });
  const isRun = request.autoRun ?? (await readOpsConfig(core)).default_auto_run;
  const run = isRun ? await firstRun(core, call, approved) : null;
  const stored: Approved = run === null ? approved : { ...approved, runs_started: 1 };
  const body = { approved: stored, run: run === null ? null : showRun(core, run.record) };
  await orOnConflict(
    commit(core, call, {
      ops: [...approvalOps(draft, rev, stored), ...(run?.ops ?? [])],
      object: id,
      hash: packet.hash,
      detail: {
        approved_id: approved.id,
        decision_id: approved.decision.id,
        shown: approval.hash !== undefined,
        run_id: run?.record.id ?? null,
        ...core.views.since(call.actor, packet.hash),
      },
      answer: { status: 200, body },
    }),
    () => refuseStale(core, id),
  );
  if (run !== null) await deliverStart(core, run);
  return body;
}

/** What a run needs of providers and keys is not asked here: without it the run itself ends at once and says what to configure. */
async function firstRun(core: Core, call: Call, approved: Approved): Promise<NewRun> {
  const inputs = await requireInputs(core, { inputs: approved.plan.inputs, bound: approved.inputs, given: {}, at: 'run' });
  return newRun(approved, inputs, call.actor.label);
}
