/**
 * The interpreter of one list of nodes: a plan's top level or the body of a container. Work at each completion is
 * proportional to the edges of the node that completed.
 */
import { isCancellation } from '@temporalio/workflow';
import { parseExpression } from '#contract/expression.ts';
import type { ReusedNode } from '#contract/fork.ts';
import type { Json } from '#contract/json.ts';
import { stripMarks } from '#contract/plan-check.ts';
import type { PlanNode } from '#contract/plan.ts';
import type { ErrorInfo, NodeStatus } from '#contract/run-state.ts';
import { referencedNodes } from './references.ts';
import { isJoinSatisfied, joinReason } from './join.ts';
import { executeNode, type NodeEnd } from './node-execution.ts';
import { NodeChanges } from './node-changes.ts';
import type { Live } from './reopen.ts';
import type { RunContext } from './run-context.ts';
import { LeftOut } from './steering.ts';

/** How a scope ended: null, or the failure of a node whose `on_error` ends it; `undoes`: what was done in it is undone. */
export type ScopeFailure = { node: string; error: ErrorInfo; undoes: boolean };

export class Scope {
  readonly run: RunContext;
  readonly prefix: string;
  readonly outer: Scope | null;
  readonly variables: Record<string, Json>;
  #live = new Map<string, Live>();
  #statuses = new Map<string, NodeStatus>();
  #left: number;
  #failure: ScopeFailure | null = null;
  /** Skipped because of that failure. */
  #afterFailure = new Set<string>();
  #settled: (failure: ScopeFailure | null) => void = () => undefined;
  #broken: (error: unknown) => void = () => undefined;

  constructor(
    run: RunContext,
    nodes: readonly PlanNode[],
    place: { prefix: string; outer: Scope | null; variables: Record<string, Json> },
  ) {
    this.run = run;
    this.prefix = place.prefix;
    this.outer = place.outer;
    this.variables = place.variables;
    this.#left = nodes.length;
    for (const node of nodes)
      this.#live.set(node.id, { node, waitingFor: node.needs.length, doneNeeds: 0, dependents: [], isStarted: false, turn: 0 });
    for (const node of nodes) for (const need of node.needs) this.#live.get(need)?.dependents.push(node.id);
  }

  /** Runs every node. Waits: until each is terminal. Throws: cancellation, and faults of the interpreter. */
  async execute(): Promise<ScopeFailure | null> {
    this.run.addNodes(this.prefix, this.#left);
    const ended = new Promise<ScopeFailure | null>((resolve, reject) => {
      this.#settled = resolve;
      this.#broken = reject;
    });
    this.run.steering.opened(this);
    for (const live of this.#live.values()) if (live.waitingFor === 0) this.#start(live);
    if (this.#left === 0) return null;
    return ended;
  }

  /** A scope for the body of a container in this one; its expressions see this one's nodes too. */
  child(nodes: readonly PlanNode[], prefix: string, variables: Record<string, Json>): Scope {
    return new Scope(this.run, nodes, { prefix, outer: this, variables });
  }

  /** 1 at the top of the plan. */
  get depth(): number {
    return this.outer === null ? 1 : this.outer.depth + 1;
  }

  variableNames(): string[] {
    return Object.keys(this.#allVariables());
  }

  /** Ids that expressions of this node may name: what is above it here, and above the nodes that it stands in. */
  visibleFrom(id: string): Set<string> {
    // The prefix of a scope ends with the id of its container, as in `m[3].` or `s.`.
    const container = /^[a-z0-9_]+/.exec(this.prefix.slice(this.outer?.prefix.length ?? 0))?.[0] ?? '';
    const seen = this.outer?.visibleFrom(container) ?? new Set<string>();
    const found = [id];
    for (let at = found.pop(); at !== undefined; at = found.pop()) {
      for (const need of this.#live.get(at)?.node.needs ?? []) {
        if (seen.has(need)) continue;
        seen.add(need);
        found.push(need);
      }
    }
    return seen;
  }

  instanceId(id: string): string {
    return `${this.prefix}${id}`;
  }

  /** What expressions of a node see. Only the nodes that it names are looked up. */
  context(node: PlanNode): Record<string, unknown> {
    return this.#contextOf(referencedNodes(node));
  }

  contextFor(source: string): Record<string, unknown> {
    return this.#contextOf([...parseExpression(source).reads.nodes]);
  }

  #contextOf(ids: readonly string[]): Record<string, unknown> {
    const nodes = Object.fromEntries(ids.map((id) => [id, this.#lookUp(id)]));
    return { ...this.#allVariables(), inputs: this.run.approved.inputs, nodes, run: { id: this.run.input.run_id } };
  }

  #allVariables(): Record<string, Json> {
    return this.outer === null ? this.variables : { ...this.outer.#allVariables(), ...this.variables };
  }

  #lookUp(id: string): { output: Json; status: NodeStatus } {
    if (!this.#live.has(id) && this.outer) return this.outer.#lookUp(id);
    return { output: this.run.outputs.get(this.instanceId(id)) ?? null, status: this.#statuses.get(id) ?? 'pending' };
  }

  evaluate(source: string): Json {
    const bare = stripMarks(source);
    return parseExpression(bare).evaluate(this.contextFor(bare));
  }

  #start(live: Live, attempt = 1): void {
    if (live.isStarted) return;
    live.isStarted = true;
    void this.#run(live, attempt).catch(this.#broken);
  }

  async #run(live: Live, attempt: number): Promise<void> {
    const { node, turn } = live;
    if (this.run.isPaused) await this.run.unpaused();
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
  #takeOver(node: PlanNode, { output, ...end }: ReusedNode): NodeStatus {
    const id = this.instanceId(node.id);
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
    this.#left--;
    for (const id of live.dependents) {
      const dependent = this.#live.get(id);
      if (!dependent) continue;
      dependent.waitingFor--;
      if (status === 'done') dependent.doneNeeds++;
      if (dependent.waitingFor === 0 || isJoinSatisfied(dependent)) this.#start(dependent);
    }
    if (this.#left > 0) return;
    this.run.steering.closed(this);
    // At the top level this is done outside of what the failure has cancelled.
    if (this.#failure?.undoes !== true || this.outer === null) this.#settled(this.#failure);
    else void this.run.compensations.undo(this).then(() => this.#settled(this.#failure), this.#broken);
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
