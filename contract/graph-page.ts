/** The graph of a run in answers of bounded length: a run may have 100,000 nodes. */
import type { NodeState, RunState } from './run-state.ts';

/** Nodes of one answer, at most. */
export const GRAPH_PAGE = 1000;

/** `total`: of all nodes that the run has by now. */
export type GraphPage = { nodes: NodeState[]; total: number };

/** Nodes in the order of the plan, those that came later behind them. */
export function graphPage({ nodes }: RunState, from: number): GraphPage {
  const all = Object.values(nodes);
  return { nodes: all.slice(from, from + GRAPH_PAGE), total: all.length };
}
