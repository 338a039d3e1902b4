/** Who has to agree before something is approved. Pure: the API decides by it, the workflow and each effect check by it. */
import { skeleton } from './lookalike.ts';
import { z } from './zod.ts';

const RISKS = ['low', 'medium', 'high'] as const;
type Risk = (typeof RISKS)[number];
export const APPROVER_ROLES = ['operator', 'admin'] as const;
export const RULE_LIMITS = { stages: 5, people: 20 } as const;

/** `role:<first 12 hex of SHA-256 of the token>`: the only form in which a credential is ever stored or shown. */
export const ActorLabel = z.string().regex(/^(actions|operator|admin):[0-9a-f]{12}$/);
const Name = z.string().min(1).max(100);
const Count = z.int().min(1).max(RULE_LIMITS.people);

/** One stage: so many people of at least this role. Stages follow one another. */
export const StageSchema = z.strictObject({ title: z.string().max(100).default(''), role: z.enum(APPROVER_ROLES), quorum: Count });
export type Stage = z.output<typeof StageSchema>;

export const RuleSchema = z.strictObject({
  stages: z.array(StageSchema).min(1).max(RULE_LIMITS.stages),
  /** Whether somebody whose text is in it may agree to it. */
  allows_self: z.boolean(),
});
export type Rule = z.output<typeof RuleSchema>;

/** Somebody whose text is in what is decided on. `owner`: the person who made the token of an agent. */
export const AuthorSchema = z.strictObject({
  by: ActorLabel,
  by_name: Name.optional(),
  class: z.enum(['human', 'agent']),
  owner: Name.optional(),
});
export type Author = z.output<typeof AuthorSchema>;
export type Voter = { by: string; by_name?: string | undefined };

export const ApprovalConfigSchema = z.strictObject({
  /** How many people have to agree at least, by the risk of the plan. A plan may ask for more. */
  quorum: z.strictObject({ low: Count.default(1), medium: Count.default(1), high: Count.default(1) }).prefault({}),
  /**
   * Whether authors may approve their own plans of medium or high risk. `alone`: while only one person was ever given a token that may
   * approve.
   */
  self_approval: z.enum(['alone', 'allowed', 'refused']).default('alone'),
});
export type ApprovalConfig = z.output<typeof ApprovalConfigSchema>;

/** What a plan says of its approvers. */
export type ApproverPolicy = { approver_role: Stage['role']; quorum: number; stages?: Stage[] | undefined };

/** Of a plan itself, before anything that an instance asks for in addition. */
export function stagesOf({ approver_role, quorum, stages }: ApproverPolicy): Stage[] {
  return stages ?? [{ title: '', role: approver_role, quorum }];
}

export const votesNeeded = ({ stages }: Pick<Rule, 'stages'>): number => stages.reduce((sum, { quorum }) => sum + quorum, 0);

/** In: the plan's policy, what the instance asks for, the risk, how many people may approve here. */
export function ruleFor(policy: ApproverPolicy, config: ApprovalConfig, risk: Risk, people: number): Rule {
  const stages = stagesOf(policy);
  const missing = Math.max(0, config.quorum[risk] - votesNeeded({ stages }));
  const last = stages.length - 1;
  const raised = stages.map((stage, index) => (index === last ? { ...stage, quorum: stage.quorum + missing } : stage));
  return {
    stages: raised,
    allows_self: risk === 'low' || config.self_approval === 'allowed' || (config.self_approval === 'alone' && people <= 1),
  };
}

/** Whether a rule asks for no less than the policy of the plan does. */
export function isAtLeast(rule: Rule, policy: ApproverPolicy): boolean {
  const asked = stagesOf(policy);
  return (
    rule.stages.length === asked.length &&
    asked.every(({ role, quorum }, index) => {
      const stage = rule.stages[index];
      return stage !== undefined && stage.role === role && stage.quorum >= quorum;
    })
  );
}

/** The person behind a name, however it is written. Null: a role token, which names nobody. */
export function personOf({ by_name: name }: Pick<Voter, 'by_name'>): string | null {
  return name === undefined ? null : skeleton(name);
}

const ROLES = ['actions', 'operator', 'admin'];
const hasRole = ({ by }: Voter, role: Stage['role']): boolean => ROLES.indexOf(by.split(':')[0] ?? '') >= ROLES.indexOf(role);

/** The stage that the next vote counts for; null when enough people have agreed. */
export function openStage(rule: Rule, votes: number): Stage | null {
  let before = 0;
  for (const stage of rule.stages) {
    before += stage.quorum;
    if (votes < before) return stage;
  }
  return null;
}

export type VoteFault = { why: 'role' | 'nobody' | 'author' | 'twice' | 'enough'; message: string };

/** Why somebody cannot agree after those who agreed before; null when they can. */
export function voteFault(rule: Rule, authors: readonly Author[], earlier: readonly Voter[], voter: Voter): VoteFault | null {
  const stage = openStage(rule, earlier.length);
  if (stage === null) return { why: 'enough', message: 'Enough people have agreed already.' };
  if (!hasRole(voter, stage.role)) return { why: 'role', message: `This needs the role ${stage.role}.` };
  const isByPerson = votesNeeded(rule) > 1 || !rule.allows_self;
  if (!isByPerson) return null;
  const person = personOf(voter);
  if (person === null)
    return { why: 'nobody', message: 'People are told apart here, and a role token names nobody: use a named token of your own.' };
  if (earlier.some((vote) => personOf(vote) === person))
    return { why: 'twice', message: 'You have agreed to it already; the others have to be other people.' };
  return rule.allows_self ? null : authorFault(authors, person);
}

function authorFault(authors: readonly Author[], person: string): VoteFault | null {
  const own = authors.some(
    (author) => (author.class === 'human' ? personOf(author) : author.owner === undefined ? null : skeleton(author.owner)) === person,
  );
  if (own) return { why: 'author', message: 'You or an agent of yours wrote some of it, so another person has to approve it.' };
  if (!authors.some((author) => author.class === 'human' && author.by_name === undefined)) return null;
  return {
    why: 'author',
    message:
      'Some of it was written with a role token, which names nobody, so it cannot be told whether you wrote it: draft it again with a named token.',
  };
}

/** Why these votes, in their order, do not approve; null when they do. */
export function votesFault(rule: Rule, authors: readonly Author[], votes: readonly Voter[]): string | null {
  for (const [index, vote] of votes.entries()) {
    const fault = voteFault(rule, authors, votes.slice(0, index), vote);
    if (fault !== null) return `the vote of ${vote.by_name ?? vote.by} does not count: ${fault.message}`;
  }
  return openStage(rule, votes.length) === null ? null : `only ${votes.length} of ${votesNeeded(rule)} people agreed`;
}
