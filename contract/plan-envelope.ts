/** Effects of nodes and the envelope of a plan, computed by pure functions: the packet, the permit check and the fence use the same. */
import { commandCovers, commandParts, uniqueCommands } from './commands/form.ts';
import type { Fault } from './errors.ts';
import { BudgetSchema, dynamicRoots, outsideOf, type Envelope, type Outside } from './envelope.ts';
import { NODE_KINDS, type NodeKind } from './nodes/index.ts';
import type { Effects, KindSpec, ToPattern } from './nodes/kind.ts';
import { escapePattern } from './pattern.ts';
import { allNodes, bodyOf, bodyRules, growthOf, isContainer, kindsOf, type Plan, type PlanNode } from './plan.ts';
import { asPattern } from './template.ts';

export const DEFAULT_MAX_PARALLEL = 100;

/** A node as far as its effects go; rendered ones come out of messages as plain JSON. */
type KindAndWith = { kind: NodeKind; with: object };

function effectsWith(node: KindAndWith, toPattern: ToPattern): Effects {
  const spec = NODE_KINDS[node.kind] as unknown as KindSpec<unknown>;
  return spec.effects(node.with, toPattern);
}

/** What a node of a plan may touch; references are `*`. */
export function plannedEffects(node: PlanNode): Effects {
  return effectsWith(node, asPattern);
}

/** What a rendered node does touch; nothing in it is a pattern. */
export function renderedEffects(node: KindAndWith): Effects {
  return effectsWith(node, escapePattern);
}

function unique(patterns: string[]): string[] {
  return [...new Set(patterns)].sort();
}

/** Nodes that a run can have at most: bodies count once for each item or round. */
export function countNodes(nodes: PlanNode[]): number {
  // One that delegates has a place for a node of its child.
  const own = (node: PlanNode): number => (node.compensate === undefined && node.kind !== 'delegate' ? 1 : 2);
  const inside = (node: PlanNode): number => (isContainer(node) ? (bodyRules(node)?.rounds ?? 1) * countNodes(bodyOf(node)) : 0);
  return nodes.reduce((sum, node) => sum + own(node) + inside(node) + (growthOf(node)?.nodes ?? 0), 0);
}

/** Where the nodes come to stand that it adds by itself; those of a subplan are asked for when they are known. */
function deepest(node: PlanNode, depth: number): number {
  return growthOf(node) === null ? depth : depth + 1;
}

/** What the plan's own nodes have around a command that it states is what is approved with it; for nodes that are added it is not. */
function statedCommands(stated: string[][], own: string[][]): string[][] {
  const whole = own.filter((command) => !stated.some((pattern) => commandCovers(pattern, command)));
  const called = whole.filter((command) => stated.some((pattern) => commandCovers(pattern, [...commandParts(command).words])));
  return [...stated, ...uniqueCommands(called)];
}

/** The envelope of a valid plan: what it states, and for the rest what its nodes need. */
export function envelopeOf(plan: Plan): Envelope {
  const nodes = [...allNodes(plan.nodes)];
  const effects = nodes.map(({ node }) => plannedEffects(node));
  const stated = plan.envelope ?? {};
  const commands = effects.flatMap((item) => item.commands);
  const requests = stated.requests ?? unique(effects.flatMap((item) => item.requests ?? []));
  const list = (part: 'hosts' | 'tools' | 'models' | 'secrets'): string[] => stated[part] ?? unique(effects.flatMap((item) => item[part]));
  return {
    kinds: stated.kinds ?? unique(nodes.flatMap(({ node }) => kindsOf(node))),
    commands: stated.commands === undefined ? uniqueCommands(commands) : statedCommands(stated.commands, commands),
    paths: stated.paths ?? { read: unique(effects.flatMap((item) => item.read)), write: unique(effects.flatMap((item) => item.write)) },
    hosts: list('hosts'),
    tools: list('tools'),
    models: list('models'),
    secrets: list('secrets'),
    // Not there when there are none, so that other plans keep the hash that they were approved with.
    ...(requests.length === 0 ? {} : { requests }),
    ...(stated.flows === undefined ? {} : { flows: stated.flows }),
    budget: stated.budget ?? BudgetSchema.parse({}),
    max_nodes: stated.max_nodes ?? Math.min(1_000_000, countNodes(plan.nodes)),
    max_depth:
      stated.max_depth ?? Math.max(...nodes.map(({ node, depth }) => (node.kind === 'subplan' ? depth + 1 : deepest(node, depth)))),
    max_parallel: stated.max_parallel ?? DEFAULT_MAX_PARALLEL,
  };
}

/** A stated envelope may be wider than the nodes need, never narrower; what is only known at run time must be stated. */
export function envelopeFaults(plan: Plan): Fault[] {
  const envelope = envelopeOf(plan);
  const stated = plan.envelope ?? {};
  const isStated = (part: string): boolean => part.split('.')[0] !== undefined && Object.hasOwn(stated, part.split('.')[0] ?? '');
  const faults: Fault[] = [];
  const add = (node: string, outside: Outside, code: string): void =>
    void faults.push({ node, path: `envelope.${outside.part}`, code, message: outside.message });
  for (const { node, depth } of allNodes(plan.nodes)) {
    const effects = plannedEffects(node);
    for (const outside of outsideOf(envelope, effects)) add(node.id, outside, 'ENVELOPE_NARROWER');
    for (const outside of dynamicRoots(effects)) if (!isStated(outside.part)) add(node.id, outside, 'DYNAMIC_ROOT');
    for (const kind of kindsOf(node))
      if (!envelope.kinds.includes(kind))
        add(node.id, { part: 'kinds', pattern: kind, message: `the kind \`${kind}\` is not granted` }, 'ENVELOPE_NARROWER');
    if (deepest(node, depth) > envelope.max_depth)
      add(
        node.id,
        { part: 'max_depth', pattern: '', message: `it stands deeper than max_depth ${envelope.max_depth}` },
        'ENVELOPE_NARROWER',
      );
  }
  return [...faults, ...flowFaults(plan)];
}

/** A flow that no node has yet could be taken by one that is added. */
function flowFaults({ nodes, envelope }: Plan): Fault[] {
  const known = new Set([...allNodes(nodes)].map(({ node }) => node.id));
  const unknown = (envelope?.flows ?? []).filter((flow) => !known.has(flow));
  return unknown.map((flow) => ({ node: null, path: 'envelope.flows', code: 'FLOW_UNKNOWN', message: `the plan has no node \`${flow}\`` }));
}

/** What only is known at run time must be granted already: no person is asked about a program or a host that nobody knows. */
export function dynamicFaults(nodes: PlanNode[], envelope: Envelope, effectsOf: (node: PlanNode) => Effects = plannedEffects): Fault[] {
  return [...allNodes(nodes)].flatMap(({ node }) => {
    const effects = effectsOf(node);
    const outside = outsideOf(envelope, effects);
    return dynamicRoots(effects)
      .filter((root) => outside.some(({ part, pattern }) => part.startsWith(root.part) && pattern === root.pattern))
      .map(({ part, message }) => ({ node: node.id, path: `envelope.${part}`, code: 'DYNAMIC_ROOT', message }));
  });
}

/** The permit: in the instant before an effect. Out: why it is refused, empty when it is granted. */
export function permitFaults(envelope: Envelope, node: KindAndWith): Outside[] {
  const kind = envelope.kinds.includes(node.kind)
    ? []
    : [{ part: 'kinds', pattern: node.kind, message: `the kind \`${node.kind}\` is not granted` }];
  return [...kind, ...outsideOf(envelope, renderedEffects(node))];
}
