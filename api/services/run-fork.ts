/** A fork: a new run of the same approval in which what stands before one node is taken over from an earlier run. */
import { isDelegated } from '#contract/delegation.ts';
import { canonicalJson } from '#contract/canonical.ts';
import { GimoError } from '#contract/errors.ts';
import { planFork, rootOf, type EarlierPatch, type ForkPlan, type Reuse, type ReusedNode } from '#contract/fork.ts';
import type { Json } from '#contract/json.ts';
import { CLEAN } from '#contract/labels.ts';
import type { Approved, Run, RunRecord } from '#contract/objects.ts';
import { allNodes } from '#contract/plan.ts';
import type { NodeState, RunState } from '#contract/run-state.ts';
import type { Call, Core } from '../deps.ts';
import { requireInputs } from './inputs.ts';
import { labelAtEnd } from './node-labels.ts';
import { startRun, type Origin } from './run-create.ts';
import { outputsOf } from './run-detail.ts';
import type { Final } from './run-states.ts';
import { loadRun } from './run-view.ts';

export type ForkRequest = { from_node: string; inputs?: Record<string, Json> };
type Source = { record: RunRecord; state: RunState; earlier: Reuse | null };

const refuse = (message: string, hint?: string): GimoError =>
  new GimoError('FORK_REFUSED', { message, ...(hint === undefined ? {} : { hint }) });

/**
 * Forks a run. Out: the new run as it was stored. Waits: ≤ 1.5 s for the worker when the source goes on, then as createRun.
 * Throws: NOT_FOUND, FORK_REFUSED, FORBIDDEN, INPUTS_INVALID, and what refuses the start of a run.
 */
export async function forkRun(core: Core, call: Call, id: string, request: ForkRequest): Promise<Run> {
  const record = await loadRun(core, id);
  if (isDelegated(record)) throw refuse('An agent was given this run by another one.', 'Fork the run that delegated it.');
  return startRun(core, call, record.approved_id, async (approved) => {
    requireNode(approved, request.from_node);
    const source = await readSource(core, record);
    const inputs = await requireInputs(core, {
      inputs: approved.plan.inputs,
      bound: approved.inputs,
      given: { ...openInputs(approved, record), ...request.inputs },
      at: 'run',
    });
    const changed = new Set(Object.keys(inputs).filter((name) => !isSame(inputs[name], record.inputs[name])));
    const found = { plan: approved.plan, nodes: source.state.nodes, earlier: source.earlier?.patches ?? [], changed };
    const fork = planFork(found, request.from_node);
    if ('refusal' in fork) throw refuse(`It cannot be forked from ${request.from_node}: ${fork.refusal}.`);
    requirePerson(call, approved, fork);
    return { inputs, origin: await storeOrigin(core, source, fork, request.from_node) };
  });
}

/** Throws: NOT_FOUND, FORK_REFUSED for a node inside of another. */
function requireNode({ plan }: Approved, id: string): void {
  if (plan.nodes.some((node) => node.id === id)) return;
  const root = rootOf(id);
  const outer = plan.nodes.find((node) => node.id === root || [...allNodes([node])].some((item) => item.node.id === id));
  if (outer) throw refuse(`${id} stands inside of ${outer.id}, which is done anew as a whole.`, `Fork from ${outer.id}.`);
  throw new GimoError('NOT_FOUND', { message: `The plan has no node \`${id}\`.` });
}

async function readSource(core: Core, record: RunRecord): Promise<Source> {
  const { state, isStale } = await core.states.of(record);
  if (isStale)
    throw new GimoError('WORKER_LOST', { message: 'The run goes on and no worker answers, so what it has done is not known for certain.' });
  const bytes = record.reuse_ref === undefined ? null : await core.gics.getBlob(record.reuse_ref);
  return { record, state, earlier: bytes === null ? null : (JSON.parse(Buffer.from(bytes).toString('utf8')) as Reuse) };
}

function openInputs({ plan }: Approved, { inputs }: RunRecord): Record<string, Json> {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => plan.inputs[name]?.open === true));
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b);
}

/** An answer of a person counts for the run in which it was given; only a person may carry it into another. Throws: FORBIDDEN. */
function requirePerson(call: Call, { plan }: Approved, { reused }: ForkPlan): void {
  const gates = [...allNodes(plan.nodes.filter((node) => reused.includes(node.id)))].filter(({ node }) => node.kind === 'gate');
  const [gate] = gates;
  if (gate === undefined || call.actor.class === 'human') return;
  throw new GimoError('FORBIDDEN', {
    message: `The fork would reuse the answer that a person gave to ${gate.node.id}, which is only for credentials of class human.`,
    hint: `Fork from ${gate.node.id} or a node before it, so that it asks again.`,
  });
}

async function storeOrigin(core: Core, source: Source, fork: ForkPlan, from: string): Promise<Origin> {
  const { record, state, earlier } = source;
  const known = await outputsOf(core, record, nodesOf(state, [...fork.reused, ...fork.patches]));
  const final = await core.states.final(record);
  const nodes = Object.fromEntries(
    fork.reused.map((id) => [id, { ...takenOver(record.id, state.nodes[id], known), ...labelOf(final, state.nodes[id]) }]),
  );
  const patches = fork.patches.map((node): EarlierPatch => {
    const before = earlier?.patches.find((patch) => patch.node === node);
    return before ?? { node, commit: commitOf(node, known.get(node)) };
  });
  const reuse: Reuse = { from: record.id, nodes, patches };
  const { sha256 } = await core.gics.putBlob(Buffer.from(JSON.stringify(reuse)));
  return { forked_from: { run_id: record.id, node: from, commit: patches.at(-1)?.commit ?? null }, reuse_ref: sha256 };
}

function nodesOf(state: RunState, ids: readonly string[]): NodeState[] {
  return ids.flatMap((id) => state.nodes[id] ?? []);
}

/** Where the label in the source is not known, what is taken over counts as coming from outside. What was left out is nothing. */
function labelOf(final: Final | null, node: NodeState | undefined): Pick<ReusedNode, 'label'> {
  const label = node?.status === 'skipped' ? CLEAN : labelAtEnd(final, node?.id ?? '');
  return label === undefined ? {} : { label };
}

/** Throws: FORK_REFUSED when its output is not known any more. */
function takenOver(runId: string, node: NodeState | undefined, known: ReadonlyMap<string, Json>): ReusedNode {
  if (node?.status === 'skipped') {
    const reason = `${node.reason ?? 'skipped'} (in ${runId})`;
    return { status: 'skipped', output: null, reason, ...(node.skipped_by === undefined ? {} : { skipped_by: node.skipped_by }) };
  }
  const output = node === undefined ? undefined : known.get(node.id);
  if (output === undefined)
    throw refuse(`What ${node?.id ?? 'a node'} gave is not known any more.`, `Fork from ${node?.id ?? 'an earlier node'}.`);
  return { status: 'done', output, reason: `reused from ${runId}` };
}

/** Throws: FORK_REFUSED when the patch did not say what it committed. */
function commitOf(node: string, output: Json | undefined): string {
  if (typeof output === 'object' && output !== null && !Array.isArray(output) && typeof output['commit'] === 'string')
    return output['commit'];
  throw refuse(`What ${node} committed is not known.`, `Fork from ${rootOf(node)}.`);
}
