/** Work for another agent: looked up, measured against its trust, cut out of what this run may do, done by a child run. */
import {
  CancellationScope,
  CancelledFailure,
  ChildWorkflowCancellationType,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  sleep,
} from '@temporalio/workflow';
import { agentFaults, carveBudget, carveEnvelope, outsideEnvelope, trustFaults } from '#contract/carve.ts';
import { childRunId, wantedBudget, type ChildEnd, type Delegation, type DelegationRequest } from '#contract/delegation.ts';
import type { Envelope } from '#contract/envelope.ts';
import { dollars, type Reservation } from '#contract/budget.ts';
import type { Json } from '#contract/json.ts';
import { isUntrusted } from '#contract/labels.ts';
import { namedIn } from '#contract/label-rules.ts';
import { SEARCH_ATTRIBUTES, TASK_QUEUES, WORKFLOWS, type FoundAgent } from '#contract/messages.ts';
import { deltaOf } from '#contract/plan-delta.ts';
import type { PlanNode } from '#contract/plan.ts';
import { bookkeeping } from './activities.ts';
import { askForEnvelope } from './ask-envelope.ts';
import { errorInfo, NodeFailure } from './failure.ts';
import type { RunContext } from './run-context.ts';
import { plannedIn } from './run-effects.ts';
import type { Spender } from './spending.ts';

/** `isGuest`: no node of the plan but one that was added by a call, so it needs its own place too. */
export type Caller = Spender & { isGuest?: true; labels?: NonNullable<Delegation['labels']> };
type Found = Extract<FoundAgent, { ok: true }>;

/** A child whose workflow is gone is closed by the reconciler; its end is looked for so often. */
const LOOK_EVERY_MS = 1000;

/** Out: the result of the tool, also when the child failed or died. Throws: NodeFailure when it may not be done, cancellation. */
export async function delegateTo(run: RunContext, caller: Caller, request: DelegationRequest): Promise<Json> {
  const { journal } = run;
  run.hasDelegated = true;
  journal.node(caller.id, 'info', `looks for the agent ${request.agent}`, running(caller));
  const found = await bookkeeping.findAgent({ run_id: run.input.run_id, request });
  if (!found.ok) throw new NodeFailure({ ...found.error, attempt: caller.attempt });
  const place = takePlace(run, caller, found);
  const needs = await within(run, caller, request, found);
  const reservation = await keep(run, caller, request, found);
  const wall = carveBudget({ ...reservation, wall_ms: run.leftMs }, found.agent.budget, found.limits.budget).wall_ms;
  const envelope = { ...needs, budget: { ...reservation, wall_ms: Math.max(1000, wall) } };
  const end = await settled(run, caller, reservation, () => runChild(run, caller, request, { found, envelope, depth: place.depth }));
  if (run.halted !== null) throw new CancelledFailure(run.halted);
  return end.result;
}

function running({ kind, attempt }: Caller): { kind: Caller['kind']; status: 'running'; attempt: number; gate_id: null } {
  return { kind, status: 'running', attempt, gate_id: null };
}

/** Counts the delegation. Throws: TRUST_TOO_LOW. */
function takePlace(run: RunContext, caller: Caller, { agent, limits, needs }: Found): { depth: number } {
  const { trust_level: level } = agent;
  const depth = (run.approved.delegation?.ancestors.length ?? 0) + 1;
  const children = run.children.get(level) ?? 0;
  const faults = trustFaults(limits, needs, { depth, children });
  if (faults.length > 0)
    throw new NodeFailure(errorInfo('TRUST_TOO_LOW', `The agent ${agent.name} is ${level}: ${faults.join('; ')}.`, caller.attempt));
  run.children.set(level, children + 1);
  return { depth };
}

/** What the child gets of the envelope. Waits: for a person, where it needs more than there is. Throws: OUTSIDE_ENVELOPE. */
async function within(run: RunContext, caller: Caller, request: DelegationRequest, found: Found): Promise<Envelope> {
  const { agent, plan, needs } = found;
  const refuse = (whose: string, what: { message: string }[]): NodeFailure =>
    new NodeFailure(errorInfo('OUTSIDE_ENVELOPE', `${whose}: ${what.map(({ message }) => message).join('; ')}.`, caller.attempt));
  const own = agentFaults(agent, needs);
  if (own.length > 0) throw refuse(`The agent ${agent.name} may not do that`, own);
  const prefix = `${caller.id}.`;
  const guest = { id: 'call', kind: 'delegate', needs: [], on_error: 'fail', with: { agent: agent.name, task: request.task } } as PlanNode;
  const nodes = caller.isGuest ? [guest, ...plan.nodes] : plan.nodes;
  // A node of the plan that delegates has a place for one node of its child.
  const room = run.counts.roomFor(prefix, run.envelope.max_nodes) + (caller.isGuest ? 0 : 1);
  // What a value wrote, or a caller whom nobody approved, is measured against what the envelope names.
  const isForeign = caller.labels !== undefined && isUntrusted(caller.labels.text);
  const granted = isForeign ? namedIn(run.envelope, run.approved.has_whole_commands === true) : run.envelope;
  const delta = deltaOf(granted, nodes, { depth: 1, room }, plannedIn(run));
  if (delta !== null)
    await askForEnvelope(run, caller, delta, {
      title: `May ${caller.id} delegate to ${agent.name}, which needs more than was approved?`,
      reason: request.task.slice(0, 2000),
      nodes: plan.nodes,
      from: `the agent ${agent.name}`,
      timeoutMs: null,
      ...(caller.labels === undefined ? {} : { text: caller.labels.text }),
    });
  const { max_nodes: most } = run.envelope;
  const envelope = { ...carveEnvelope(run.envelope, needs, needs.budget), max_nodes: Math.min(needs.max_nodes, most) };
  const outside = outsideEnvelope(run.envelope, envelope);
  if (outside.length > 0) throw refuse('Outside of what was approved', outside);
  run.counts.addPlanned(prefix, plan.nodes);
  run.counts.add(prefix, nodes.length, most);
  return envelope;
}

