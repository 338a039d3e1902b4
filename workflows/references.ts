import { findExpressions, inspectExpression } from '#contract/template.ts';
import { NODE_KINDS } from '#contract/nodes/index.ts';
import type { KindSpec } from '#contract/nodes/kind.ts';
import { stripMarks } from '#contract/plan-check.ts';
import { readsOf, type NodeReads } from '#contract/label-reads.ts';
import type { PlanNode } from '#contract/plan.ts';

const memo = new WeakMap<PlanNode, readonly string[]>();

/** Ids behind `nodes.` in the expressions that a node itself renders; found once for each node of a plan. */
export function referencedNodes(node: PlanNode): readonly string[] {
  const known = memo.get(node);
  if (known) return known;
  const spec = NODE_KINDS[node.kind] as unknown as KindSpec<unknown>;
  const found = new Set<string>();
  const add = (names: Iterable<string> | undefined): void => {
    for (const name of names ?? []) found.add(name);
  };
  for (const { path, source } of spec.expressions?.(node.with) ?? []) add(inspectExpression(source, path).reads?.nodes);
  if (node.when !== undefined) add(inspectExpression(stripMarks(node.when), 'when').reads?.nodes);
  for (const [field, value] of Object.entries(node.with)) {
    if (!spec.ownScope?.includes(field)) for (const expression of findExpressions(value, field)) add(expression.reads?.nodes);
  }
  const ids = [...found];
  memo.set(node, ids);
  return ids;
}

const labelMemo = new WeakMap<PlanNode, NodeReads>();

/** What the label of a node hangs on; found once for each node of a plan. */
export function labelReads(node: PlanNode, readsCommands: boolean): NodeReads {
  const known = labelMemo.get(node);
  if (known) return known;
  const reads = readsOf(node, readsCommands);
  labelMemo.set(node, reads);
  return reads;
}
