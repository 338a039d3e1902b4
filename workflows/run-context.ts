import { CancelledFailure, type CancellationScope } from '@temporalio/workflow';
import type { TrustLevel } from '#contract/agents.ts';
import type { Reservation } from '#contract/budget.ts';
import type { ReusedNode } from '#contract/fork.ts';
import type { Json } from '#contract/json.ts';
import type { Envelope } from '#contract/envelope.ts';
import { widened, type Delta } from '#contract/plan-delta.ts';
import { countNodes } from '#contract/plan-envelope.ts';
import type { LoadedRun, RunInput, StoppedNode } from '#contract/messages.ts';
import type { NodeStatus } from '#contract/run-state.ts';
import type { RunSegment } from '#contract/segment.ts';
import { Compensations } from './compensations.ts';
import type { Gates } from './gates.ts';
import type { Journal } from './journal.ts';
import { Labels } from './labels.ts';
import { NodeCounts } from './node-counts.ts';
import { Progress } from './progress.ts';
import { ReadWriteLock, Semaphore } from './locks.ts';
import { RunPriority } from './run-priority.ts';
import { ShortEffects } from './short-effects.ts';
import { Spending } from './spending.ts';
import { Steering } from './steering.ts';

export type ApprovedRun = Extract<LoadedRun, { ok: true }>;

type Kept = Pick<RunSegment, 'counts' | 'redos' | 'envelope' | 'grants' | 'active_ms' | 'had_effect'>;
type Parts = {
  input: RunInput;
  approved: ApprovedRun;
  journal: Journal;
  gates: Gates;
  graph: CancellationScope;
};

const UNDER_WAY: ReadonlySet<NodeStatus> = new Set(['running', 'waiting', 'unknown']);

/** What every node of one run shares. */
export class RunContext {
  readonly input: RunInput;
  readonly approved: ApprovedRun;
  readonly journal: Journal;
  readonly gates: Gates;
  /** Everything that nodes wait for runs in it. */
  readonly graph: CancellationScope;
  readonly spending: Spending;
  readonly counts: NodeCounts;
  /** Effects in flight. */
  readonly parallel: Semaphore;
  readonly shortEffects: ShortEffects;
  readonly priority: RunPriority;
  /** The private clone: one writer, or any number of readers. */
  readonly workspace = new ReadWriteLock();
  readonly progress = new Progress();
  readonly steering = new Steering(this.progress);
  readonly compensations = new Compensations();
  /** Outputs of finished nodes, by instance id. */
  readonly outputs = new Map<string, Json>();
  readonly labels: Labels;
  /** Effects that are under way, for the receipt of a stop. */
  readonly running = new Map<string, StoppedNode>();
  /** What the calls under way may cost. */
  readonly reserved = new Map<string, Reservation>();
  /** What was approved, and what was granted since. */
  envelope: Envelope;
  /** The decisions that granted it. */
  readonly grants: string[] = [];
  hasDelegated = false;
  /** Delegations so far, by the trust in their agents. */
  readonly children = new Map<TrustLevel, number>();
  /** Nodes that calls have added; the run ends after them. */
  readonly guests = new Set<Promise<void>>();
  hadEffect = false;
  /** Every node of the plan has ended and nothing may be added any more. */
  isEnding = false;
  #redos = new Map<string, number>();
  #activeMs = 0;
  #activeSince: number | null = null;
  isPaused = false;
  isHandingOn = false;
  #resumed: Promise<void> | null = null;
  #resume: (() => void) | null = null;
  /** An effect of a delegated run was stopped, and not by this run: one above it was. */
  onStoppedAbove: () => void = () => undefined;
  /** Called once, before anything is cancelled. */
  onHalt: () => void = () => undefined;
  /** Why nothing may start any more; null while the run goes on. */
  halted: string | null = null;

  constructor(options: Parts) {
    this.input = options.input;
    this.approved = options.approved;
    this.journal = options.journal;
    this.gates = options.gates;
    this.graph = options.graph;
    this.envelope = options.approved.envelope;
    this.labels = new Labels(options.approved);
    this.counts = new NodeCounts(countNodes(options.approved.plan.nodes));
    const { budget, max_parallel } = this.envelope;
    this.spending = new Spending({
      limit: budget,
      asks: options.approved.prices !== undefined && options.approved.plan.policy.over_budget !== 'fail',
      wall: () => ({ limit: this.envelope.budget.wall_ms, spent: this.envelope.budget.wall_ms - this.leftMs }),
      ask: (kind, question) => this.gates.ask(kind, question, null),
      widen: (id, delta) => this.widen(id, delta),
      note: (node, text) => this.journal.note(node, 'info', text),
    });
    this.parallel = new Semaphore(max_parallel);
    this.priority = new RunPriority(options.input, options.approved);
    this.shortEffects = new ShortEffects({
      isOn: options.approved.short_effects,
      graph: options.graph,
      clock: options.journal.clock,
      priority: this.priority,
    });
    if (options.approved.writes_with_task) this.journal.writesWhen(() => this.shortEffects.areOver);
  }