/** Keeps what the child may spend. Waits: for others that hold what is left. */
async function keep(run: RunContext, caller: Caller, { budget }: DelegationRequest, { agent, limits }: Found): Promise<Reservation> {
  const wanted = wantedBudget(agent, budget);
  const { usd, tokens } = carveBudget({ usd: Infinity, tokens: Number.MAX_SAFE_INTEGER, wall_ms: 0 }, wanted, limits.budget, agent.budget);
  return run.spending.reserveUpTo(caller, { usd, tokens });
}

/** What the child took goes to the budget of its parent, whatever became of it. */
async function settled(run: RunContext, caller: Caller, kept: Reservation, work: () => Promise<ChildEnd>): Promise<ChildEnd> {
  let end: ChildEnd | null = null;
  try {
    end = await work();
    return end;
  } finally {
    const { spent = null, result = null } = end ?? {};
    run.spending.settle(kept, spent?.usd ?? null, spent?.tokens ?? null);
    run.chargeTime(spent?.wall_ms ?? 0);
    const cost = result === null ? null : result.cost_usd;
    const text = cost === null ? 'what it cost is not known' : `it cost ${dollars(cost)}`;
    run.journal.node(caller.id, 'info', text, { kind: caller.kind, status: 'running', cost_usd: cost, budget: run.spending.figures });
  }
}

type Child = { found: Found; envelope: Envelope; depth: number };

/** Waits: for the end of the child, also where this run is stopped. */
async function runChild(run: RunContext, caller: Caller, request: DelegationRequest, { found, envelope }: Child): Promise<ChildEnd> {
  const { agent, plan } = found;
  const { run_id, approved_id } = run.input;
  const place = { node: caller.id, attempt: caller.attempt, redo: run.redoOf(caller.id) };
  const id = childRunId(run_id, place);
  const { ancestors = [], grants = [] } = run.approved.delegation ?? {};
  await bookkeeping.openDelegation({
    approved_id,
    ...(run.priority.level === undefined ? {} : { priority: run.priority.level }),
    delegation: {
      id,
      parent_run_id: run_id,
      node: caller.id,
      attempt: caller.attempt,
      agent_id: agent.id,
      agent_name: agent.name,
      task: request.task,
      depth: ancestors.length + 1,
      ancestors: [run_id, ...ancestors],
      plan,
      envelope,
      grants: [...grants, ...run.grants.map((decision_id) => ({ run_id, decision_id }))],
      ...(caller.labels === undefined ? {} : { labels: caller.labels }),
      created_at: new Date().toISOString(),
    },
  });
  run.journal.node(caller.id, 'info', `the agent ${agent.name} works in the run ${id}`, { ...running(caller), reason: null });
  await untilGone(run, id, plan.title);
  const end = await CancellationScope.nonCancellable(() => closed(id));
  const { ok, error, status } = end.result;
  run.journal.note(
    caller.id,
    ok ? 'info' : 'warn',
    ok ? `${agent.name} is done` : `${agent.name} ended as ${status}: ${error?.message ?? ''}`,
  );
  return end;
}

/** Waits: until the workflow of the child has ended, in whichever way. A cancel of this run is passed on first. */
async function untilGone(run: RunContext, id: string, title: string): Promise<void> {
  const { run_id, approved_id } = run.input;
  try {
    await executeChild(WORKFLOWS.runGraph, {
      workflowId: id,
      taskQueue: TASK_QUEUES.general,
      args: [{ run_id: id, approved_id }],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      staticSummary: title,
      staticDetails: `delegated by ${run_id}`,
      searchAttributes: { [SEARCH_ATTRIBUTES.approved]: [approved_id], [SEARCH_ATTRIBUTES.status]: ['pending'] },
    });
  } catch (error) {
    // It was ended from outside, or goes on from before this workflow was started anew: its record says how it ends.
    if (isCancellation(error) && run.halted === null) run.journal.note(null, 'warn', `the delegated run ${id} was ended outside of GIMO`);
  }
}

/** Waits: until the record of the child is closed. */
async function closed(id: string): Promise<ChildEnd> {
  for (;;) {
    const end = await bookkeeping.readDelegation({ run_id: id });
    if (end !== null) return end;
    await sleep(LOOK_EVERY_MS, { summary: 'waits for the record of a delegated run' });
  }
}
