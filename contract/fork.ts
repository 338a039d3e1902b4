/** Forks: which nodes of a run are taken over into a new run of the same plan, and which are done anew. Pure. */
import type { Json } from './json.ts';
import type { Label } from './labels.ts';
import { NODE_KINDS, usesWorkspace } from './nodes/index.ts';
import type { KindSpec } from './nodes/kind.ts';
import { ownExpressions, stripMarks } from './plan-check.ts';
import { topologicalOrder } from './plan-graph.ts';
import { allNodes, type Plan, type PlanNode } from './plan.ts';
import type { NodeState } from './run-state.ts';
import { inspectExpression } from './template.ts';
import { z } from './zod.ts';

export const ForkedFromSchema = z.object({
  run_id: z.string(),
  /** The first node that is done anew. */
  node: z.string(),
  /** What the clone of the fork starts from; null = the commit that was approved. */
  commit: z.string().nullable(),
});
export type ForkedFrom = z.output<typeof ForkedFromSchema>;

/** A node whose end is taken over. */
export type ReusedNode = { status: 'done' | 'skipped'; output: Json; label?: Label; reason: string; skipped_by?: string };
/** What a patch of an earlier run committed. */
export type EarlierPatch = { node: string; commit: string };
/** Taken over from `from`; `patches` in the order of their commits. Stored as a blob. */
export type Reuse = { from: string; nodes: Record<string, ReusedNode>; patches: EarlierPatch[] };

export type ForkPlan = {
  /** Ids of the top level whose ends are taken over. */
  reused: string[];
  /** Instances whose commits the fork starts with, in their order. */
  patches: string[];
};
export type ForkSource = {
  plan: Plan;
  nodes: Readonly<Record<string, NodeState>>;
  /** Patches that the source itself had taken over, in their order. */
  earlier: readonly EarlierPatch[];
  /** Names of inputs that get another value. */
  changed: ReadonlySet<string>;
};

/** In: what is known of the source, and an id of the top level. Out: the fork, or the sentence that refuses it. */
export function planFork(source: ForkSource, from: string): ForkPlan | { refusal: string } {
  const anew = doneAnew(source, from);
  const kept = source.plan.nodes.filter((node) => !anew.has(node.id));
  const reused = kept.filter((node) => isTakenOver(source.nodes[node.id])).map((node) => node.id);
  const isReused = new Set(reused);
  const patches = patchesOf(source);
  const refusal =
    changedInput(kept, source.changed) ??
    lostFiles(source.plan.nodes, isReused) ??
    wrongOrder(patches, (instance) => isReused.has(rootOf(instance)));
  return refusal === null ? { reused, patches: patches.filter((instance) => isReused.has(rootOf(instance))) } : { refusal };
}

/** Done, or left out by a person. What the plan itself skipped is decided again, which costs nothing. */
function isTakenOver(node: NodeState | undefined): boolean {
  return node?.status === 'done' || (node?.status === 'skipped' && node.skipped_by !== undefined);
}

/** The node, what has not ended well in the source, and everything behind them. */
function doneAnew({ plan, nodes }: ForkSource, from: string): Set<string> {
  const byId = new Map(plan.nodes.map((node) => [node.id, node]));
  // What was undone, at least in part, has not happened any more.
  const undone = new Set(Object.keys(nodes).flatMap((instance) => (instance.endsWith('.compensation') ? [rootOf(instance)] : [])));
  const anew = new Set<string>();
  for (const id of topologicalOrder(plan.nodes)) {
    const hasEnded = ['done', 'skipped'].includes(nodes[id]?.status ?? 'pending');
    if (id === from || !hasEnded || undone.has(id) || byId.get(id)?.needs.some((need) => anew.has(need))) anew.add(id);
  }
  return anew;
}

function changedInput(kept: readonly PlanNode[], changed: ReadonlySet<string>): string | null {
  for (const node of changed.size === 0 ? [] : kept) {
    const name = [...inputsOf(node)].find((input) => changed.has(input));
    if (name !== undefined) return `the input \`${name}\` is changed, and ${node.id}, which reads it, would not be done anew`;
  }
  return null;
}

/** Inputs that a node reads, its body included. */
function inputsOf(container: PlanNode): Set<string> {
  const names = new Set<string>();
  for (const { node } of allNodes([container])) {
    const { ownScope = [] } = NODE_KINDS[node.kind] as unknown as KindSpec<unknown>;
    const bare = Object.entries(node.with).filter(([field, value]) => ownScope.includes(field) && typeof value === 'string');
    const found = [...ownExpressions(node, ''), ...bare.map(([field, value]) => inspectExpression(stripMarks(String(value)), field))];
    for (const { reads } of found) for (const name of reads?.inputs ?? []) names.add(name);
  }
  return names;
}

/** Files that a process wrote are in no commit: whoever comes after it in the clone would not find them. */
function lostFiles(nodes: readonly PlanNode[], isReused: ReadonlySet<string>): string | null {
  const within = (node: PlanNode): PlanNode[] => [...allNodes([node])].map((item) => item.node);
  const looks = nodes.find((node) => !isReused.has(node.id) && within(node).some(({ kind }) => usesWorkspace(kind)));
  if (!looks) return null;
  const writer = nodes.find(
    (node) => isReused.has(node.id) && within(node).some((item) => item.kind === 'process' && item.with.write.length > 0),
  );
  return writer
    ? `${writer.id} wrote files that are in no commit, so ${looks.id} would not find them: fork from ${writer.id} or a node before it`
    : null;
}

/** Instances of patches that committed, in the order of their commits: one at a time has the clone to itself. */
function patchesOf({ nodes, earlier }: ForkSource): string[] {
  const before = earlier.map((patch) => patch.node);
  const own = Object.values(nodes).filter((node) => node.kind === 'patch' && node.status === 'done' && !before.includes(node.id));
  return [...before, ...own.toSorted((a, b) => a.seq - b.seq).map((node) => node.id)];
}

/** A branch holds commits in one order: those that are kept must come before those that are made anew. */
function wrongOrder(patches: readonly string[], isKept: (instance: string) => boolean): string | null {
  const at = patches.findIndex((instance) => !isKept(instance));
  const later = at === -1 ? undefined : patches.slice(at).find(isKept);
  return later === undefined ? null : `${patches[at]}, which would be done anew, committed before ${later}, which would not`;
}

/** `m[3].fix` belongs to the node `m` of the top level. */
export function rootOf(instance: string): string {
  return /^[a-z0-9_]*/.exec(instance)?.[0] ?? instance;
}
