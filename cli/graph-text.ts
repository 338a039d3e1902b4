/** A plan's graph as text: one line per node in an order that respects every edge, bodies indented below their container. */
import { topologicalOrder } from '#contract/plan-graph.ts';
import { bodyOf, isContainer, type PlanNode } from '#contract/plan.ts';
import { printable } from './terminal.ts';

const MAX_LINES = 200;

export function graphLines(nodes: PlanNode[]): string[] {
  const lines = [...linesOf(nodes, '')];
  return lines.length > MAX_LINES
    ? [...lines.slice(0, MAX_LINES), `… ${lines.length - MAX_LINES} more; what each is given stands below`]
    : lines;
}

function* linesOf(nodes: PlanNode[], indent: string): Generator<string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const idWidth = Math.max(...nodes.map((node) => node.id.length));
  const kindWidth = Math.max(...nodes.map((node) => node.kind.length));
  for (const id of topologicalOrder(nodes)) {
    const node = byId.get(id);
    if (!node) continue;
    const needs = node.needs.length === 0 ? '' : ` ← ${node.needs.join(', ')}`;
    const when = node.when === undefined ? '' : ` when ${printable(node.when)}`;
    yield `${indent}${id.padEnd(idWidth)}  ${node.kind.padEnd(kindWidth)}${needs}${when}`.trimEnd();
    if (isContainer(node)) yield* linesOf(bodyOf(node), `${indent}  `);
  }
}
