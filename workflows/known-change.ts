import type { NodeChange, NodeState } from '#contract/run-state.ts';

/** Whether all that an event would say of a node is known of it. */
export function saysNothingNew(node: NodeState, change: Omit<NodeChange, 'of'>): boolean {
  const { status, attempt, error, reason, gate_id, cost_usd, output } = change;
  if (status !== node.status || cost_usd !== undefined || output !== undefined) return false;
  if (attempt !== undefined && attempt > node.attempt_count) return false;
  if (reason !== undefined && reason !== node.reason) return false;
  if (gate_id !== undefined && gate_id !== node.gate_id) return false;
  return error === undefined || JSON.stringify(error) === JSON.stringify(node.error);
}
