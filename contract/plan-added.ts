/** Nodes that are added while a plan runs: checked as totally as the plan was, before any of them exists. */
import type { Envelope } from './envelope.ts';
import type { Fault } from './errors.ts';
import { isJsonObject, type Json } from './json.ts';
import { allNodes, type Plan, type PlanNode } from './plan.ts';
import { addedFaults, refusals } from './plan-check.ts';
import { dynamicFaults } from './plan-envelope.ts';
import { parseNodes } from './plan-parse.ts';
import { CelSource, type Effects } from './nodes/kind.ts';
import { z } from './zod.ts';

const MAX_ADDED = 1000;
const AddedSchema = z.strictObject({
  nodes: z.array(z.unknown()).min(1, 'it has no nodes').max(MAX_ADDED),
  output: CelSource.optional(),
  /** Why they are needed, for the log and for the person who is asked. */
  reason: z.string().max(2000).default(''),
});

export type AddedNodes = { nodes: PlanNode[]; output: string | undefined; reason: string };

type Place = {
  plan: Plan;
  /** Ids that the added nodes may read. */
  visible: ReadonlySet<string>;
  variables: readonly string[];
  /** Of the added nodes; 1 = top of the plan. */
  depth: number;
  envelope: Envelope;
  effectsOf?: (node: PlanNode) => Effects;
  /** In runs that began before diffs were read: what they add is refused at the effect alone. */
  hasUnreadDiffs?: boolean;
};

/** In: a list of nodes, or `{nodes, output, reason}`. Out: the faults, and the nodes when there are none. Never throws. */
export function checkAdded(value: Json, place: Place): { added: AddedNodes | null; faults: Fault[] } {
  const parsed = AddedSchema.safeParse(isJsonObject(value) ? value : { nodes: value });
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => ({
      node: null,
      path: issue.path.map(String).join('.') || 'nodes',
      code: issue.code.toUpperCase(),
      message: issue.message,
    }));
    return { added: null, faults };
  }
  const { nodes, faults } = parseNodes(parsed.data.nodes, place.depth);
  const added = { ...parsed.data, output: parsed.data.output, nodes };
  const taken = new Set([...[...allNodes(place.plan.nodes)].map(({ node }) => node.id), ...place.visible]);
  const found = [...faults, ...addedFaults(added, { ...place, inputs: Object.keys(place.plan.inputs), taken })];
  if (faults.length === 0 && place.hasUnreadDiffs !== true) found.push(...refusals(nodes));
  if (faults.length === 0) found.push(...dynamicFaults(nodes, place.envelope, place.effectsOf));
  return found.length > 0 ? { added: null, faults: found } : { added, faults: [] };
}