  /** How a node of the top level ended in the run that this one was forked from; null when it is done here. */
  reused(id: string): ReusedNode | null {
    const { reuse } = this.approved;
    return reuse && Object.hasOwn(reuse.nodes, id) ? (reuse.nodes[id] ?? null) : null;
  }

  /** A person granted what lies outside of the approved envelope; effects verify the decision themselves. */
  widen(decisionId: string, delta: Delta): void {
    this.grants.push(decisionId);
    this.envelope = widened(this.envelope, [delta]);
  }

  /** How often an effect was asked for anew: each time it gets a ledger entry of its own. */
  redoOf(id: string): number {
    return this.#redos.get(id) ?? 0;
  }

  redo(id: string): void {
    this.#redos.set(id, this.redoOf(id) + 1);
    this.progress.note(id, { result: undefined });
  }

  pause(): void {
    this.isPaused = true;
    this.#resumed ??= new Promise((resolve) => (this.#resume = resolve));
  }

  resume(): void {
    this.isPaused = false;
    if (this.isHandingOn) return;
    this.#resume?.();
    this.#resumed = null;
    this.#resume = null;
  }

  /** Nothing begins any more in this workflow: what is under way is waited for, the rest begins in the next segment. */
  handOn(): void {
    this.isHandingOn = true;
    this.#resumed ??= new Promise((resolve) => (this.#resume = resolve));
  }

  /** What the log says of a node. */
  shown(id: string): NodeStatus {
    return this.journal.state.nodes[id]?.status ?? 'pending';
  }

  attemptsOf(id: string): number {
    const node = this.journal.state.nodes[id];
    return Math.max(node?.attempt_count ?? 0, node?.error?.attempt ?? 0);
  }

  /** Paused, or about to go on in another workflow. */
  get isHeld(): boolean {
    return this.#resumed !== null;
  }

  async unpaused(): Promise<void> {
    while (this.#resumed !== null) await this.#resumed;
  }

  /** Whether it is under way here, or was in the segment before and is to be taken up. */
  hasBegun(id: string): boolean {
    return UNDER_WAY.has(this.shown(id)) || this.progress.of(id) !== undefined;
  }

  /** For a node that held still. Waits: while the run is paused. Throws: LeftOut, cancellation. */
  async goesOn(id: string): Promise<void> {
    await this.unpaused();
    this.steering.check(id);
    if (this.halted !== null) throw new CancelledFailure(this.halted);
  }

  /** Time that effects may still take together with the clock running only while at least one is under way, in ms. */
  get leftMs(): number {
    const running = this.#activeSince === null ? 0 : Date.now() - this.#activeSince;
    return this.envelope.budget.wall_ms - this.#activeMs - running;
  }

  /** Time that a delegated run took. */
  chargeTime(ms: number): void {
    this.#activeMs += ms;
  }

  effectStarted(id: string, node: StoppedNode): void {
    this.hadEffect = true;
    this.#activeSince ??= Date.now();
    this.running.set(id, node);
  }

  effectEnded(id: string): void {
    this.running.delete(id);
    this.reserved.delete(id);
    if (this.progress.of(id)?.effect) this.progress.note(id, { effect: undefined });
    if (this.running.size > 0 || this.#activeSince === null) return;
    this.#activeMs += Date.now() - this.#activeSince;
    this.#activeSince = null;
  }

  get kept(): Kept {
    const running = this.#activeSince === null ? 0 : Date.now() - this.#activeSince;
    return {
      counts: this.counts.kept,
      redos: Object.fromEntries(this.#redos),
      envelope: this.envelope,
      grants: [...this.grants],
      active_ms: this.#activeMs + running,
      had_effect: this.hadEffect,
    };
  }

  restore({ counts, redos, envelope, grants, active_ms, had_effect }: Kept): void {
    this.counts.restore(counts);
    this.#redos = new Map(Object.entries(redos));
    this.envelope = envelope;
    this.grants.push(...grants);
    this.#activeMs = active_ms;
    this.hadEffect = had_effect;
  }

  /** Nothing starts any more, whoever waits is refused, what is under way is cancelled. */
  halt(reason: string): void {
    if (this.halted !== null) return;
    this.halted = reason;
    this.onHalt();
    this.isHandingOn = false;
    this.resume();
    this.parallel.stop();
    this.workspace.stop();
    this.spending.stop();
    this.gates.stop();
    this.graph.cancel();
  }
}
