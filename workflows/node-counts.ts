import { GimoError } from '#contract/errors.ts';
import { countNodes } from '#contract/plan-envelope.ts';
import type { PlanNode } from '#contract/plan.ts';
import type { RunSegment } from '#contract/segment.ts';
import { placeOf } from './progress.ts';

/** How many nodes a run has, and may yet have. */
export class NodeCounts {
  readonly #planned: number;
  #total = 0;
  /** Container → the highest round that was counted; they are counted in order. */
  #counted = new Map<string, number>();
  #added = new Map<string, number>();

  constructor(planned: number) {
    this.#planned = planned;
  }

  /** Counts instances against the envelope; a scope that runs again has none that were not counted. Throws: OUTSIDE_ENVELOPE. */
  add(scope: string, count: number, maxNodes: number): void {
    const { container, index } = placeOf(scope);
    if (index <= (this.#counted.get(container) ?? -1)) return;
    this.#counted.set(container, index);
    this.#total += count;
    if (this.#total > maxNodes)
      throw new GimoError('OUTSIDE_ENVELOPE', { message: `The run would have more than the ${maxNodes} nodes that were approved.` });
  }

  /**
   * How many nodes a scope may add: those that the plan may still need are kept for it, unless the plan itself states a
   * limit below them. In: the prefix of the scope; what it added in an earlier attempt is its own.
   */
  roomFor(scope: string, maxNodes: number): number {
    const added = [...this.#added.values()].reduce((sum, count) => sum + count, 0);
    const planned = this.#planned + added;
    const used = planned <= maxNodes ? Math.max(planned, this.#total) : this.#total;
    return maxNodes - used + (this.#added.get(scope) ?? 0);
  }

  addPlanned(scope: string, nodes: PlanNode[]): void {
    this.#added.set(scope, countNodes(nodes));
  }

  get kept(): RunSegment['counts'] {
    return { total: this.#total, counted: Object.fromEntries(this.#counted), added: Object.fromEntries(this.#added) };
  }

  restore({ total, counted, added }: RunSegment['counts']): void {
    this.#total = total;
    this.#counted = new Map(Object.entries(counted));
    this.#added = new Map(Object.entries(added));
  }
}
