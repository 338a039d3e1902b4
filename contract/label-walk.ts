/**
 * How labels go through a list of nodes. The packet and the run take them from here, and both from the plan alone, so that what the one says is what
 * the other asks. A label stays with whatever is made of a value: with numbers, which a text can be put together from again, with errors, and
 * with what is left out because of it. Pure.
 */
import { parseExpression } from './expression.ts';
import { labelOfReads, labelOfSource, outputLabel, readsOf, type InputLabels, type LabelNames, type NodeReads } from './label-reads.ts';
import { CLEAN, FOREIGN, join, joinAll, namedAfter, OUTSIDE, type Label } from './labels.ts';
import { NODE_KINDS, type NodeKind } from './nodes/index.ts';
import { stripMarks } from './plan-check.ts';
import { bodyOf, bodyRules, isContainer, type ContainerNode, type Plan, type PlanNode } from './plan.ts';

export type PlanNames = LabelNames & {
  kind: (id: string) => NodeKind | null;
  /** Of what decided that a node was done or left out. */
  course: (id: string) => Label;
};

/** Where a list of nodes stands. */
export type LabelPlace = {
  outer: PlanNames;
  /** Of the nodes themselves, where they were not written in the plan. */
  text: Label;
  /** Before the ids of its nodes in a run; null where they are called as in the plan. */
  prefix: string | null;
  /** Whoever asks for the same nodes again and again keeps what they read. */
  readsOf: (node: PlanNode) => NodeReads;
  /** Nothing in them is an expression. */
  isLiteral?: boolean;
  /** What is known of a node besides, such as of one that a fork takes over. */
  known?: (id: string) => Label;
};

/** Numbers and truths that GIMO itself writes into an output: whoever wrote the rest of it did not choose them. */
const OWN_FIELDS: Partial<Record<NodeKind, readonly string[]>> = {
  process: ['exit_code', 'truncated', 'duration_ms'],
  http: ['status', 'truncated', 'duration_ms'],
};
const OWN_READ = /\bnodes\.(\w+)\.(?:status\b|output\.(\w+))/g;
/** Their outputs are made by nodes that nobody knows before the run. */
const OPEN_KINDS: ReadonlySet<NodeKind> = new Set(['subplan', 'agent', 'delegate']);

/**
 * Whether a field says no more than how something went. In a list or loop such numbers are as many as one likes, so they are data there. A person
 * alone decides the status of a gate. In: no field for the status of the node.
 */
function isOwn(names: PlanNames, id: string, field: string | undefined): boolean {
  const kind = names.kind(id);
  if (kind === null || (names.variable('index') !== null && (field !== undefined || kind !== 'gate'))) return false;
  return field === undefined || (OWN_FIELDS[kind]?.includes(field) ?? false);
}

/** Of a condition: what it looks at, and what decided that this is there. */
function labelOfCourse(source: string, names: PlanNames): Label {
  const courses: Label[] = [];
  const rest = stripMarks(source).replaceAll(OWN_READ, (read, id: string, field?: string) => {
    if (!isOwn(names, id, field)) return read;
    courses.push(names.course(id));
    return 'run.id';
  });
  return joinAll([labelOfReads(parseExpression(rest).reads, names), ...courses]);
}

/** An expression that is nothing but a number of our own is as private as the rest, and is not what somebody wrote. */
function labelOfUse(source: string, names: PlanNames): Label {
  const [read] = source.matchAll(OWN_READ);
  const label = labelOfSource(source, names);
  if (read?.[0] !== source || read[1] === undefined || !isOwn(names, read[1], read[2])) return label;
  return join(names.course(read[1]), { ...label, integrity: 'trusted', untrusted_from: null });
}

/** What goes into an effect, as far as a person is asked about it. */
export function usedLabels(node: PlanNode, { names, place }: NodeLabels): InputLabels {
  if (place.isLiteral) return { choice: CLEAN, all: place.text };
  const { choice, all } = place.readsOf(node);
  const labelOf = ({ source }: { source: string }): Label => labelOfUse(source, names);
  return { choice: joinAll(choice.map(labelOf)), all: joinAll([place.text, ...all.map(labelOf)]) };
}

/** What goes into a node: whatever it puts out is made of that. */
export function labelOfInputs(node: PlanNode, { names, place }: NodeLabels): Label {
  if (place.isLiteral) return place.text;
  if (node.kind === 'condition') return join(place.text, labelOfCourse(node.with.if, names));
  return joinAll([place.text, ...place.readsOf(node).all.map((read) => labelOfReads(read.reads, names))]);
}

/** Whether text from outside, such as what a program complained of, can stand in its error. That of a request is as its answer. */
function failsOutside(node: PlanNode): boolean {
  if (isContainer(node)) return bodyOf(node).some(failsOutside);
  return node.kind !== 'http' && (NODE_KINDS[node.kind].lane !== 'control' || OPEN_KINDS.has(node.kind));
}

/** The labels of what the nodes of a list come to, however they end. */
export class NodeLabels {
  readonly place: LabelPlace;
  readonly names: PlanNames;
  #nodes: ReadonlyMap<string, PlanNode>;
  #labels = new Map<string, Label>();
  #courses = new Map<string, Label>();

