import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { agreementFault } from '#contract/agreement.ts';
import { canonicalJson } from '#contract/canonical.ts';
import type { Delegation } from '#contract/delegation.ts';
import type { Envelope, Outside } from '#contract/envelope.ts';
import { approvalHash, decisionBytes, DecisionSchema, type Decision, type PublicKey } from '#contract/decision.ts';
import { errorMessage, GimoError } from '#contract/errors.ts';
import { flowTitle } from '#contract/flow-question.ts';
import type { Gics, GicsOp, GicsRecord } from '#contract/gics.ts';
import { openFlows } from '#contract/label-rules.ts';
import type { EffectInput } from '#contract/messages.ts';
import type { Approved } from '#contract/objects.ts';
import { escapePattern, pathCovers } from '#contract/pattern.ts';
import { permitFaults } from '#contract/plan-envelope.ts';
import { widened } from '#contract/plan-delta.ts';
import { approvedBy, grantApprovalFault, type Grant } from '#contract/standing-grant.ts';
import { readKeyRing } from '#platform/keys.ts';
import { Grants } from './grants.ts';

const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');
const CACHED_APPROVALS = 200;
/** Sums of raises are not exact. */
const ROUNDING_USD = 1e-6;

/** An approval that has been verified, and the revisions that it stood on: effects check these in their own transaction. */
export type VerifiedApproval = { approved: Approved; rev: number; checks: GicsOp[] };
/** With what was carved out of it, for an effect of a delegated run. */
export type Permit = VerifiedApproval & { delegation: Delegation | null; mayWrite: (path: string) => boolean };

/**
 * Verifies approvals in the worker, from the key ring file and never from a ring that GICS or a workflow hands over.
 * A verdict is kept as long as the record's revision stays the same.
 */
export class Permits {
  readonly #gics: Gics;
  readonly #keyRingFile: string;
  readonly #grants: Grants;
  #verified = new Map<string, VerifiedApproval>();
  #delegations = new Map<string, Delegation>();

  constructor(gics: Gics, keyRingFile: string) {
    this.#gics = gics;
    this.#keyRingFile = keyRingFile;
    this.#grants = new Grants(gics, (decision) => this.verifySignature(decision));
  }

