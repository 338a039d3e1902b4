import { parseExpression } from '#contract/expression.ts';
import type { Json } from '#contract/json.ts';
import { inputLabels, labelOfSource, type InputLabels, type LabelNames } from '#contract/label-reads.ts';
import { labelOfInputs, NodeLabels, NOTHING_AROUND, openInputLabel, usedLabels, type PlanNames } from '#contract/label-walk.ts';
import { CLEAN, join, namedAfter, OUTSIDE, type Label } from '#contract/labels.ts';
import { stripMarks } from '#contract/plan-check.ts';
import type { ContainerNode, PlanNode } from '#contract/plan.ts';
import type { NodeStatus } from '#contract/run-state.ts';
import { labelReads, referencedNodes } from './references.ts';
import type { Live } from './reopen.ts';
import type { RunContext } from './run-context.ts';

/** `text`: of the nodes themselves, where they were not written in the plan. */
export type ScopeLabels = { text?: Label; variables?: Record<string, Label> };

type Parts = {
  prefix: string;
  outer: ScopeView | null;
  variables: Record<string, Json>;
  labels?: ScopeLabels;
  /** Nothing in its nodes is an expression. */
  isLiteral: boolean;
  live: ReadonlyMap<string, Live>;
  statuses: ReadonlyMap<string, NodeStatus>;
  /** What is seen instead, where the nodes themselves are not there any more. */
  frozen?: Record<string, unknown>;
};

/** What expressions in a scope see: its nodes, those around it, and the variables of the containers. */
export class ScopeView {
  readonly #run: RunContext;
  readonly #parts: Parts;
  #ends: NodeLabels | null = null;

  constructor(run: RunContext, parts: Parts) {
    this.#run = run;
    this.#parts = parts;
  }

  variableNames(): string[] {
    return Object.keys(this.#variables());
  }

  /** Ids that expressions of this node may name: what is above it here, and above the nodes that it stands in. */
  visibleFrom(id: string): Set<string> {
    const { prefix, outer, live } = this.#parts;
    // The prefix of a scope ends with the id of its container, as in `m[3].` or `s.`.
    const container = /^[a-z0-9_]+/.exec(prefix.slice(outer === null ? 0 : outer.#parts.prefix.length))?.[0] ?? '';
    const seen = outer?.visibleFrom(container) ?? new Set<string>();
    const found = [id];
    for (let at = found.pop(); at !== undefined; at = found.pop()) {
      for (const need of live.get(at)?.node.needs ?? []) {
        if (seen.has(need)) continue;
        seen.add(need);
        found.push(need);
      }
    }
    return seen;
  }

  /** What expressions of a node see. Only the nodes that it names are looked up. */
  context(node: PlanNode): Record<string, unknown> {
    return this.#contextOf(referencedNodes(node));
  }

  evaluate(source: string): Json {
    const bare = stripMarks(source);
    const expression = parseExpression(bare);
    return expression.evaluate(this.#contextOf([...expression.reads.nodes]));
  }

  /** Where the nodes of this scope were written. */
  get text(): Label {
    const { outer, labels } = this.#parts;
    return labels?.text ?? outer?.text ?? this.#run.approved.delegation?.labels?.text ?? CLEAN;
  }

  /** What goes into an effect, as far as a person is asked about it. */
  usedLabels(node: PlanNode): InputLabels {
    return usedLabels(node, this.#labels);
  }

  /** What goes into a node, in runs whose numbers have no label. In: what its expressions see, where they are worth to be evaluated for it. */
  inputLabels(node: PlanNode, context?: Record<string, unknown>): InputLabels {
    if (this.#parts.isLiteral) return { choice: CLEAN, all: this.text };
    return inputLabels(labelReads(node, this.#run.approved.has_whole_commands === true), this.text, this.#names, context);
  }

  /** What goes into a node: what it puts out is made of that. */
  inputLabel(node: PlanNode): Label {
    return this.#run.labels.isLasting ? labelOfInputs(node, this.#labels) : this.inputLabels(node).all;
  }

  /** Of what a node comes to, however it ends. */
  endLabel(node: PlanNode): Label {
    return this.#labels.of(node);
  }

  /** Of what a container gives to its rounds. */
  variableLabel(node: ContainerNode): Label {
    if (this.#run.labels.isLasting) return this.#labels.variableLabel(node);
    return node.kind === 'map' ? this.inputLabels(node).all : this.#run.labels.of(`${this.#parts.prefix}${node.id}`);
  }

  labelOf(source: string): Label {
    return labelOfSource(stripMarks(source), this.#run.labels.isLasting ? this.#labels.names : this.#names);
  }

  /** Of all nodes here: the plan alone says them, and what was taken over. */
  get #labels(): NodeLabels {
    const { prefix, outer, live, isLiteral } = this.#parts;
    const around = outer === null ? this.#aroundTop : outer.#labels.names;
    this.#ends ??= new NodeLabels(
      [...live.values()].map(({ node }) => node),
      {
        outer: { ...around, variable: (name) => this.#variableLabel(name) },
        text: this.text,
        prefix,
        isLiteral,
        readsOf: (node) => labelReads(node, true),
        known: (id) => this.#knownLabel(id),
      },
    );
    return this.#ends;
  }

  get #aroundTop(): PlanNames {
    const node = (): Label => (this.#parts.frozen ? OUTSIDE : CLEAN);
    return { ...NOTHING_AROUND, node, input: (name) => this.#inputLabel(name) };
  }

  #knownLabel(id: string): Label {
    const { prefix, outer } = this.#parts;
    const reused = outer === null ? this.#run.reused(id) : null;
    const before = reused === null ? CLEAN : namedAfter(reused.label ?? OUTSIDE, id);
    return join(before, this.#run.labels.of(`${prefix}${id}`));
  }

  get #names(): LabelNames {
    return { node: (id) => this.#nodeLabel(id), input: (name) => this.#inputLabel(name), variable: (name) => this.#variableLabel(name) };
  }

  #nodeLabel(id: string): Label {
    const { prefix, outer, live, frozen } = this.#parts;
    if (frozen) return OUTSIDE;
    if (!live.has(id) && outer) return outer.#nodeLabel(id);
    return this.#run.labels.of(`${prefix}${id}`);
  }

  /** Who starts a run gives it open inputs; all others were shown to who approved it. */
  #inputLabel(name: string): Label {
    const { delegation, plan } = this.#run.approved;
    return delegation?.labels && name === 'task' ? delegation.labels.task : openInputLabel(plan, name);
  }

  #variableLabel(name: string): Label | null {
    const { outer, labels, variables } = this.#parts;
    if (Object.hasOwn(variables, name)) return labels?.variables?.[name] ?? CLEAN;
    return outer === null ? null : outer.#variableLabel(name);
  }

  #contextOf(ids: readonly string[]): Record<string, unknown> {
    const { frozen } = this.#parts;
    if (frozen) return frozen;
    const nodes = Object.fromEntries(ids.map((id) => [id, this.#lookUp(id)]));
    return { ...this.#variables(), inputs: this.#run.approved.inputs, nodes, run: { id: this.#run.input.run_id } };
  }

  #variables(): Record<string, Json> {
    const { outer, variables } = this.#parts;
    return outer === null ? variables : { ...outer.#variables(), ...variables };
  }

  #lookUp(id: string): { output: Json; status: NodeStatus } {
    const { prefix, outer, live, statuses } = this.#parts;
    if (!live.has(id) && outer) return outer.#lookUp(id);
    return { output: this.#run.outputs.get(`${prefix}${id}`) ?? null, status: statuses.get(id) ?? 'pending' };
  }
}