  constructor(nodes: readonly PlanNode[], place: LabelPlace) {
    this.place = place;
    const { outer } = place;
    this.#nodes = new Map(nodes.map((node) => [node.id, node]));
    this.names = {
      ...outer,
      node: (id) => this.#own(id) ?? outer.node(id),
      kind: (id) => this.#nodes.get(id)?.kind ?? outer.kind(id),
      course: (id) => (this.#own(id) === null ? outer.course(id) : (this.#courses.get(id) ?? CLEAN)),
    };
  }

  /** Also of a node that undoes one of the list. */
  of(node: PlanNode): Label {
    return this.#own(node.id) ?? this.#add(node);
  }

  /** Worked out when it is wanted, and what is above it before: a long plan is not gone through at once. Null where it is no node of the list. */
  #own(id: string): Label | null {
    const open = [id];
    for (let at = open.at(-1); at !== undefined; at = open.at(-1)) {
      const node = this.#labels.has(at) ? undefined : this.#nodes.get(at);
      const above = node?.needs.filter((need) => this.#nodes.has(need) && !this.#labels.has(need)) ?? [];
      open.push(...above);
      if (above.length > 0) continue;
      if (node) this.#add(node);
      open.pop();
    }
    return this.#labels.get(id) ?? null;
  }

  #add(node: PlanNode): Label {
    const course = this.#courseOf(node);
    this.#courses.set(node.id, course);
    const label = joinAll([this.#outputLabel(node), course, this.place.known?.(node.id) ?? CLEAN]);
    const isSeen = node.on_error === 'continue' || node.on_error === 'gate' ? this.errorLabel(node, label) : label;
    this.#labels.set(node.id, isSeen);
    return isSeen;
  }

  /** What decides whether it is done: its condition, and that of all that it needs. */
  #courseOf(node: PlanNode): Label {
    const own = node.when === undefined || this.place.isLiteral ? CLEAN : labelOfCourse(node.when, this.names);
    if (node.kind === 'join') return node.with.mode === 'all' ? own : join(own, this.#endsOfNeeds(node));
    return joinAll([own, ...node.needs.map((need) => this.names.course(need))]);
  }

  /** Of which of its needs were done, failed or were left out, and when. */
  #endsOfNeeds({ needs }: PlanNode): Label {
    const ends = needs.map((id) => {
      const need = this.#nodes.get(id);
      return need ? this.errorLabel(need, this.of(need)) : CLEAN;
    });
    return joinAll(ends);
  }

  #outputLabel(node: PlanNode): Label {
    const id = this.#instance(node);
    const inputs = labelOfInputs(node, this);
    if (node.kind === 'join') return this.#endsOfNeeds(node);
    const inside = isContainer(node) && !this.place.isLiteral ? this.#inside(node, inputs) : CLEAN;
    const output = outputLabel(node, id, join(inputs, inside));
    return OPEN_KINDS.has(node.kind) ? join(output, namedAfter(OUTSIDE, id)) : output;
  }

  #instance({ id }: PlanNode): string {
    return `${this.place.prefix ?? ''}${id}`;
  }

  /** Of the error of a node. In: the label of its output. */
  errorLabel(node: PlanNode, label: Label): Label {
    return failsOutside(node) ? join(label, namedAfter(OUTSIDE, this.#instance(node))) : label;
  }

  /** What a loop reads of its last round adds nothing: all is joined, so the second round comes to what the first came to. */
  #inside(node: ContainerNode, over: Label): Label {
    const body = this.body(node, over);
    const nodes = bodyOf(node);
    const { output } = node.with;
    const last = nodes.at(-1);
    const result = output === undefined ? (last ? body.of(last) : CLEAN) : labelOfSource(stripMarks(output), body.names);
    // A list that collects shows of each item whether it failed, and the error.
    const isCollected = node.kind === 'map' && node.with.on_item_error === 'collect';
    const collected = isCollected ? nodes.map((item) => body.errorLabel(item, body.of(item))) : [];
    const course = node.kind === 'loop' ? labelOfCourse(node.with.while, body.place.outer) : CLEAN;
    return joinAll([over, result, course, ...collected]);
  }

  /** The nodes of a container. In: the label of its variables. */
  body(node: ContainerNode, label = this.variableLabel(node)): NodeLabels {
    const { outer, prefix, text, readsOf: reads } = this.place;
    const variables = bodyRules(node)?.variables ?? [];
    const variable = (name: string): Label | null => (variables.includes(name) ? (name === 'index' ? CLEAN : label) : outer.variable(name));
    const within = prefix === null ? null : `${prefix}${node.id}[0].`;
    return new NodeLabels(bodyOf(node), { text, outer: { ...this.names, variable }, prefix: within, readsOf: reads });
  }

  /** Of what a container gives to its nodes: an item of its list, or what a loop came to in the round before. */
  variableLabel(node: ContainerNode): Label {
    return node.kind === 'map' ? labelOfInputs(node, this) : this.of(node);
  }
}

/** Inputs that whoever starts a run gives; all others were shown to who approved it. */
export function openInputLabel(plan: Plan, name: string): Label {
  return plan.inputs[name]?.open === true ? { ...FOREIGN, untrusted_from: `inputs.${name}` } : CLEAN;
}

export const NOTHING_AROUND: PlanNames = {
  node: () => CLEAN,
  input: () => CLEAN,
  variable: () => null,
  kind: () => null,
  course: () => CLEAN,
};

/** Of the nodes of a plan, before it runs. */
export function labelsOfPlan(plan: Plan): NodeLabels {
  return new NodeLabels(plan.nodes, {
    outer: { ...NOTHING_AROUND, input: (name) => openInputLabel(plan, name) },
    text: CLEAN,
    prefix: null,
    readsOf,
  });
}