  keyRing(): PublicKey[] {
    return readKeyRing(this.#keyRingFile).keys.map(({ kid, public_key }) => ({ kid, public_key }));
  }

  /** Throws: NOT_FOUND, APPROVAL_INVALID, APPROVAL_REVOKED, GICS_UNAVAILABLE. */
  async load(approvedId: string): Promise<VerifiedApproval> {
    const record = await this.#gics.get<Approved>('approved', approvedId);
    if (!record) throw new GimoError('NOT_FOUND', { message: `There is no approved artifact ${approvedId}.` });
    const known = this.#verified.get(approvedId);
    if (known && known.rev === record.rev) return known;
    this.#verify(record);
    const own: GicsOp = { op: 'check', collection: 'approved', id: approvedId, rev: record.rev };
    const verified = { approved: record.value, rev: record.rev, checks: [own, ...(await this.#grantCheck(record.value))] };
    if (this.#verified.size >= CACHED_APPROVALS) this.#verified.clear();
    this.#verified.set(approvedId, verified);
    return verified;
  }

  /** The verified approval that an effect stands on, from memory when it is known. */
  async forEffect(input: EffectInput): Promise<Permit> {
    const verified = this.#verified.get(input.approved_id) ?? (await this.load(input.approved_id));
    if (verified.approved.hash !== input.approval_hash)
      throw new GimoError('APPROVAL_INVALID', { message: 'The run was started for another approval.' });
    const { approved } = verified;
    const own = await Promise.all((input.grants ?? []).map((id) => this.#grants.load(id, input.run_id, approved)));
    const delegation = input.ancestors === undefined ? null : await this.#delegationOf(input);
    const above = (delegation?.grants ?? []).map((grant) => this.#grants.load(grant.decision_id, grant.run_id, approved));
    const envelopes = [
      widened(approved.envelope, [...(await Promise.all(above)), ...own]),
      ...(delegation === null ? [] : [widened(delegation.envelope, own)]),
    ];
    const outside = outsideOfAny(envelopes, input);
    const flow = openFlow(widened(delegation?.envelope ?? approved.envelope, own), input);
    if (flow !== null) throw new GimoError('OUTSIDE_ENVELOPE', { message: `Nobody has said yes to it: ${flow}` });
    const mayWrite = (path: string): boolean => envelopes.every((envelope) => isWritable(envelope, path));
    if (outside.length === 0) return { ...verified, delegation, mayWrite };
    throw new GimoError('OUTSIDE_ENVELOPE', {
      message: `Outside of what was approved: ${outside.map((item) => item.message).join('; ')}.`,
    });
  }

  /** What was carved out for a delegated run. It never changes. Throws: APPROVAL_INVALID, GICS_UNAVAILABLE. */
  async #delegationOf({ run_id: id, ancestors }: EffectInput): Promise<Delegation> {
    const known = this.#delegations.get(id);
    if (known) return known;
    const found = (await this.#gics.get<Delegation>('delegations', id))?.value;
    if (!found || canonicalJson(found.ancestors) !== canonicalJson(ancestors ?? []))
      throw new GimoError('APPROVAL_INVALID', { message: 'Nothing says who delegated this run, and what.' });
    if (this.#delegations.size >= CACHED_APPROVALS) this.#delegations.clear();
    this.#delegations.set(id, found);
    return found;
  }

  /** Forgets what is known of an approval, so that the next effect reads and verifies it again. */
  forget(approvedId: string): void {
    this.#verified.delete(approvedId);
  }

  #verify({ id, value }: GicsRecord<Approved>): void {
    if (value.revoked_at !== null) throw new GimoError('APPROVAL_REVOKED');
    const fault = this.#fault(id, value);
    if (fault !== null) throw new GimoError('APPROVAL_INVALID', { message: `The approval does not verify: ${fault}.` });
  }

  /** Of an approval by a standing grant: the grant still stands behind it. Throws: APPROVAL_INVALID, APPROVAL_REVOKED, GICS_UNAVAILABLE. */
  async #grantCheck(approved: Approved): Promise<GicsOp[]> {
    const id = approved.decision.agreement?.grant?.id;
    if (id === undefined) return [];
    const grant = await this.#gics.get<Grant>('grants', id);
    const fault = grantApprovalFault(approved, grant?.value, (signed) => this.verifySignature(signed));
    if (grant === null || fault !== null) throw new GimoError('APPROVAL_INVALID', { message: `The approval does not verify: ${fault}.` });
    if (grant.value.revoked_at !== null)
      throw new GimoError('APPROVAL_REVOKED', { message: 'The standing grant behind the approval was revoked.' });
    return [{ op: 'check', collection: 'grants', id, rev: grant.rev }];
  }

  #fault(id: string, approved: Approved): string | null {
    const parsed = DecisionSchema.safeParse(approved.decision);
    if (!parsed.success) return 'its decision is not well-formed';
    const decision = parsed.data;
    if (approved.id !== id) return 'it is stored under another id';
    if (decision.verdict !== 'approve' || decision.subject !== 'draft' || decision.subject_id !== approved.draft_id)
      return 'its decision is about something else';
    const { plan, envelope, preconditions, inputs } = approved;
    try {
      if (approvalHash({ plan, envelope, policy_version: decision.policy_version, preconditions, inputs }) !== decision.hash)
        return 'a byte of the plan was changed';
    } catch (error) {
      return errorMessage(error);
    }
    if (approved.hash !== decision.hash) return 'its hash was changed';
    if (approved.approved_by !== approvedBy(decision)) return 'who approved it was changed';
    if (approved.expires_at !== decision.expires_at || approved.max_runs !== plan.policy.max_runs) return 'its limits were changed';
    return agreementFault(decision, plan.policy, (signed) => this.verifySignature(signed));
  }

  verifySignature(decision: Decision): boolean {
    return this.isSigned(decisionBytes(decision), decision.signatures);
  }

  /** Whether at least one signature is by a key of the ring. */
  isSigned(bytes: Uint8Array, signatures: Decision['signatures']): boolean {
    const ring = this.keyRing();
    return signatures.some(({ kid, signature }) => {
      const key = ring.find((item) => item.kid === kid);
      return key !== undefined && verify(null, bytes, publicKeyOf(key.public_key), Buffer.from(signature, 'hex'));
    });
  }
}

function isWritable({ paths }: Envelope, path: string): boolean {
  return paths.write.some((pattern) => pathCovers(pattern, escapePattern(path)));
}

/** Every envelope has to cover the effect, its ceiling included. */
function outsideOfAny(envelopes: Envelope[], { max_usd: maxUsd, kind, with: value }: EffectInput): Outside[] {
  return envelopes.flatMap((envelope) => {
    if ((maxUsd ?? 0) > envelope.budget.usd + ROUNDING_USD)
      throw new GimoError('BUDGET_EXCEEDED', { message: `Its ceiling of ${maxUsd} US$ is above the budget of the run.` });
    return permitFaults(envelope, { kind, with: value });
  });
}

/** What a person would have to be asked about where its values come from; null when it may be done. */
function openFlow(envelope: Envelope, { labels, node, kind, with: value }: EffectInput): string | null {
  if (labels === undefined) return null;
  const effect = { node, kind, with: value, labels };
  const flows = openFlows(effect, envelope);
  return flows.length === 0 ? null : flowTitle({ effect, flows });
}

function publicKeyOf(rawHex: string): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_ED25519, Buffer.from(rawHex, 'hex')]), format: 'der', type: 'spki' });
}
