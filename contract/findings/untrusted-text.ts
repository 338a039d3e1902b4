/** Whether texts of a plan hold what nobody has approved, as far as that is seen without running it. Pure. */
import { CLEAN, FOREIGN, isUntrusted, OUTSIDE, type Label } from '../labels.ts';
import { inputLabels, labelOfReads, outputLabel, readsOf, type LabelNames } from '../label-reads.ts';
import { allNodes, isContainer, type Plan, type PlanNode } from '../plan.ts';
import { findExpressions } from '../template.ts';

export type IsUntrusted = (text: string) => boolean;

/** What stands in a loop, and what comes out of one, counts as what nobody knows. */
export function untrustedTexts(plan: Plan): IsUntrusted {
  const nodes = new Map([...allNodes(plan.nodes)].map(({ node }) => [node.id, node]));
  const labels = new Map<string, Label>();
  const names: LabelNames = {
    node: (id) => labels.get(id) ?? labelOf(nodes.get(id)),
    input: (name) => (plan.inputs[name]?.open === true ? FOREIGN : CLEAN),
    variable: () => null,
  };
  const labelOf = (node: PlanNode | undefined): Label => {
    if (node === undefined || isContainer(node)) return OUTSIDE;
    labels.set(node.id, OUTSIDE);
    const label = outputLabel(node, node.id, inputLabels(readsOf(node), CLEAN, names).all);
    labels.set(node.id, label);
    return label;
  };
  return (text) =>
    text.includes('${{') &&
    [...findExpressions(text, '')].some(({ reads }) => reads === undefined || isUntrusted(labelOfReads(reads, names)));
}
