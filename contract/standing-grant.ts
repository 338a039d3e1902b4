/**
 * Standing grants: what a person allows ahead of time. One always ends, is counted, and covers a draft only as far as its envelope goes; it
 * stands for the yes of the person who made it, so it never does what that person alone could not.
 */
import { votesNeeded } from './approval-rule.ts';
import { hashOf } from './canonical.ts';
import { DecisionSchema, type Agreement, type Decision, type Preconditions } from './decision.ts';
import { EnvelopeSchema, EnvelopeStatementSchema, type Envelope } from './envelope.ts';
import { envelopeOutside } from './envelope-within.ts';
import type { Approved } from './objects.ts';
import type { Plan } from './plan.ts';
import { DEFAULT_MAX_PARALLEL } from './plan-envelope.ts';
import { z } from './zod.ts';

export const GRANT_DAYS = { default: 7, max: 90 } as const;
const RISKS = ['low', 'medium', 'high'] as const;
const Time = z.iso.datetime();

const termsShape = {
  title: z.string().min(1).max(200),
  reason: z.string().max(2000).default(''),
  /** Drafts of a higher risk are not covered; those of high risk never are. */
  max_risk: z.enum(['low', 'medium']).default('low'),
  /** How many drafts it may approve, one run each. */
  max_uses: z.int().min(1).max(1000).default(10),
} as const;

/** What is signed. `repo`: the only repository whose files it covers; null: none. */
export const GrantTermsSchema = z.strictObject({
  id: z.string(),
  ...termsShape,
  envelope: EnvelopeSchema,
  repo: z.string().nullable(),
  expires_at: Time,
});
export type GrantTerms = z.output<typeof GrantTermsSchema>;

/** What the envelope leaves out is not granted. */
export const GrantCreate = z.strictObject({
  ...termsShape,
  envelope: EnvelopeStatementSchema,
  expires_days: z.int().min(1).max(GRANT_DAYS.max).default(GRANT_DAYS.default),
});

export const GrantSchema = GrantTermsSchema.extend({
  created_at: Time,
  created_by: z.string(),
  decision: DecisionSchema,
  revoked_at: Time.nullable(),
  revoked_by: z.string().nullable(),
  /** How many drafts it has approved. */
  uses: z.int().optional(),
});
export type Grant = z.output<typeof GrantSchema>;

export function termsOf({ id, title, reason, max_risk, max_uses, envelope, repo, expires_at }: GrantTerms): GrantTerms {
  return { id, title, reason, max_risk, max_uses, envelope, repo, expires_at };
}

export function grantHash(terms: GrantTerms): string {
  return hashOf('gimo.grant.v1', termsOf(terms));
}

const NOTHING: Envelope = EnvelopeSchema.parse({
  kinds: [],
  commands: [],
  paths: {},
  hosts: [],
  tools: [],
  models: [],
  secrets: [],
  budget: { usd: 0 },
  max_nodes: 100,
  max_depth: 1,
  // What a plan has that says nothing of it.
  max_parallel: DEFAULT_MAX_PARALLEL,
});

export function grantEnvelope(stated: z.output<typeof EnvelopeStatementSchema>): Envelope {
  return { ...NOTHING, ...Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined)) };
}

export type Covered = { plan: Plan; envelope: Envelope; preconditions: Preconditions; agreement: Pick<Agreement, 'risk' | 'rule'> };

/** Why a grant does not cover a plan, sentence by sentence; none when it does. Its time and count are the caller's to check. */
export function grantFaults(terms: GrantTerms, { plan, envelope, preconditions, agreement }: Covered): string[] {
  const faults = envelopeOutside(terms.envelope, envelope).map(({ message }) => message);
  const add = (isFault: boolean, message: string): void => void (isFault && faults.push(message));
  add(
    RISKS.indexOf(agreement.risk) > RISKS.indexOf(terms.max_risk),
    `its risk is ${agreement.risk}, and the grant covers ${terms.max_risk}`,
  );
  add(votesNeeded(agreement.rule) > 1, 'it takes several people');
  add(plan.policy.max_runs > 1, 'it asks for more than one run');
  add(plan.policy.priority === 'high', 'it asks for a larger share than other runs');
  add(preconditions.repo !== null && preconditions.repo !== terms.repo, 'it touches the files of another repository');
  return faults;
}

/** `approved_by` of an artifact: the credential of who decided, or the grant that did. */
export function approvedBy({ by, agreement }: Decision): string {
  return agreement?.grant === undefined ? by : `grant:${agreement.grant.id}`;
}

type Stored = Pick<Approved, 'plan' | 'envelope' | 'preconditions' | 'decision' | 'expires_at'>;

/** Why a grant does not stand behind an approval that names it; null when it does. Trusts only signatures. */
export function grantApprovalFault(
  { decision, expires_at, ...covered }: Stored,
  stored: unknown,
  isSigned: (decision: Decision) => boolean,
): string | null {
  const parsed = GrantSchema.safeParse(stored);
  const { agreement } = decision;
  if (!parsed.success || agreement?.grant === undefined) return 'there is no such grant';
  const grant = parsed.data;
  const made = grant.decision;
  const hash = grantHash(grant);
  if (agreement.grant.id !== grant.id || agreement.grant.hash !== hash || made.hash !== hash) return 'the grant was changed';
  if (made.subject !== 'grant' || made.subject_id !== grant.id || made.verdict !== 'approve' || !isSigned(made))
    return 'nobody made the grant';
  if (made.by !== decision.by || made.by_name !== decision.by_name) return 'somebody else made the grant';
  if (decision.at < made.at || decision.at >= grant.expires_at || expires_at > grant.expires_at) return 'the grant was not in force';
  const [fault] = grantFaults(grant, { ...covered, agreement });
  return fault === undefined ? null : `the grant does not cover it: ${fault}`;
}
