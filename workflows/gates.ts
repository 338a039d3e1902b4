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
import type { KeptGate, RunSegment } from '#contract/segment.ts';
import type { NodeKind } from '#contract/nodes/index.ts';
import { bookkeeping } from './activities.ts';
import { errorInfo, NodeFailure } from './failure.ts';
import type { Journal } from './journal.ts';
import type { ApprovedRun } from './run-context.ts';

type Open = Omit<KeptGate, 'gate_id'> & { answer: (decision: Decision) => void; refuse: (error: Error) => void };
type Waiting = { gateId: string; expiresMs: number | null; answered: Promise<Decision> };
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
  /** Gates of the segment before, by the node that will ask again. */
  #known = new Map<string, Waiting>();
  #opening = new Set<string>();
  /** The decision that was checked last. */
  #checked: { text: string; isSigned: boolean } | null = null;

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
    const isSigned = (signed: Decision): boolean => this.#isSigned(signed);
    if (!isSigned(decision)) return 'the signature does not verify';
    // A no grants nothing: one person alone may say it.
    if (decision.verdict === 'reject' || !isWidening(gate.kind)) return null;
    return wideningFault(decision, this.#agreement, this.#policy, isSigned);
  }

  /** The validator of an update and its handler ask about the same decision; a signature takes a millisecond or two. */
  #isSigned(decision: Decision): boolean {
    const text = JSON.stringify(decision);
    if (this.#checked?.text !== text) this.#checked = { text, isSigned: verifyDecision(decision, this.#keyRing) };
    return this.#checked.isSigned;
  }

  /** Applies a decision that `refusal` accepts. */
  decide(decision: Decision): void {
    this.#journal.acknowledge(decision.id);
    if (this.#seen.has(decision.id)) return;
    this.#seen.add(decision.id);
    const gate = this.#open.get(decision.subject_id);
    if (!gate) return;
    gate.decision = decision;
    gate.answer(decision);
  }

  /** Whether a gate is being written, so that it may or may not be there. */
  get isOpening(): boolean {
    return this.#opening.size > 0;
  }

  get kept(): RunSegment['gates'] {
    const open = [...this.#open].map(([gate_id, { answer: _answer, refuse: _refuse, ...gate }]) => ({ gate_id, ...gate }));
    return { open, asked: Object.fromEntries(this.#asked), seen: [...this.#seen] };
  }

  /** Gates stay open over a change of segments: they can be answered before their nodes wait for them again. */
  restore({ open, asked, seen }: RunSegment['gates']): void {
    this.#asked = new Map(Object.entries(asked));
    this.#seen = new Set(seen);
    for (const { gate_id: gateId, ...gate } of open) {
      const answered = this.#register(gateId, gate);
      this.#known.set(gate.node, { gateId, expiresMs: gate.expires_ms, answered });
      if (gate.decision) this.#open.get(gateId)?.answer(gate.decision);
    }
  }

  #register(gateId: string, gate: Omit<KeptGate, 'gate_id'>): Promise<Decision> {
    const answered = new Promise<Decision>((answer, refuse) => this.#open.set(gateId, { ...gate, answer, refuse }));
    // A stop may refuse it before anybody waits for the answer.
    answered.catch(() => undefined);
    return answered;
  }

  /**
   * Opens a gate and waits for its answer. In: the kind of the asking node, what is asked, how long (null = for ever). Out: the decision.
   * Throws: NodeFailure TIMEOUT when nobody answers in time; a time-out never approves.
   */
  async ask(nodeKind: NodeKind, question: Question, timeoutMs: number | null): Promise<Decision> {
    const known = this.#known.get(question.node);
    this.#known.delete(question.node);
    const content = known ? null : this.#contentOf(question);
    const hash = content ? gateHash(content) : '';
    const gateId = known?.gateId ?? gateIdOf(this.#runId, hash);
    const expiresMs = known ? known.expiresMs : timeoutMs === null ? null : Date.now() + timeoutMs;
    const answered =
      known?.answered ?? this.#register(gateId, { node: question.node, kind: question.kind, hash, expires_ms: expiresMs, decision: null });
    this.#journal.node(question.node, 'info', `waits for a person: ${question.title}`, {
      kind: nodeKind,
      status: question.kind === 'unknown' ? 'unknown' : 'waiting',
      gate_id: gateId,
      reason: question.title,
    });
    try {
      if (content) {
        this.#opening.add(gateId);
        const cargo = this.#journal.load();
        const expires_at = expiresMs === null ? null : new Date(expiresMs).toISOString();
        const early = await bookkeeping.openGate({ ...cargo.batch, gate_id: gateId, content, expires_at });
        this.#opening.delete(gateId);
        cargo.arrived();
        if (early.decision && this.refusal(early.decision) === null) this.decide(early.decision);
      }
      return await (expiresMs === null ? answered : this.#withExpiry(answered, expiresMs, gateId, question.attempt));
    } finally {
      this.#opening.delete(gateId);
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

  async #withExpiry(answered: Promise<Decision>, expiresMs: number, gateId: string, attempt: number): Promise<Decision> {
    const timer = new CancellationScope();
    const now = Date.now();
    const expiry = async (): Promise<never> => {
      await sleep(Math.max(0, expiresMs - now), { summary: 'the question expires' });
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
