/** One yes to a draft: whether it counts, and what it becomes. A decision of several people is the last yes with the earlier ones in it. */
import { countingVotes } from '#contract/agreement.ts';
import { openStage, voteFault, votesNeeded, type Rule } from '#contract/approval-rule.ts';
import type { Decision, DecisionBody, Vote } from '#contract/decision.ts';
import { GimoError } from '#contract/errors.ts';
import type { Packet } from '#contract/objects.ts';
import type { Actor, Call, Core } from '../deps.ts';
import { signDecision, signerOf } from './decisions.ts';
import type { StoredDraft } from './drafts.ts';

export type Agreed = { decision: Decision; isLast: boolean };

/** Throws: FORBIDDEN for a role that is too small or an author, ALREADY_DECIDED for a second vote of one person. */
export function requireVoter(
  actor: Actor,
  rule: Rule,
  { authors, votes }: { authors: Parameters<typeof voteFault>[1]; votes: readonly Vote[] },
): void {
  const fault = voteFault(rule, authors, votes, signerOf(actor));
  if (fault === null) return;
  if (fault.why === 'twice') throw new GimoError('ALREADY_VOTED', { message: fault.message });
  throw new GimoError(fault.why === 'author' ? 'SELF_APPROVAL' : fault.why === 'nobody' ? 'PERSON_REQUIRED' : 'FORBIDDEN', {
    message: fault.message,
  });
}

export function ruleIn({ approvers: { stages, allows_self } }: Packet): Rule {
  return { stages, allows_self };
}

/** Signs a yes to what the packet shows. Throws: as requireVoter. */
export function agree(
  core: Core,
  call: Call,
  { draft, packet, isShown, comment }: { draft: StoredDraft; packet: Packet; isShown: boolean; comment: string },
): Agreed {
  const rule = ruleIn(packet);
  const { authors } = packet.approvers;
  const votes = countingVotes(draft.votes, { rule, authors, hash: packet.hash, now: new Date().toISOString() });
  requireVoter(call.actor, rule, { authors, votes });
  const isLast = openStage(rule, votes.length + 1) === null;
  const body: Omit<DecisionBody, 'id' | 'policy_version' | 'at' | 'nonce'> = {
    subject: 'draft',
    subject_id: draft.id,
    verdict: 'approve',
    choice: null,
    hash: packet.hash,
    packet_hash: isShown ? packet.packet_hash : null,
    envelope: isLast ? packet.envelope : null,
    ...signerOf(call.actor),
    comment,
    expires_at: [packet.expires_at, ...votes.flatMap((vote) => vote.expires_at ?? [])].toSorted()[0] ?? packet.expires_at,
    ...(isLast ? { agreement: { risk: packet.risk, rule, authors, earlier: votes } } : {}),
  };
  return { decision: signDecision(core, body), isLast };
}

/** Whether one person alone may say yes without having been shown what it is. */
export function mayBeBlind(packet: Packet): boolean {
  return packet.risk === 'low' && votesNeeded(ruleIn(packet)) === 1;
}
