/** What the graph and the outline draw: the nodes of a plan, with their state when there is a run. */
import type { GraphNode } from '#contract/objects.ts';
import { allNodes, type Plan } from '#contract/plan.ts';
import { plural } from '#contract/plural.ts';
import type { NodeStatus } from '#contract/run-state.ts';
import { NODE_STATUSES } from '#contract/run-state.ts';
import { duration } from '../lib/format.ts';
import { NODE_WORDS } from '../lib/words.ts';
import { viewOf } from '../nodes/index.ts';

export type GraphItem = {
  id: string;
  kind: string;
  needs: string[];
  title: string;
  summary: string;
  /** Null outside of a run. */
  status: NodeStatus | null;
  /** Beside the status: why skipped, how long, how many items. */
  note: string;
  /** What an agent has done so far, turn by turn. */
  steps: GraphItem[];
};

/** Of a longer conversation the last are shown; the node itself lists more. */
const STEPS_SHOWN = 100;

export function itemsOfPlan(plan: Plan): GraphItem[] {
  return plan.nodes.map((node) => ({
    id: node.id,
    kind: node.kind,
    needs: node.needs,
    title: node.title ?? node.id,
    summary: viewOf(node.kind).summary(node.with),
    status: null,
    note: '',
    steps: [],
  }));
}

/** In: the id of a node of a run, `m[3].fix` for one inside of a map. Out: the title that the plan gives it, with its place there. */
export function titleOf(id: string, plan: Plan | undefined): string {
  const own = id.split('.').at(-1) ?? id;
  const planned = plan && [...allNodes(plan.nodes)].find(({ node }) => node.id === own)?.node.title;
  if (planned === undefined) return id;
  const place = /\[(\d+)\]\.[^.]*$/.exec(id)?.[1];
  return place === undefined ? planned : `${planned} (${Number(place) + 1})`;
}

const INSTANCE_OF = /^([a-z][a-z0-9_]*)[[.]/;

/** In: the nodes of a run; the plan gives titles. Out: top-level nodes, those inside of one counted there; and those, by the node that they are in. */
export function itemsOfRun(nodes: readonly GraphNode[], plan: Plan | undefined): { items: GraphItem[]; inside: Map<string, GraphNode[]> } {
  const planned = new Map(plan?.nodes.map((node) => [node.id, node]));
  const inside = new Map<string, GraphNode[]>();
  const top: GraphNode[] = [];
  for (const node of nodes) {
    const outer = INSTANCE_OF.exec(node.id)?.[1];
    if (outer === undefined) top.push(node);
    else inside.set(outer, [...(inside.get(outer) ?? []), node]);
  }
  const items = top.map((node) => {
    const known = planned.get(node.id);
    const inner = inside.get(node.id) ?? [];
    return {
      id: node.id,
      kind: node.kind,
      needs: node.needs,
      title: known?.title ?? node.id,
      summary: known ? viewOf(node.kind).summary(known.with) : '',
      status: node.status,
      note: noteOf(node, inner),
      steps: node.kind === 'agent' ? inner.slice(-STEPS_SHOWN).map(stepOf) : [],
    };
  });
  return { items, inside };
}

/** In: `fix[4].turn`, or `fix[5].run_command_1`, which is what the third turn asked for. */
function stepOf(node: GraphNode): GraphItem {
  const [, index = '0', place = node.id] = /\[(\d+)\]\.([^.]+)$/.exec(node.id) ?? [];
  const { id, kind, status } = node;
  const title = place === 'turn' ? `turn ${Number(index) / 2 + 1}` : place.replace(/_\d+$/, '');
  return { id, kind, status, title, needs: [], summary: node.error?.message ?? '', note: noteOf(node, []), steps: [] };
}

function noteOf(node: GraphNode, inner: readonly GraphNode[]): string {
  if (node.status === 'skipped' && node.reason !== null) return node.reason;
  if (inner.length > 0) return countsText(inner);
  if (node.started_at !== null && node.finished_at !== null) return duration(Date.parse(node.finished_at) - Date.parse(node.started_at));
  return node.attempt_count > 1 ? `attempt ${node.attempt_count}` : '';
}

/** `12 nodes: 10 done, 1 failed`. */
export function countsText(nodes: readonly Pick<GraphNode, 'status'>[]): string {
  const parts = NODE_STATUSES.flatMap((status) => {
    const count = nodes.filter((node) => node.status === status).length;
    return count === 0 ? [] : [`${count} ${NODE_WORDS[status].text}`];
  });
  return `${plural(nodes.length, 'node')}: ${parts.join(', ')}`;
}
