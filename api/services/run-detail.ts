/** What is inside a run: its graph, its log, one node. */
import { isDelegated } from '#contract/delegation.ts';
import { GimoError } from '#contract/errors.ts';
import { runStreams } from '#contract/gics.ts';
import type { Json } from '#contract/json.ts';
import type { GraphNode, NodeDetail, RunRecord } from '#contract/objects.ts';
import { allNodes, type Plan, type PlanNode } from '#contract/plan.ts';
import type { ErrorInfo, LogEntry, NodeState, RunEvent } from '#contract/run-state.ts';
import type { Core } from '../deps.ts';
import { fault } from '../plugins/problem.ts';
import { labelOf, type RecordedLabel } from './node-labels.ts';
import { loadRun } from './run-view.ts';

const PAGE = 1000;
/** A page of a filtered log reads at most so many events, then it hands over a cursor. */
const MAX_SCANNED = 20_000;

/** An entry of the effect ledger, as far as it is shown. */
type LedgerValue = RecordedLabel & {
  node: string;
  attempt: number;
  redo: number;
  started_at: string;
  finished_at: string | null;
  error: ErrorInfo | null;
  provider: string | null;
  model: string | null;
  usage: Json;
  cost_usd: number | null;
  with: Json;
};

export function showNode({ seq: _seq, ...node }: NodeState): GraphNode {
  return node;
}

export function readCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new GimoError('BAD_REQUEST', { faults: [fault('query.cursor', 'is not one that an answer gave')] });
}

type Page = { limit: number; cursor?: string };

/** The nodes in the order of the plan, those that came later behind them. */
export async function getGraph(core: Core, id: string, { limit, cursor }: Page): Promise<{ nodes: GraphNode[]; next: string | null }> {
  const from = readCursor(cursor);
  const { nodes, total } = await core.states.graph(await loadRun(core, id), from);
  const shown = nodes.slice(0, limit).map(showNode);
  const end = from + shown.length;
  return { nodes: shown, next: end < total && shown.length > 0 ? String(end) : null };
}

/** The log, oldest first, page by page. Throws: NOT_FOUND when the run has no such node. */
export async function getLog(
  core: Core,
  id: string,
  { limit, cursor, node }: Page & { node?: string },
): Promise<{ entries: LogEntry[]; next: string | null }> {
  const record = await loadRun(core, id);
  const stream = runStreams.events(id);
  const { last } = await core.gics.info(stream);
  const entries: LogEntry[] = [];
  const first = Math.max(1, readCursor(cursor));
  let from = first;
  while (from <= last && entries.length < limit && from - first < MAX_SCANNED) {
    const room = node === undefined ? limit - entries.length : PAGE;
    for (const { data, offset } of await core.gics.read<RunEvent>(stream, { from, limit: Math.min(PAGE, room) })) {
      from = offset + 1;
      if (node === undefined || data.node === node)
        entries.push({ seq: data.seq, at: data.at, node: data.node, level: data.level, text: data.text });
      if (entries.length === limit) break;
    }
  }
  if (entries.length === 0 && node !== undefined) await nodeState(core, record, node);
  entries.sort((a, b) => a.seq - b.seq);
  return { entries, next: from <= last ? String(from) : null };
}

/** Id of a node in the plan: `m[3].fix` is an instance of `fix`, and `m[3].fix.compensation` of what undoes it. */
function planId(instance: string): string {
  const at = instance.replace(/\.compensation$/, '').lastIndexOf('.') + 1;
  return instance.slice(at);
}

/** The ledger's entries of a node; their ids are run, node, attempt and how often it was asked for anew. */
async function ledgerOf(core: Core, runId: string, node: string, attempts: number): Promise<LedgerValue[]> {
  const found: LedgerValue[] = [];
  for (let redo = 0; ; redo++) {
    const ids = Array.from({ length: Math.max(1, attempts) }, (_none, index) => `${runId}/${node}/${index + 1}/${redo}`);
    const records = (await core.gics.getMany<LedgerValue>('ledger', ids)).filter((record) => record !== null);
    found.push(...records.map((record) => record.value));
    // The next redo exists only where there is one before it.
    if (records.length === 0) return found.sort((a, b) => a.attempt - b.attempt || a.redo - b.redo);
  }
}

/** Outputs of nodes that are done, as far as they are known. In: nodes of the run. */
export async function outputsOf(core: Core, record: RunRecord, nodes: readonly NodeState[]): Promise<Map<string, Json>> {
  const done = nodes.filter((node) => node.status === 'done');
  const final = await core.states.final(record);
  const held =
    final?.outputs ??
    (await core.states.liveOutputs(
      record.id,
      done.map((node) => node.id),
    )) ??
    {};
  const known = new Map<string, Json>();
  for (const { id, attempt_count: attempts } of done) {
    if (Object.hasOwn(held, id)) known.set(id, held[id] ?? null);
    // A run that was ended from outside left no outputs, but its ledger did.
    else for (const entry of await ledgerOf(core, record.id, id, attempts)) known.set(id, entry.output);
  }
  return known;
}

async function outputOf(core: Core, record: RunRecord, node: string, last: LedgerValue | undefined): Promise<Json> {
  const final = await core.states.final(record);
  if (final !== null && Object.hasOwn(final.outputs, node)) return final.outputs[node] ?? null;
  if (last?.output !== undefined && last.output !== null) return last.output;
  return (final === null ? await core.states.liveOutput(record.id, node) : undefined) ?? null;
}

/** A node as it is now. Throws: NOT_FOUND when the run has no such node. */
export async function nodeState(core: Core, record: RunRecord, node: string): Promise<NodeState> {
  const { state } = await core.states.of(record);
  const found = Object.hasOwn(state.nodes, node) ? state.nodes[node] : undefined;
  if (found === undefined) throw new GimoError('NOT_FOUND', { message: `The run has no node \`${node}\`.` });
  return found;
}

/** Of the plan that was approved, or of what an agent was given. */
async function plannedNodes(core: Core, record: RunRecord): Promise<PlanNode[]> {
  const collection = isDelegated(record) ? 'delegations' : 'approved';
  const id = collection === 'delegations' ? record.id : record.approved_id;
  return (await core.gics.get<{ plan: Plan }>(collection, id))?.value.plan.nodes ?? [];
}

/** Throws: NOT_FOUND when the run has no such node. */
export async function getNode(core: Core, id: string, node: string): Promise<NodeDetail> {
  const record = await loadRun(core, id);
  const found = await nodeState(core, record, node);
  const [ledger, nodes] = await Promise.all([ledgerOf(core, id, node, found.attempt_count), plannedNodes(core, record)]);
  const last = ledger.at(-1);
  const planned = [...allNodes(nodes)].find((item) => item.node.id === planId(node));
  return {
    ...showNode(found),
    with: last?.with ?? ((planned?.node.with ?? null) as Json),
    output: await outputOf(core, record, node, last),
    output_ref: last?.output_ref ?? null,
    ...(await labelOf(core, record, found, last)),
    attempts: ledger.map((entry) => ({
      attempt: entry.attempt,
      started_at: entry.started_at,
      finished_at: entry.finished_at ?? null,
      error: entry.error ?? null,
      provider: entry.provider ?? null,
      model: entry.model ?? null,
      usage: entry.usage ?? null,
      cost_usd: entry.cost_usd ?? null,
    })),
  };
}
