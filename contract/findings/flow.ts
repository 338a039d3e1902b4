/** Which way values may go in a plan, as far as that can be seen before it runs: the labels of outputs, and what a person would be asked. Pure. */
import type { Envelope } from '../envelope.ts';
import { conditionFinding, conditionOf, labelOfCondition, nodesLookedAt, type Conditioned } from './condition.ts';
import { finding } from './finding.ts';
import { FOREIGN, isUntrusted, joinAll, namedAfter, OUTSIDE, type Label } from '../labels.ts';
import { nodesReadBy, readsOf } from '../label-reads.ts';
import { labelsOfPlan, usedLabels, type NodeLabels } from '../label-walk.ts';
import { choiceFlow, leakFlow, waysOut, type Flow } from '../label-rules.ts';
import { NODE_KINDS } from '../nodes/index.ts';
import type { Finding } from '../objects.ts';
import { readableWord } from '../pattern.ts';
import { plannedEffects } from '../plan-envelope.ts';
import { topologicalOrder } from '../plan-graph.ts';
import { bodyOf, compensationOf, growthOf, isContainer, type Plan, type PlanNode } from '../plan.ts';

type Found = { node: PlanNode; flow: Flow; path: string[] };

/** Goes through a plan once, each node after what it reads. */
class Walk {
  readonly found = new Map<string, Found>();
  readonly conditions = new Map<string, Conditioned & { path: string[] }>();
  #labels = new Map<string, Label>();
  /** Of the text that conditions look at: one that looks at none came to a truth that nobody else wrote. */
  #looks = new Map<string, Label>();
  #reads = new Map<string, string[]>();

  constructor(plan: Plan) {
    this.#nodes(plan.nodes, labelsOfPlan(plan));
  }

  #nodes(nodes: PlanNode[], labels: NodeLabels): void {
    const byId = new Map(nodes.map((node) => [node.id, node]));
    for (const id of topologicalOrder(nodes)) {
      const node = byId.get(id);
      if (node) this.#node(node, labels);
    }
  }

  #node(node: PlanNode, labels: NodeLabels): void {
    const used = usedLabels(node, labels);
    const looks = { ...labels.names, node: (id: string) => this.#looks.get(id) ?? labels.names.node(id) };
    this.#reads.set(node.id, [...nodesReadBy(readsOf(node)), ...nodesLookedAt(node)]);
    this.#labels.set(node.id, labels.of(node));
    if (node.kind === 'condition') this.#looks.set(node.id, labelOfCondition(node.with.if, looks));
    const condition = conditionOf(node, looks);
    if (condition) this.conditions.set(node.id, { ...condition, path: this.#conditionPath(condition) });
    const effects = plannedEffects(node);
    const isEffect = NODE_KINDS[node.kind].lane !== 'control';
    const grows = growthOf(node) !== null;
    // What an agent's tools return comes to it from outside, and may be private.
    const all = grows ? joinAll([used.all, namedAfter(OUTSIDE, node.id)]) : used.all;
    for (const flow of isEffect || grows ? [...choiceFlow(used.choice), ...leakFlow(all, effects)] : [])
      this.found.set(`${node.id} ${flow.rule}`, { node, flow, path: this.#path(node.id, flow) });
    if (isContainer(node)) this.#nodes(bodyOf(node), labels.body(node));
    const undo = compensationOf(node);
    if (undo) this.#node(undo, labels);
  }

  #conditionPath({ node, from, reads }: Conditioned): string[] {
    const read = reads.find((id) => this.#labels.get(id)?.untrusted_from === from);
    if (read === undefined) return [from, node.id];
    const label = { ...FOREIGN, untrusted_from: from };
    return [...this.#path(read, { rule: 'UNTRUSTED_CHOICE', label }), node.id];
  }

  /** From where it comes to the node: through nodes that each read the one before. */
  #path(to: string, { rule, label }: Flow): string[] {
    const from = rule === 'UNTRUSTED_CHOICE' || isUntrusted(label) ? label.untrusted_from : label.private_from;
    const path = [to];
    const seen = new Set(path);
    for (let at = to; at !== from;) {
      const next = (this.#reads.get(at) ?? []).find(
        (id) => !seen.has(id) && (id === from || this.#labels.get(id)?.untrusted_from === from),
      );
      if (next === undefined) return from === null || from === to ? path : [from, '…', ...path];
      path.unshift(next);
      seen.add(next);
      at = next;
    }
    return path;
  }
}

const quoted = (names: (string | null)[]): string =>
  [...new Set(names)].flatMap((name) => (name === null ? [] : [`\`${name}\``])).join(' and ');

function findingOf({ node, flow, path }: Found, isStated: boolean): Finding {
  const { untrusted_from: from, private_from: owner } = flow.label;
  const evidence = path.join(' → ');
  if (flow.rule === 'UNTRUSTED_CHOICE')
    return finding({
      rule: flow.rule,
      severity: 'high',
      node: node.id,
      message: `Text from ${quoted([from])}, which nobody has approved, chooses what \`${node.id}\` runs. A person is asked each time, with the value.`,
      evidence,
      remedy: 'Name the program, host or model in the plan, and let the text be an argument.',
    });
  const target = quoted(waysOut(plannedEffects(node)).map(readableWord));
  const asks = isStated
    ? 'The plan states that this is wanted, so nobody is asked again.'
    : 'A person is asked before each such effect, with the value.';
  return finding({
    rule: flow.rule,
    severity: isStated ? 'high' : 'medium',
    node: node.id,
    message: `Private data (${quoted([owner])}) and text that anybody may have written (${quoted([from])}) go together to ${target}: such text can have told a model what to send. ${asks}`,
    evidence,
    remedy: isStated
      ? `Take \`${node.id}\` out of \`envelope.flows\` to be asked with the value.`
      : `Send only how it went, such as \`exit_code\`; or state \`${node.id}\` in \`envelope.flows\` if it may always be sent.`,
  });
}

export function flowFindingsOf(plan: Plan, { flows = [] }: Pick<Envelope, 'flows'>): Finding[] {
  const { found, conditions } = new Walk(plan);
  return [
    ...[...conditions.values()].map(({ path, ...condition }) => conditionFinding(condition, path)),
    ...[...found.values()].map((item) => findingOf(item, flows.includes(item.node.id))),
  ];
}
