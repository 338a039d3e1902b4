/** Whether a signed yes is one: the same check for the worker, the workflow and `gimo verify`. */
import { isAtLeast, stagesOf, voteFault, votesFault, votesNeeded, type ApproverPolicy, type Author, type Rule } from './approval-rule.ts';
import { canonicalJson } from './canonical.ts';
import type { Agreement, Decision, Vote } from './decision.ts';

/** Approvals under this version were made by one person and say nothing of others. */
const ONE_PERSON_VERSION = 1;

type IsSigned = (decision: Decision) => boolean;

/** Why a decision is no yes by enough people to a plan with this policy; null when it is. Its subject and hash are the caller's to check. */
export function agreementFault(decision: Decision, policy: ApproverPolicy, isSigned: IsSigned): string | null {
  const unsigned = signatureFault(decision, isSigned);
  if (unsigned !== null) return unsigned;
  const { agreement } = decision;
  if (agreement === undefined) return olderFault(decision, policy);
  const { rule, authors, earlier } = agreement;
  if (!isAtLeast(rule, policy)) return 'it was decided under a weaker rule than the plan asks for';
  const votes = [...earlier, decision];
  for (const key of ['id', 'nonce'] as const)
    if (new Set(votes.map((vote) => vote[key])).size < votes.length) return 'a vote is counted twice';
  return firstFault(earlier, decision, isSigned) ?? votesFault(rule, authors, votes);
}

/**
 * Why a yes to a wider envelope does not widen it; null when it does. It takes those who could have approved the plan: the same rule,
 * the same authors. In: the decision, and the agreement on the plan (null: of a version that kept none).
 */
export function wideningFault(decision: Decision, agreed: Agreement | null, policy: ApproverPolicy, isSigned: IsSigned): string | null {
  const { agreement } = decision;
  if (agreement === undefined)
    return agreed === null ? (olderFault(decision, policy) ?? signatureFault(decision, isSigned)) : 'it does not say who had to agree';
  const rules = agreed ?? { rule: { stages: stagesOf(policy), allows_self: true }, authors: [] };
  if (canonicalJson([agreement.rule, agreement.authors]) !== canonicalJson([rules.rule, rules.authors]))
    return 'it was decided under another rule than the plan';
  return agreementFault(decision, policy, isSigned);
}

const signatureFault = (decision: Decision, isSigned: IsSigned): string | null =>
  isSigned(decision) ? null : 'no signature is by a key of the ring';

function olderFault({ policy_version, by }: Decision, policy: ApproverPolicy): string | null {
  if (policy_version !== ONE_PERSON_VERSION) return 'it does not say who had to agree';
  const stages = stagesOf(policy);
  if (votesNeeded({ stages }) > 1) return 'one person alone agreed';
  return stages[0]?.role === 'admin' && !by.startsWith('admin:') ? 'the plan asks for an admin' : null;
}

function firstFault(earlier: readonly Vote[], last: Decision, isSigned: IsSigned): string | null {
  for (const vote of earlier) {
    const isSame = vote.subject === last.subject && vote.subject_id === last.subject_id && vote.hash === last.hash;
    if (!isSame || vote.verdict !== 'approve' || vote.policy_version !== last.policy_version) return 'a vote is about something else';
    if (vote.at > last.at || (vote.expires_at !== null && vote.expires_at <= last.at)) return 'a vote had expired';
    if (!isSigned(vote)) return 'a vote is not signed by a key of the ring';
  }
  return null;
}

/** Of the votes that were given, in their order, those that count under this rule for what has this hash now. */
export function countingVotes(
  votes: readonly Vote[],
  { rule, authors, hash, now }: { rule: Rule; authors: readonly Author[]; hash: string; now: string },
): Vote[] {
  const counting: Vote[] = [];
  for (const vote of votes) {
    const isLive = vote.hash === hash && (vote.expires_at === null || vote.expires_at > now);
    if (isLive && voteFault(rule, authors, counting, vote) === null) counting.push(vote);
  }
  return counting;
}
