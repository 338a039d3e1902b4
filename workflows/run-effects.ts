/**
 * What nodes of a run touch, as far as the workflow asks by it. A run that began before envelopes held what is around a command, or before
 * diffs were read as git reads them, goes on asking as it did, or its history would not replay; whatever was not approved is refused at the effect
 * all the same.
 */
import { bareNode, namedNode } from '#contract/bare-node.ts';
import type { NodeKind } from '#contract/nodes/index.ts';
import type { Effects } from '#contract/nodes/kind.ts';
import { plannedEffects, renderedEffects } from '#contract/plan-envelope.ts';
import type { PlanNode } from '#contract/plan.ts';
import type { RunContext } from './run-context.ts';

type Run = Pick<RunContext, 'approved'>;

export function asCounted<N extends { kind: NodeKind; with: object }>({ approved }: Run, node: N): N {
  const read = approved.has_read_diffs === true ? node : namedNode(node);
  return approved.has_whole_commands === true ? read : bareNode(read);
}

export function plannedIn(run: Run): (node: PlanNode) => Effects {
  return (node) => plannedEffects(asCounted(run, node));
}

export function renderedIn(run: Run): (node: { kind: NodeKind; with: object }) => Effects {
  return (node) => renderedEffects(asCounted(run, node));
}
