/**
 * Decisions: what a person answered, as evidence. The API signs them, the workflow and every effect verify them and trust
 * nobody who merely says that something was approved.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import { ActorLabel, AuthorSchema, RuleSchema } from './approval-rule.ts';
import { domainBytes, hashOf } from './canonical.ts';
import { EnvelopeSchema, type Envelope } from './envelope.ts';
import { JsonSchema, type Json } from './json.ts';
import type { Plan } from './plan.ts';
import { z } from './zod.ts';

/** Raised when the meaning of an approval changes; part of every approval hash. */
export const POLICY_VERSION = 2;

const Hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const RISKS = ['low', 'medium', 'high'] as const;

export const PreconditionsSchema = z.strictObject({
  /** Repository and commit that the plan was shown for; null when the plan touches no files. */
  repo: z.string().nullable(),
  base_commit: z.string().nullable(),
  /** Tools of MCP servers as they were described, as hashes by `server/tool`; absent when the plan uses none. */
  tools: z.record(z.string(), Hex64).optional(),
});
export type Preconditions = z.output<typeof PreconditionsSchema>;

const bodyShape = {
  id: z.string(),
  subject: z.enum(['draft', 'gate', 'grant']),
  subject_id: z.string(),
  verdict: z.enum(['approve', 'reject']),
  /** For gates of an unknown outcome or a failed node: what to do. */
  choice: z.enum(['done', 'redo', 'continue']).nullable(),
  /** What was decided on: the approval hash of a draft, the hash of a gate. */
  hash: Hex64,
  /** Hash of all that was shown; null when nothing was. */
  packet_hash: Hex64.nullable(),
  envelope: EnvelopeSchema.nullable(),
  policy_version: z.int(),
  by: ActorLabel,
  /** The person's name, when the credential has one. */
  by_name: z.string().min(1).max(100).optional(),
  comment: z.string().max(5000),
  at: z.iso.datetime(),
  /** After this no run may start from it. Gate answers do not expire. */
  expires_at: z.iso.datetime().nullable(),
  nonce: z.string().min(16).max(64),
} as const;

export const SignatureSchema = z.strictObject({ kid: z.string().regex(/^[0-9a-f]{16}$/), signature: z.string().regex(/^[0-9a-f]{128}$/) });
const signatures = z.array(SignatureSchema).min(1).max(16);
/** What one person of several said. */
export const VoteSchema = z.strictObject({ ...bodyShape, signatures });
export type Vote = z.output<typeof VoteSchema>;

/** Why a yes is enough: the rule, who wrote it, and who agreed before. The decision itself is the last vote. */
export const AgreementSchema = z.strictObject({
  risk: z.enum(RISKS),
  rule: RuleSchema,
  authors: z.array(AuthorSchema).max(100),
  earlier: z.array(VoteSchema).max(100),
  /** Of an approval by a standing grant: which one, and who asked for it. Whoever made the grant is who agreed. */
  grant: z.strictObject({ id: z.string(), hash: Hex64, asked_by: ActorLabel }).optional(),
});
export type Agreement = z.output<typeof AgreementSchema>;

/** `agreement` stands in a yes to a plan, or to a wider envelope. */
export const DecisionBodySchema = z.strictObject({ ...bodyShape, agreement: AgreementSchema.optional() });
export type DecisionBody = z.output<typeof DecisionBodySchema>;

export const DecisionSchema = z.strictObject({ ...DecisionBodySchema.shape, signatures });
export type Decision = z.output<typeof DecisionSchema>;

export type PublicKey = { kid: string; public_key: string };

/** The bytes that are signed: domain, then the canonical body. */
export function decisionBytes(decision: DecisionBody | Decision): Uint8Array {
  const { signatures: _signatures, ...body } = decision as Decision;
  return domainBytes('gimo.decision.v1', body);
}

/** Pure verification for runtimes without `node:crypto` (a few ms): true when at least one signature is by a key of the ring. */
export function verifyDecision(decision: Decision, ring: readonly PublicKey[]): boolean {
  return verifySignatures(decisionBytes(decision), decision.signatures, ring);
}

export function verifySignatures(bytes: Uint8Array, signatures: Decision['signatures'], ring: readonly PublicKey[]): boolean {
  return signatures.some(({ kid, signature }) => {
    const key = ring.find((item) => item.kid === kid);
    return key !== undefined && ed25519.verify(hexToBytes(signature), bytes, hexToBytes(key.public_key));
  });
}

export type ApprovalSubject = {
  plan: Plan;
  envelope: Envelope;
  policy_version: number;
  preconditions: Preconditions;
  inputs: Record<string, Json>;
};

/** What an approver approves: exactly these bytes, in canonical form. */
export function approvalHash(subject: ApprovalSubject): string {
  return hashOf('gimo.approval.v1', subject);
}

/** `envelope`, `budget`: nodes that were added, or what a call may cost, need more than was approved; the evidence holds the delta. */
export const GATE_KINDS = ['question', 'unknown', 'failed', 'envelope', 'budget'] as const;

/** A yes to such a gate grants more than was approved, so whoever could have approved it has to give it. */
export function isWidening(kind: (typeof GATE_KINDS)[number]): boolean {
  return kind === 'envelope' || kind === 'budget';
}

export const GateContentSchema = z.strictObject({
  run_id: z.string(),
  node: z.string(),
  attempt: z.int(),
  kind: z.enum(GATE_KINDS),
  title: z.string(),
  message: z.string(),
  risk: z.enum(RISKS),
  evidence: JsonSchema,
  approval_hash: Hex64,
});
export type GateContent = z.output<typeof GateContentSchema>;

export function gateHash(content: GateContent): string {
  return hashOf('gimo.gate.v1', content);
}
