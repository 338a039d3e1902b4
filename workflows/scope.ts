/**
 * The interpreter of one list of nodes: a plan's top level or the body of a container. Work at each completion is
 * proportional to the edges of the node that completed.
 */
import { isCancellation } from '@temporalio/workflow';
import type { ReusedNode } from '#contract/fork.ts';
import type { Json } from '#contract/json.ts';
import { namedAfter, OUTSIDE } from '#contract/labels.ts';
import type { PlanNode } from '#contract/plan.ts';
import type { NodeStatus } from '#contract/run-state.ts';
import type { KeptScope, ScopeFailure } from '#contract/segment.ts';
import { isJoinSatisfied, joinReason } from './join.ts';
import { executeNode, type NodeEnd } from './node-execution.ts';
import { NodeChanges } from './node-changes.ts';
import { noteEnd, type Live } from './reopen.ts';
import type { RunContext } from './run-context.ts';
import type { AddedRules, ScopePlace } from './scope-place.ts';
import { ScopeView } from './scope-view.ts';
import { LeftOut } from './steering.ts';

export class Scope {
  readonly run: RunContext;
  readonly prefix: string;
  readonly outer: Scope | null;
  readonly variables: Record<string, Json>;
  readonly rules: AddedRules | null;
  /** What expressions see here. */
  readonly view: ScopeView;
  #live = new Map<string, Live>();
  #statuses = new Map<string, NodeStatus>();
  #left: number;
  #failure: ScopeFailure | null = null;
  /** Skipped because of that failure. */
  #afterFailure = new Set<string>();
  #settled: (failure: ScopeFailure | null) => void = () => undefined;
  #broken: (error: unknown) => void = () => undefined;

  constructor(run: RunContext, nodes: readonly PlanNode[], place: ScopePlace) {
    this.run = run;
    this.prefix = place.prefix;
    this.outer = place.outer;
    this.variables = place.variables;
    this.rules = place.rules ?? null;
    const own = { live: this.#live, statuses: this.#statuses, isLiteral: this.rules !== null };
    this.view = new ScopeView(run, { ...place, outer: place.outer?.view ?? null, ...own });
    this.#left = nodes.length;
    for (const node of nodes)
      this.#live.set(node.id, { node, waitingFor: node.needs.length, doneNeeds: 0, dependents: [], isStarted: false, turn: 0 });
    for (const node of nodes) for (const need of node.needs) this.#live.get(need)?.dependents.push(node.id);
  }

  /** Runs every node. Waits: until each is terminal. Throws: cancellation, and faults of the interpreter. */
  async execute(): Promise<ScopeFailure | null> {
    this.run.counts.add(this.prefix, this.#live.size, this.run.envelope.max_nodes);
    const ended = new Promise<ScopeFailure | null>((resolve, reject) => {
      this.#settled = resolve;
      this.#broken = reject;
    });
    this.run.steering.opened(this);
    const kept = this.run.progress.takeScope(this.prefix);
    if (kept) this.#takeUp(kept);
    for (const live of this.#live.values())
      if (live.waitingFor === 0 || (kept && isJoinSatisfied(live)))
        this.#start(live, this.run.progress.of(this.instanceId(live.node.id))?.attempt);
    if (this.#left > 0) return ended;
    if (!kept) return null;
    this.#finish();
    return ended;
  }

  /** Goes on where the segment before was. */
  #takeUp({ ended, failure, after_failure }: KeptScope): void {
    this.#failure = failure;
    this.#afterFailure = new Set(after_failure);
    for (const [id, status] of Object.entries(ended)) {
      const live = this.#live.get(id);
      if (!live) continue;
      live.isStarted = true;
      this.#statuses.set(id, status);
      this.#left--;
      for (const dependent of this.#dependentsOf(live)) noteEnd(dependent, status);
    }
  }

  get kept(): KeptScope {
    const ended = Object.fromEntries(this.#statuses);
    return { prefix: this.prefix, ended, failure: this.#failure, after_failure: [...this.#afterFailure] };
  }

  /** Instances that have begun and not ended. */
  get begun(): string[] {
    const open = [...this.#live.values()].filter((live) => live.isStarted && !this.#statuses.has(live.node.id));
    return open.map((live) => this.instanceId(live.node.id)).filter((id) => this.run.hasBegun(id));
  }

  /** A scope for the body of a container in this one; its expressions see this one's nodes too. */
  child(
    nodes: readonly PlanNode[],
    prefix: string,
    variables: Record<string, Json>,
    more: Pick<ScopePlace, 'labels' | 'rules'> = {},
  ): Scope {
    return new Scope(this.run, nodes, { prefix, outer: this, variables, ...more });
  }

  context(node: PlanNode): Record<string, unknown> {
    return this.view.context(node);
  }

  evaluate(source: string): Json {
    return this.view.evaluate(source);
  }

  /** 1 at the top of the plan. */
  get depth(): number {
    return this.outer === null ? 1 : this.outer.depth + 1;
  }

  instanceId(id: string): string {
    return `${this.prefix}${id}`;
  }

  #start(live: Live, attempt = 1): void {
    if (live.isStarted) return;
    live.isStarted = true;
    void this.#run(live, attempt).catch(this.#broken);
  }

  async #run(live: Live, attempt: number): Promise<void> {
    const { node, turn } = live;
    if (this.run.isHeld && !this.run.hasBegun(this.instanceId(node.id))) await this.run.unpaused();
    if (live.turn !== turn) return;
    const reused = this.outer === null ? this.run.reused(node.id) : null;
    if (reused !== null) return this.#settle(live, this.#takeOver(node, reused));
    const skip = this.#skipReason(live);
    if (skip !== null) return this.#settle(live, this.#skip(node, skip));
    try {
      this.#settle(live, this.#ended(node, await executeNode(this, node, attempt)));
    } catch (error) {
      if (error instanceof LeftOut) return;
      if (!isCancellation(error)) throw error;
      this.run.journal.node(this.instanceId(node.id), 'warn', 'cancelled', { kind: node.kind, status: 'cancelled' });
      this.#settle(live, 'cancelled');
    }
  }

  #ended(node: PlanNode, end: NodeEnd): NodeStatus {
    if (end.status === 'done' && node.compensate) this.run.compensations.add(this, node);
    if (end.status !== 'error') return end.status;
    // Should its container run it again, that is a new effect and not the recorded failure.
    this.run.redo(this.instanceId(node.id));
    if (end.isFatal) this.#fail({ node: this.instanceId(node.id), error: end.error, undoes: node.on_error === 'compensate' });
    return end.status;
  }

  /** The first failure ends the scope; at the top level it ends the run. */
  #fail(failure: ScopeFailure): void {
    this.#failure ??= failure;
    if (this.outer === null) this.run.halt(`node ${failure.node} failed`);
  }

  /** In a fork: it ends as it did in the run before, at no cost. */
  #takeOver(node: PlanNode, { output, label = OUTSIDE, ...end }: ReusedNode): NodeStatus {
    const id = this.instanceId(node.id);
    this.run.labels.add(id, this.run.labels.isLasting ? this.view.endLabel(node) : namedAfter(label, id));
    if (end.status === 'done') this.run.outputs.set(id, output);
    if (end.status === 'done' && node.compensate) this.run.compensations.add(this, node);
    this.run.journal.node(id, 'info', end.reason, { kind: node.kind, ...end });
    return end.status;
  }

  #skip(node: PlanNode, reason: string): NodeStatus {
    this.run.journal.node(this.instanceId(node.id), 'info', `skipped: ${reason}`, { kind: node.kind, status: 'skipped', reason });
    return 'skipped';
  }

  /** A node runs when each need is done, or failed with `continue`; a join also accepts skipped ones. */
  #skipReason(live: Live): string | null {
    const { node } = live;
    if (this.run.halted !== null) return this.run.halted;
    // Its container runs once more: that a person left it out still holds.
    if (this.run.steering.isLeftOut(this.instanceId(node.id))) return 'it was left out before';
    if (this.#failure !== null) {
      this.#afterFailure.add(node.id);
      return `node ${this.#failure.node} failed`;
    }
    if (node.kind === 'join') return joinReason(node.with, live);
    for (const need of node.needs) {
      const status = this.#statuses.get(need);
      if (status === 'skipped') return `its need ${need} was skipped`;
      if (status === 'cancelled') return `its need ${need} was cancelled`;
    }
    return null;
  }

