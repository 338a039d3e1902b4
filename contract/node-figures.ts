/**
 * What each number of nodes means, wherever it is shown.
 *
 * - **Nodes of a plan**: every node that it writes, each once: also those inside of maps and loops, and compensations.
 * - **Nodes of a run**: those that it has so far. A node inside of a map or loop is one more for each item or round, from when that
 *   begins, so this number can grow, and it is smaller than that of the plan when a map has no items.
 * - **Done**: did what it is there for. **Skipped**: was not needed, or a person left it out. **Failed**: failed, or nobody knows how it
 *   ended. These three are **over**; what is over and not done is always named beside what is done.
 */
import type { Plan } from './plan.ts';
import { allNodes } from './plan.ts';
import { plural } from './plural.ts';
import type { NodeCounts } from './run-state.ts';

/** `total`: nodes of a plan; `repeated`: those of them that are inside of a map or loop. */
export function planFigures({ nodes }: Pick<Plan, 'nodes'>): { total: number; repeated: number } {
  const all = [...allNodes(nodes)];
  return { total: all.length, repeated: all.filter(({ parent }) => parent !== null).length };
}

/** `14 nodes, 1 of them once for each item or round`. */
export function planNodesText(plan: Pick<Plan, 'nodes'>): string {
  const { total, repeated } = planFigures(plan);
  return `${plural(total, 'node')}${repeated === 0 ? '' : `, ${repeated} of them once for each item or round`}`;
}

/** Nodes of a run that nothing more happens to. */
export function nodesOver({ total, done, skipped, error }: NodeCounts): number {
  return Math.min(total, done + skipped + error);
}

/** Nodes of a run that are neither over nor at work: what a stop keeps from happening. */
export function nodesAhead(counts: NodeCounts): number {
  return Math.max(0, counts.total - nodesOver(counts) - counts.running);
}

/** `3 of 7 nodes done, 3 skipped, 1 failed`. */
export function runNodesText({ total, done, skipped, error }: NodeCounts): string {
  const others = `${skipped === 0 ? '' : `, ${skipped} skipped`}${error === 0 ? '' : `, ${error} failed`}`;
  return `${done} of ${plural(total, 'node')} done${others}`;
}
