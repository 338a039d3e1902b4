import { CancellationScope, CancelledFailure, sleep } from '@temporalio/workflow';
import { wideningFault } from '#contract/agreement.ts';
import type { ApproverPolicy } from '#contract/approval-rule.ts';
import {
  gateHash,
  isWidening,
  verifyDecision,
  type Agreement,
  type Decision,
  type GateContent,
  type PublicKey,
} from '#contract/decision.ts';
import { gateIdOf } from '#contract/gate-id.ts';
import type { NodeKind } from '#contract/nodes/index.ts';
import { bookkeeping } from './activities.ts';
import { errorInfo, NodeFailure } from './failure.ts';
import type { Journal } from './journal.ts';
import type { ApprovedRun } from './run-context.ts';

type Open = { hash: string; kind: GateContent['kind']; answer: (decision: Decision) => void; refuse: (error: Error) => void };
type Question = Omit<GateContent, 'run_id' | 'approval_hash'>;

/** The gates of one run: opened by nodes, answered by signed decisions that arrive as updates or signals. */
export class Gates {
  readonly #runId: string;
  readonly #approvalHash: string;
  readonly #keyRing: readonly PublicKey[];
  readonly #journal: Journal;
  readonly #policy: ApproverPolicy;
  readonly #agreement: Agreement | null;
  #open = new Map<string, Open>();
  #seen = new Set<string>();
  #asked = new Map<string, number>();

  constructor(runId: string, approved: ApprovedRun, journal: Journal) {
    this.#runId = runId;
    this.#approvalHash = approved.approval_hash;
    this.#keyRing = approved.key_ring;
    this.#policy = approved.plan.policy;
    this.#agreement = approved.agreement ?? null;
    this.#journal = journal;
  }

  /** Null when the decision may be applied, else the sentence that refuses it. Applied twice counts as accepted. */
  refusal(decision: Decision): string | null {
    if (this.#seen.has(decision.id)) return null;
    const gate = this.#open.get(decision.subject_id);
    if (decision.subject !== 'gate' || !gate) return `this run has no open gate ${decision.subject_id}`;
    if (decision.hash !== gate.hash) return 'the decision was made on other content';
    const isSigned = (signed: Decision): boolean => verifyDecision(signed, this.#keyRing);
    if (!isSigned(decision)) return 'the signature does not verify';
    return isWidening(gate.kind) ? wideningFault(decision, this.#agreement, this.#policy, isSigned) : null;
  }

  /** Applies a decision that `refusal` accepts. */
  decide(decision: Decision): void {
    this.#journal.acknowledge(decision.id);
    if (this.#seen.has(decision.id)) return;
    this.#seen.add(decision.id);
    this.#open.get(decision.subject_id)?.answer(decision);
  }

  /**
   * Opens a gate and waits for its answer. In: the kind of the asking node, what is asked, how long (null = for ever). Out: the decision.
   * Throws: NodeFailure TIMEOUT when nobody answers in time; a time-out never approves.
   */
  async ask(nodeKind: NodeKind, question: Question, timeoutMs: number | null): Promise<Decision> {
    const content = this.#contentOf(question);
    const hash = gateHash(content);
    const gateId = gateIdOf(this.#runId, hash);
    const answered = new Promise<Decision>((answer, refuse) => this.#open.set(gateId, { hash, kind: content.kind, answer, refuse }));
    // A stop may refuse it while the gate is still being opened and nobody waits for the answer yet.
    answered.catch(() => undefined);
    const expiresAt = timeoutMs === null ? null : new Date(Date.now() + timeoutMs).toISOString();
    this.#journal.node(question.node, 'info', `waits for a person: ${question.title}`, {
      kind: nodeKind,
      status: question.kind === 'unknown' ? 'unknown' : 'waiting',
      gate_id: gateId,
      reason: question.title,
    });
    try {
      const cargo = this.#journal.load();
      const early = await bookkeeping.openGate({ ...cargo.batch, gate_id: gateId, content, expires_at: expiresAt });
      cargo.arrived();
      if (early.decision && this.refusal(early.decision) === null) this.decide(early.decision);
      return await (timeoutMs === null ? answered : this.#withExpiry(answered, timeoutMs, gateId, question.attempt));
    } finally {
      this.#open.delete(gateId);
    }
  }

  /** The same question a second time, as after a redo that failed again, is another gate: the first answer does not answer it. */
  #contentOf(question: Question): GateContent {
    const content = { ...question, run_id: this.#runId, approval_hash: this.#approvalHash };
    const hash = gateHash(content);
    const before = this.#asked.get(hash) ?? 0;
    this.#asked.set(hash, before + 1);
    return before === 0 ? content : { ...content, evidence: { asked_before: before, evidence: content.evidence } };
  }

  async #withExpiry(answered: Promise<Decision>, timeoutMs: number, gateId: string, attempt: number): Promise<Decision> {
    const timer = new CancellationScope();
    const expiry = async (): Promise<never> => {
      await sleep(timeoutMs);
      this.#journal.expire(gateId);
      throw new NodeFailure(errorInfo('TIMEOUT', 'Nobody answered the gate in time.', attempt));
    };
    try {
      return await Promise.race([answered, timer.run(expiry)]);
    } finally {
      timer.cancel();
    }
  }

  stop(): void {
    for (const gate of this.#open.values()) gate.refuse(new CancelledFailure('the run was stopped'));
  }
}
