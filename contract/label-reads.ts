/** Labels of what a node reads: the join over the names in its expressions. */
import type { ExpressionReads } from './expression-rewrite.ts';
import { firstChoices } from './commands/first-choices.ts';
import { byShape, CLEAN, joinAll, namedAfter, OUTSIDE, type Label } from './labels.ts';
import { NODE_KINDS, type NodeKind } from './nodes/index.ts';
import type { KindSpec } from './nodes/kind.ts';
import type { PlanNode } from './plan.ts';
import { parseExpression } from './expression.ts';
import { findExpressions, hasReference, inspectExpression } from './template.ts';

/** What names stand for, where an expression stands. */
export type LabelNames = {
  node: (id: string) => Label;
  input: (name: string) => Label;
  /** Of a container; null for what is none. */
  variable: (name: string) => Label | null;
};

/** Roots that hold no data of their own here. */
const OWN_ROOTS = new Set(['run', 'index']);

type Read = { source: string; reads: ExpressionReads };
/** `all`: in every expression that the node itself renders; `choice`: in those that say which tool it is. */
export type NodeReads = { all: readonly Read[]; choice: readonly Read[] };

const readable = (found: Iterable<{ source: string; reads?: ExpressionReads }>): Read[] =>
  [...found].flatMap(({ source, reads }) => (reads === undefined ? [] : [{ source, reads }]));

/** What a node reads: does not change while a plan runs. `readsCommands`: absent in runs that began before that was so. */
export function readsOf(node: PlanNode, readsCommands = true): NodeReads {
  const spec = NODE_KINDS[node.kind] as unknown as KindSpec<unknown>;
  const fields = Object.entries(node.with).filter(([field]) => !spec.ownScope?.includes(field));
  return {
    all: readable([
      ...(spec.expressions?.(node.with) ?? []).map(({ path, source }) => inspectExpression(source, path)),
      ...bareList(node),
      ...fields.flatMap(([field, value]) => [...findExpressions(value, field)]),
    ]),
    choice: readable(findExpressions((readsCommands ? null : firstChoices(node)) ?? spec.choices?.(node.with) ?? [], '')),
  };
}

/** The list of a map may be an expression without `${{ }}` around it. */
function bareList(node: PlanNode): ReturnType<typeof inspectExpression>[] {
  if (node.kind !== 'map' || typeof node.with.over !== 'string' || hasReference(node.with.over)) return [];
  return [inspectExpression(node.with.over, 'over')];
}

export function labelOfReads({ nodes, inputs, roots }: ExpressionReads, names: LabelNames): Label {
  const labels = [...[...nodes].map(names.node), ...[...inputs].map(names.input)];
  // All nodes or all inputs at once: what nothing better is known of.
  for (const root of roots) labels.push(names.variable(root) ?? (OWN_ROOTS.has(root) ? CLEAN : OUTSIDE));
  return joinAll(labels);
}

/** The label of an expression. In: CEL. */
export function labelOfSource(source: string, names: LabelNames): Label {
  return labelOfReads(parseExpression(source).reads, names);
}

export type InputLabels = { choice: Label; all: Label };

/**
 * What goes into a node. With `context` each expression is evaluated once more, so that one that comes to a number is known as one: that is
 * worth it only where a question hangs on it. In: the label of the text of the node itself.
 */
export function inputLabels({ all, choice }: NodeReads, text: Label, names: LabelNames, context?: Record<string, unknown>): InputLabels {
  const labelOf = ({ source, reads }: Read): Label => {
    const label = labelOfReads(reads, names);
    return context === undefined ? label : byShape(label, parseExpression(source).evaluate(context));
  };
  return { choice: joinAll(choice.map(labelOf)), all: joinAll([text, ...all.map(labelOf)]) };
}

/** Ids of nodes that a node reads directly. */
export function nodesReadBy({ all }: NodeReads): string[] {
  return [...new Set(all.flatMap(({ reads }) => [...reads.nodes]))];
}

type Output = { kind: NodeKind; with: object };

/** The label of an output. In: the id under which it is known, and what went into it. */
export function outputLabel({ kind, with: value }: Output, id: string, inputs: Label): Label {
  const spec = NODE_KINDS[kind] as unknown as KindSpec<unknown>;
  return namedAfter(spec.label?.(value, inputs) ?? joinAll([inputs, OUTSIDE]), id);
}
