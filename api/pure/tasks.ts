/** Work without input or output that can be long: it runs in place when small, else on a thread of its own (run-pure.ts). */
import { capabilitiesOf } from '#contract/capabilities.ts';
import { canonicalJson, hashOf } from '#contract/canonical.ts';
import { countingVotes } from '#contract/agreement.ts';
import { openStage, ruleFor, votesNeeded, type ApprovalConfig, type Author } from '#contract/approval-rule.ts';
import { approvalHash, POLICY_VERSION, type Preconditions, type Vote } from '#contract/decision.ts';
import type { Envelope } from '#contract/envelope.ts';
import type { Fault } from '#contract/errors.ts';
import { findingsOf, riskOf, type PlanFacts } from '#contract/findings/findings.ts';
import type { Json } from '#contract/json.ts';
import { withModels } from '#contract/model-calls.ts';
import type { Finding, Packet } from '#contract/objects.ts';
import { parseYamlBody } from '#contract/parse-body.ts';
import { allNodes, type Plan } from '#contract/plan.ts';
import { planChanges } from '#contract/plan-changes.ts';
import { checkPlan } from '#contract/plan-check.ts';
import { envelopeOf } from '#contract/plan-envelope.ts';
import { sanitise, type Removed } from '#contract/sanitise.ts';
import { sentenceOf } from '#contract/sentence.ts';
import { bindInputs, type Binding } from './bind-inputs.ts';

export type Subject = { plan: Plan; preconditions: Preconditions; inputs: Record<string, Json> };
export type PacketSource = Subject & {
  draft_id: string;
  revision: number;
  facts: PlanFacts;
  previous: { id: string; plan: Plan } | null;
  estimate: Packet['estimate'];
  expires_at: string;
  voting: Voting;
};
/** What the rule of an approval is made of, and who agreed so far. */
export type Voting = { config: ApprovalConfig; people: number; authors: Author[]; votes: Vote[]; now: string };

function hashSubject({ plan, preconditions, inputs }: Subject): { hash: string; envelope: Envelope } {
  const envelope = envelopeOf(plan);
  return { hash: approvalHash({ plan, envelope, policy_version: POLICY_VERSION, preconditions, inputs }), envelope };
}

function contents(plan: Plan): Map<string, string> {
  return new Map([...allNodes(plan.nodes)].map(({ node }) => [node.id, canonicalJson(node)]));
}

function diffOf(plan: Plan, previous: PacketSource['previous']): Packet['diff'] {
  if (previous === null) return null;
  const before = contents(previous.plan);
  const now = contents(plan);
  return {
    against: previous.id,
    added: [...now.keys()].filter((id) => !before.has(id)),
    removed: [...before.keys()].filter((id) => !now.has(id)),
    changed: [...now.keys()].filter((id) => before.has(id) && before.get(id) !== now.get(id)),
    changes: planChanges(previous.plan, plan),
  };
}

export function shownVote({ by, by_name, at, comment }: Vote): Packet['approvers']['votes'][number] {
  return { by, ...(by_name === undefined ? {} : { by_name }), at, comment };
}

function approversOf(plan: Plan, risk: Packet['risk'], hash: string, { config, people, authors, votes, now }: Voting): Packet['approvers'] {
  const rule = ruleFor(plan.policy, config, risk, people);
  const counting = countingVotes(votes, { rule, authors, hash, now });
  return {
    role: (openStage(rule, counting.length) ?? rule.stages.at(-1))?.role ?? plan.policy.approver_role,
    quorum: votesNeeded(rule),
    classes: ['human'],
    ...rule,
    authors,
    votes: counting.map(shownVote),
  };
}

/** All that an approver is shown. The hash over it leaves out what time alone changes. */
export function buildPacket(source: PacketSource): Packet {
  const { plan, preconditions, inputs, facts } = source;
  const { hash, envelope } = hashSubject(source);
  const findings = findingsOf(plan, envelope, facts);
  const risk = riskOf(findings);
  const shown: Omit<Packet, 'packet_hash' | 'expires_at'> = {
    draft_id: source.draft_id,
    revision: source.revision,
    hash,
    sentence: sentenceOf(plan, envelope, facts.fence),
    risk,
    findings,
    envelope,
    capabilities: withModels(capabilitiesOf(plan, envelope), facts.providers),
    diff: diffOf(plan, source.previous),
    estimate: source.estimate,
    approvers: approversOf(plan, risk, hash, source.voting),
    policy_version: POLICY_VERSION,
    preconditions,
    inputs,
    plan,
  };
  return { ...shown, packet_hash: hashOf('gimo.packet.v1', shown), expires_at: source.expires_at };
}

type PlanFindings = { envelope: Envelope; findings: Finding[] };

function planFindings({ plan, facts }: { plan: Plan; facts: PlanFacts }): PlanFindings {
  const envelope = envelopeOf(plan);
  return { envelope, findings: findingsOf(plan, envelope, facts) };
}

function checked(given: Json): { plan: Plan | null; faults: Fault[]; bytes: number; removed: Removed[] } {
  const { value, removed } = sanitise(given);
  const result = checkPlan(value);
  return { ...result, removed, bytes: result.plan === null ? 0 : canonicalJson(result.plan).length };
}

export const TASKS = {
  parseYaml: ({ text }: { text: string }): Json => parseYamlBody(text),
  checkPlan: ({ plan }: { plan: Json }): ReturnType<typeof checked> => checked(plan),
  planFindings: (source: { plan: Plan; facts: PlanFacts }): PlanFindings => planFindings(source),
  hashSubject: (subject: Subject): ReturnType<typeof hashSubject> => hashSubject(subject),
  buildPacket: (source: PacketSource): Packet => buildPacket(source),
  bindInputs: (binding: Binding): ReturnType<typeof bindInputs> => bindInputs(binding),
} as const;

export type TaskName = keyof typeof TASKS;
export type TaskInput<N extends TaskName> = Parameters<(typeof TASKS)[N]>[0];
export type TaskOutput<N extends TaskName> = ReturnType<(typeof TASKS)[N]>;
