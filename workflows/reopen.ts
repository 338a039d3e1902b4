/** What stands behind a node that has ended and may yet have another end. Work is proportional to the edges of what is taken back. */
import type { PlanNode } from '#contract/plan.ts';
import type { NodeStatus } from '#contract/run-state.ts';

/** `turn` is raised when a start is taken back: whoever still waits for the old one ends without a trace. */
export type Live = { node: PlanNode; waitingFor: number; doneNeeds: number; dependents: string[]; isStarted: boolean; turn: number };

type Nodes = {
  live: ReadonlyMap<string, Live>;
  statuses: Map<string, NodeStatus>;
  /** Whether it is under way, a place in a queue not counted. */
  hasBegun: (id: string) => boolean;
  /** Whether a person left it out, which no other node can take back. */
  isLeftOut: (id: string) => boolean;
};

/** A node that it needs has ended. */
export function noteEnd(live: Live, status: NodeStatus): void {
  live.waitingFor--;
  if (status === 'done') live.doneNeeds++;
}

/**
 * In: nodes whose end is taken back. Out: the nodes that were skipped in consequence, and the first that has gone on with that end,
 * null when none has.
 */
export function consequences(nodes: Nodes, roots: Iterable<string>): { skipped: Set<string>; begun: string | null } {
  const skipped = new Set<string>();
  const queue = [...roots];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const next of nodes.live.get(id)?.dependents ?? []) {
      const status = nodes.statuses.get(next);
      if (skipped.has(next) || (status === 'skipped' && nodes.isLeftOut(next))) continue;
      if (status !== 'skipped' && (status !== undefined || nodes.hasBegun(next))) return { skipped, begun: next };
      if (status !== 'skipped') continue;
      skipped.add(next);
      queue.push(next);
    }
  }
  return { skipped, begun: null };
}

/** These have not ended any more; they and what needs them wait again for what they need. */
export function takeBack(nodes: Nodes, ids: ReadonlySet<string>): void {
  for (const id of ids) nodes.statuses.delete(id);
  const behind = [...ids].flatMap((id) => nodes.live.get(id)?.dependents ?? []);
  for (const id of new Set([...ids, ...behind])) {
    const live = nodes.live.get(id);
    if (!live || nodes.statuses.has(id)) continue;
    const ended = live.node.needs.filter((need) => nodes.statuses.has(need));
    live.waitingFor = live.node.needs.length - ended.length;
    live.doneNeeds = ended.filter((need) => nodes.statuses.get(need) === 'done').length;
    live.isStarted = false;
    live.turn++;
  }
}
