import { wideningFault } from '#contract/agreement.ts';
import { DecisionSchema, GateContentSchema, gateHash, isWidening, type Decision, type GateContent } from '#contract/decision.ts';
import { GimoError } from '#contract/errors.ts';
import type { Gics } from '#contract/gics.ts';
import { isJsonObject, type Json } from '#contract/json.ts';
import type { Approved, Gate } from '#contract/objects.ts';
import { DeltaSchema, isBudgetOnly, type Delta } from '#contract/plan-delta.ts';

const CACHED = 1000;

/**
 * What people granted to one run beyond its envelope. A workflow only names decisions; each is read from GICS and verified
 * here: signed by a key of the ring, a yes, about exactly the gate of this run and approval whose delta is granted.
 */
export class Grants {
  readonly #gics: Gics;
  readonly #isSigned: (decision: Decision) => boolean;
  #known = new Map<string, Delta>();

  constructor(gics: Gics, isSigned: (decision: Decision) => boolean) {
    this.#gics = gics;
    this.#isSigned = isSigned;
  }

  /** Throws: APPROVAL_INVALID, GICS_UNAVAILABLE. */
  async load(decisionId: string, runId: string, approved: Approved): Promise<Delta> {
    const key = `${runId} ${approved.hash} ${decisionId}`;
    const known = this.#known.get(key);
    if (known) return known;
    const decision = await this.#gics.get<Decision>('decisions', decisionId);
    const gate = decision === null ? null : await this.#gics.get<Gate>('gates', decision.value.subject_id);
    const delta = this.#verified(decision?.value, gate?.value, runId, approved);
    if (typeof delta === 'string') throw new GimoError('APPROVAL_INVALID', { message: `What was granted does not verify: ${delta}.` });
    if (this.#known.size >= CACHED) this.#known.clear();
    this.#known.set(key, delta);
    return delta;
  }

  /** Out: the delta, or why there is none. */
  #verified(stored: unknown, gate: Gate | undefined, runId: string, approved: Approved): Delta | string {
    const decision = DecisionSchema.safeParse(stored);
    const content = gate === undefined ? null : contentOf(gate);
    if (!decision.success || content === null) return 'the decision or its gate is not there';
    const { subject, verdict, hash } = decision.data;
    const { kind } = content;
    if (subject !== 'gate' || verdict !== 'approve' || !isWidening(kind)) return 'it is no yes to a wider envelope';
    if (content.run_id !== runId || content.approval_hash !== approved.hash) return 'it is about another run';
    if (gateHash(content) !== hash) return 'a byte of what was asked was changed';
    const fault = wideningFault(decision.data, approved.decision?.agreement ?? null, approved.plan.policy, this.#isSigned);
    if (fault !== null) return fault;
    const delta = deltaIn(content.evidence);
    if (delta === null) return 'it names no delta';
    return kind === 'budget' && !isBudgetOnly(delta) ? 'it was about the budget alone' : delta;
  }
}

function contentOf(gate: Gate): GateContent | null {
  const { run_id, node, attempt, kind, title, message, risk, evidence, approval_hash } = gate;
  const parsed = GateContentSchema.safeParse({ run_id, node, attempt, kind, title, message, risk, evidence, approval_hash });
  return parsed.success ? parsed.data : null;
}

/** A question that was asked before carries its evidence one level deeper. */
function deltaIn(evidence: Json): Delta | null {
  if (!isJsonObject(evidence)) return null;
  const inner = 'asked_before' in evidence && isJsonObject(evidence['evidence']) ? evidence['evidence'] : evidence;
  const parsed = DeltaSchema.safeParse(inner['delta']);
  return parsed.success ? parsed.data : null;
}
