/** What nodes that were added to a run need beyond its envelope. Pure: the workflow asks for it, effects check by it. */
import { raiseLines, type Raise } from './budget.ts';
import { uniqueCommands } from './commands/form.ts';
import { type BudgetLimit, type Envelope, outsideOf } from './envelope.ts';
import { NO_EFFECTS, type Effects } from './nodes/kind.ts';
import { allNodes, growthOf, kindsOf, type PlanNode } from './plan.ts';
import { countNodes, plannedEffects } from './plan-envelope.ts';
import { z } from './zod.ts';

const Words = z.array(z.string());
const RaiseSchema = z.strictObject({ usd: z.number().min(0), tokens: z.int().min(0), wall_ms: z.int().min(0) });
export const DeltaSchema = z.strictObject({
  kinds: Words,
  commands: z.array(Words),
  paths: z.strictObject({ read: Words, write: Words }),
  hosts: Words,
  tools: Words,
  models: Words,
  secrets: Words,
  requests: Words.optional(),
  /** One effect with exactly its values. */
  flows: Words.optional(),
  /** Nodes beyond `max_nodes`. */
  more_nodes: z.int().min(0),
  /** Null when it lies within `max_depth`. */
  max_depth: z.int().nullable(),
  /** Money, tokens and time beyond the budget. */
  budget: RaiseSchema.optional(),
});
/** Patterns that an envelope lacks; a person who says yes to them widens what one run may do by exactly these. */
export type Delta = z.output<typeof DeltaSchema>;

const LISTS = ['hosts', 'tools', 'models', 'secrets'] as const;

const unique = (words: string[]): string[] => [...new Set(words)].sort();

/** In: the nodes, the depth that they stand at (1 = top of the plan), how many more nodes the run may have. Out: null when all is granted. */
export function deltaOf(
  envelope: Envelope,
  nodes: PlanNode[],
  { depth, room }: { depth: number; room: number },
  effectsOf: (node: PlanNode) => Effects = plannedEffects,
): Delta | null {
  const all = [...allNodes(nodes, null, depth)];
  const effects = all.map(({ node }) => effectsOf(node));
  const deepest = Math.max(...all.map((item) => item.depth + (growthOf(item.node) === null ? 0 : 1)));
  const delta: Delta = {
    kinds: unique(all.flatMap(({ node }) => kindsOf(node)).filter((kind) => !envelope.kinds.includes(kind))),
    ...beyond(envelope, effects),
    more_nodes: Math.max(0, countNodes(nodes) - room),
    max_depth: deepest > envelope.max_depth ? deepest : null,
  };
  return isEmpty(delta) ? null : delta;
}

type Beyond = Pick<Delta, 'commands' | 'paths' | 'requests' | (typeof LISTS)[number]>;

/** What of these effects the envelope does not cover. */
function beyond(envelope: Envelope, effects: readonly Effects[]): Beyond {
  const isOutside = (part: Partial<Effects>): boolean => outsideOf(envelope, { ...NO_EFFECTS, ...part }).length > 0;
  const missing = (part: Exclude<keyof Effects, 'commands'>): string[] =>
    unique(effects.flatMap((item) => item[part] ?? []).filter((word) => isOutside({ [part]: [word] })));
  const [hosts = [], tools = [], models = [], secrets = []] = LISTS.map(missing);
  const requests = missing('requests');
  return {
    commands: uniqueCommands(effects.flatMap((item) => item.commands).filter((argv) => isOutside({ commands: [argv] }))),
    paths: { read: missing('read'), write: missing('write') },
    hosts,
    tools,
    models,
    secrets,
    ...(requests.length === 0 ? {} : { requests }),
  };
}

const NOTHING: Delta = {
  kinds: [],
  commands: [],
  paths: { read: [], write: [] },
  hosts: [],
  tools: [],
  models: [],
  secrets: [],
  more_nodes: 0,
  max_depth: null,
};

/** More of the budget, and nothing else. */
export function budgetDelta(budget: Raise): Delta {
  return { ...NOTHING, budget };
}

/** One effect with the values that a person was shown, and what of it lies outside of the envelope. */
export function flowDelta(envelope: Envelope, effects: Effects, flow: string): Delta {
  return { ...NOTHING, ...beyond(envelope, [effects]), flows: [flow] };
}

/** Whether it touches nothing but the budget. */
export function isBudgetOnly({ budget, ...rest }: Delta): boolean {
  return budget !== undefined && isEmpty(rest);
}

function isEmpty(delta: Delta): boolean {
  const { kinds, commands, paths, requests = [], flows = [] } = delta;
  const lists = [kinds, commands, paths.read, paths.write, ...LISTS.map((part) => delta[part]), requests, flows];
  return lists.every((list) => list.length === 0) && delta.more_nodes === 0 && delta.max_depth === null;
}

/** The envelope and what a person granted beyond it. */
export function widened(envelope: Envelope, deltas: readonly Delta[]): Envelope {
  return deltas.reduce(
    (wide, delta) => ({
      ...wide,
      kinds: [...wide.kinds, ...delta.kinds],
      commands: [...wide.commands, ...delta.commands],
      paths: { read: [...wide.paths.read, ...delta.paths.read], write: [...wide.paths.write, ...delta.paths.write] },
      hosts: [...wide.hosts, ...delta.hosts],
      tools: [...wide.tools, ...delta.tools],
      models: [...wide.models, ...delta.models],
      secrets: [...wide.secrets, ...delta.secrets],
      ...(delta.requests === undefined ? {} : { requests: [...(wide.requests ?? []), ...delta.requests] }),
      ...(delta.flows === undefined ? {} : { flows: [...(wide.flows ?? []), ...delta.flows] }),
      max_nodes: wide.max_nodes + delta.more_nodes,
      max_depth: Math.max(wide.max_depth, delta.max_depth ?? 0),
      budget: raised(wide.budget, delta.budget),
    }),
    envelope,
  );
}

function raised(limit: BudgetLimit, raise: Raise | undefined): BudgetLimit {
  if (raise === undefined) return limit;
  return { usd: limit.usd + raise.usd, tokens: limit.tokens + raise.tokens, wall_ms: limit.wall_ms + raise.wall_ms };
}

/** A delta in words, one line for each thing. */
export function deltaLines(delta: Delta): string[] {
  const line = (what: string, words: string[]): string[] => words.map((word) => `${what}: ${word}`);
  return [
    ...line(
      'command',
      delta.commands.map((argv) => argv.join(' ')),
    ),
    ...line('write', delta.paths.write),
    ...line('read', delta.paths.read),
    ...line('host', delta.hosts),
    ...line('request', delta.requests ?? []),
    ...line('secret', delta.secrets),
    ...line('tool', delta.tools),
    ...line('model', delta.models),
    ...line('exactly this effect', delta.flows ?? []),
    ...line('kind of node', delta.kinds),
    ...(delta.more_nodes === 0 ? [] : [`nodes: ${delta.more_nodes} more`]),
    ...(delta.max_depth === null ? [] : [`depth: ${delta.max_depth}`]),
    ...(delta.budget === undefined ? [] : raiseLines(delta.budget)),
  ];
}
