/** One no ends a draft, however many have agreed: an admin rejects it, whoever may approve vetoes it. */
import type { Draft } from '#contract/objects.ts';
import type { Call, Core } from '../deps.ts';
import { asJson, commit, orOnConflict } from './commit.ts';
import { signDecision, signerOf } from './decisions.ts';
import { loadDraft, refuseStale, requireOpen, showDraft, type StoredDraft } from './drafts.ts';

/** Of a draft that cannot be approved as it is, so that it has none. */
const NO_HASH = '0'.repeat(64);

/** Throws: NOT_FOUND, ALREADY_DECIDED. */
export async function rejectDraft(core: Core, call: Call, id: string, comment: string | null): Promise<Draft> {
  const { value: draft, rev } = await loadDraft(core, id);
  requireOpen(draft);
  const shown = await showDraft(core, draft);
  const decision = signDecision(core, {
    subject: 'draft',
    subject_id: id,
    verdict: 'reject',
    choice: null,
    hash: shown.hash ?? NO_HASH,
    packet_hash: null,
    envelope: null,
    ...signerOf(call.actor),
    comment: comment ?? '',
    expires_at: null,
  });
  const set = { status: 'rejected', decided_by: call.actor.label, comment, updated_at: decision.at } as const;
  const next: StoredDraft = { ...draft, ...set };
  const answer: Draft = { ...shown, ...set };
  const ops = [
    { op: 'put', collection: 'drafts', id, value: asJson(next), rev } as const,
    { op: 'put', collection: 'decisions', id: decision.id, value: asJson(decision), rev: 0 } as const,
  ];
  const detail = { decision_id: decision.id, votes: draft.votes.length, ...core.views.since(call.actor, answer.hash ?? '') };
  const change = { ops, object: id, hash: answer.hash ?? undefined, detail, answer: { status: 200, body: answer } };
  await orOnConflict(commit(core, call, change), () => refuseStale(core, id));
  return answer;
}
