/**
 * Conditions on text that nobody has approved: it cannot choose a program, but it can choose whether one that was approved is run. Seen before a
 * run only, because that is what a person who approves a plan agrees to. Pure.
 */
import { parseExpression } from '../expression.ts';
import { finding } from './finding.ts';
import { labelOfReads, type LabelNames } from '../label-reads.ts';
import { isUntrusted, type Label } from '../labels.ts';
import type { Finding } from '../objects.ts';
import { stripMarks } from '../plan-check.ts';
import { plannedEffects } from '../plan-envelope.ts';
import { bodyOf, growthOf, isContainer, type PlanNode } from '../plan.ts';

/** What hangs on the text, and the node or input that the text comes from; `reads`: nodes whose outputs the condition looks at. */
export type Conditioned = { node: PlanNode; from: string; reads: string[] };

/** Numbers and words of our own: whoever wrote the output did not write these. */
const OWN_FIELDS = /\bnodes\.\w+\.(?:status\b|output\.(?:exit_code|status|duration_ms|truncated|cost_usd)\b)/g;

/** Null when nothing hangs on such text, or what does has no effect and asks nobody. */
export function conditionOf(node: PlanNode, names: LabelNames): Conditioned | null {
  if (node.when === undefined || !(asks(node) || acts(node))) return null;
  const label = labelOfCondition(node.when, names);
  return isUntrusted(label) ? { node, from: label.untrusted_from ?? 'outside', reads: nodesLookedAt(node) } : null;
}

/** Of the text that a condition looks at, which is what its answer is made of. */
export function labelOfCondition(source: string, names: LabelNames): Label {
  return labelOfReads(parseExpression(stripMarks(source).replaceAll(OWN_FIELDS, 'run.id')).reads, names);
}

/** Ids of nodes that the condition of a node looks at. */
export function nodesLookedAt({ when }: PlanNode): string[] {
  return when === undefined ? [] : [...parseExpression(stripMarks(when)).reads.nodes];
}

const asks = (node: PlanNode): boolean => node.kind === 'gate' || (isContainer(node) && bodyOf(node).some(asks));

/** What a delegate, a subplan or an agent will do is not known yet. */
function acts(node: PlanNode): boolean {
  const { commands, write, hosts, tools } = plannedEffects(node);
  const isOpen = node.kind === 'delegate' || node.kind === 'subplan' || growthOf(node) !== null;
  return isOpen || [commands, write, hosts, tools].some((list) => list.length > 0) || (isContainer(node) && bodyOf(node).some(acts));
}

/** In: the way that the text takes to the node. */
export function conditionFinding({ node, from }: Conditioned, path: string[]): Finding {
  const what = asks(node) ? `whether a person is asked at \`${node.id}\`` : `whether \`${node.id}\` is done`;
  return finding({
    rule: 'UNTRUSTED_CONDITION',
    severity: asks(node) ? 'high' : 'medium',
    node: node.id,
    message: `Text from \`${from}\`, which nobody has approved, decides ${what}.`,
    evidence: path.join(' → '),
    remedy: asks(node)
      ? 'Ask always, or let a number or the status of a node decide.'
      : 'Put a gate before it, or let a number or the status of a node decide.',
  });
}