  #settle(live: Live, status: NodeStatus): void {
    this.#statuses.set(live.node.id, status);
    this.run.progress.ended(this.instanceId(live.node.id));
    this.#left--;
    for (const dependent of this.#dependentsOf(live)) {
      noteEnd(dependent, status);
      if (dependent.waitingFor === 0 || isJoinSatisfied(dependent)) this.#start(dependent);
    }
    if (this.#left === 0) this.#finish();
  }

  #dependentsOf(live: Live): Live[] {
    return live.dependents.map((id) => this.#live.get(id)).filter((dependent) => dependent !== undefined);
  }

  #finish(): void {
    // At the top level what is undone is undone outside of what the failure has cancelled.
    const undoes = this.#failure?.undoes === true && this.outer !== null;
    // What would begin now begins in the next segment, which finds this scope as it is.
    if (undoes && this.run.isHandingOn) return void this.run.unpaused().then(() => this.#left === 0 && this.#finish());
    this.run.steering.closed(this);
    if (undoes) void this.run.compensations.undo(this).then(() => this.#settled(this.#failure), this.#broken);
    else this.#settled(this.#failure);
  }

  liveNode(id: string): Live | undefined {
    return this.#live.get(id);
  }

  /** What a person changes about a node of this scope. */
  get changes(): NodeChanges {
    return new NodeChanges({
      run: this.run,
      instanceId: (id) => this.instanceId(id),
      live: this.#live,
      statuses: this.#statuses,
      failed: this.#failure?.node ?? null,
      afterFailure: this.#afterFailure,
      takenBack: (count, isHealed) => {
        this.#left += count;
        if (isHealed) this.#failure = null;
      },
      start: (live, attempt) => this.#start(live, attempt),
      settle: (live, status) => this.#settle(live, status),
    });
  }

  doneNeeds(id: string): number {
    return this.#live.get(id)?.doneNeeds ?? 0;
  }
}
