/** Two runs side by side, node by node. */
import { canonicalJson, sha256Hex } from '#contract/canonical.ts';
import type { ComparedNode, ComparedRun, Comparison } from '#contract/comparison.ts';
import { rootOf } from '#contract/fork.ts';
import type { Json } from '#contract/json.ts';
import type { RunRecord } from '#contract/objects.ts';
import type { NodeState, RunState } from '#contract/run-state.ts';
import type { Core } from '../deps.ts';
import { outputsOf, readCursor } from './run-detail.ts';
import { getRun, loadRun } from './run-view.ts';

type Side = { run: ComparedRun; record: RunRecord; state: RunState };

/** One page of nodes. Waits: ≤ 1.5 s for the worker when a run goes on. Throws: NOT_FOUND, BAD_REQUEST for a cursor that is none. */
export async function compareRuns(
  core: Core,
  ids: { id: string; other: string },
  { limit, cursor }: { limit: number; cursor?: string },
): Promise<{ comparison: Comparison; next: string | null }> {
  const from = readCursor(cursor);
  const [a, b] = await Promise.all([readSide(core, ids.id), readSide(core, ids.other)]);
  const all = inOrder(a.state, b.state);
  const page = all.slice(from, from + limit);
  const [outputsA, outputsB] = await Promise.all([a, b].map((side) => outputsOf(core, side.record, statesOf(side.state, page))));
  const nodes = page.map((id): Comparison['nodes'][number] => {
    const left = showNode(a.state.nodes[id], outputsA);
    const right = showNode(b.state.nodes[id], outputsB);
    const kind = (a.state.nodes[id] ?? b.state.nodes[id])?.kind ?? '';
    return { id, kind, a: left, b: right, output: relation(left?.output_hash ?? null, right?.output_hash ?? null) };
  });
  return { comparison: { a: a.run, b: b.run, nodes }, next: from + limit < all.length ? String(from + limit) : null };
}

async function readSide(core: Core, id: string): Promise<Side> {
  const [run, record] = await Promise.all([getRun(core, id), loadRun(core, id)]);
  const { state } = await core.states.of(record);
  const { title, approved_id, status, started_at, finished_at, cost_usd, inputs, outputs } = run;
  const shown = { id, title, approved_id, status, duration_ms: duration(started_at, finished_at), cost_usd, inputs, outputs };
  return { run: shown, record, state };
}

/** The nodes of both in the order of the plans, what stands inside of a node behind it. */
function inOrder(a: RunState, b: RunState): string[] {
  const all = [...new Set([...Object.keys(a.nodes), ...Object.keys(b.nodes)])];
  const place = new Map<string, number>();
  for (const id of all) if (!place.has(rootOf(id))) place.set(rootOf(id), place.size);
  return all.toSorted((one, two) => (place.get(rootOf(one)) ?? 0) - (place.get(rootOf(two)) ?? 0));
}

function statesOf(state: RunState, ids: readonly string[]): NodeState[] {
  return ids.flatMap((id) => (Object.hasOwn(state.nodes, id) ? (state.nodes[id] ?? []) : []));
}

function showNode(node: NodeState | undefined, outputs: ReadonlyMap<string, Json> | undefined): ComparedNode | null {
  if (node === undefined) return null;
  const { status, reason, attempt_count, started_at, finished_at, cost_usd } = node;
  const output = outputs?.get(node.id);
  const hash = output === undefined ? null : sha256Hex(canonicalJson(output));
  return { status, reason, attempt_count, duration_ms: duration(started_at, finished_at), cost_usd, output_hash: hash };
}

function duration(start: string | null, end: string | null): number | null {
  return start === null || end === null ? null : Date.parse(end) - Date.parse(start);
}

function relation(a: string | null, b: string | null): Comparison['nodes'][number]['output'] {
  if (a === null && b === null) return 'none';
  return a === b ? 'equal' : 'different';
}
