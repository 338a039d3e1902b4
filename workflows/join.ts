import type { PlanNode } from '#contract/plan.ts';
import type { Live } from './reopen.ts';

function wantedNeeds(join: Extract<PlanNode, { kind: 'join' }>['with']): number {
  return join.mode === 'any' ? 1 : (join.count ?? 1);
}

/** Whether enough of what a join needs is done, so that it need not wait for the rest. */
export function isJoinSatisfied(live: Live): boolean {
  return live.node.kind === 'join' && live.node.with.mode !== 'all' && live.doneNeeds >= wantedNeeds(live.node.with);
}

/** Why a join is left out once all that it needs has ended; null when it runs. */
export function joinReason(join: Extract<PlanNode, { kind: 'join' }>['with'], live: Live): string | null {
  if (join.mode === 'all' || isJoinSatisfied(live)) return null;
  return `${live.doneNeeds} of the ${wantedNeeds(join)} needs that it waits for are done`;
}
