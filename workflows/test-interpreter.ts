/** The real interpreter on control nodes; only the journal and the gates, which need a workflow to write from, are in memory. */
import type { CancellationScope } from '@temporalio/workflow';
import type { Decision } from '#contract/decision.ts';
import type { Json } from '#contract/json.ts';
import type { NodeCommand, NodeVerb } from '#contract/node-command.ts';
import { envelopeOf } from '#contract/plan-envelope.ts';
import type { Plan } from '#contract/plan.ts';
import type { ScopeFailure } from '#contract/segment.ts';
import { applyEvent, initialRunState, type NodeChange, type RunEvent, type RunState } from '#contract/run-state.ts';
import type { Gates } from './gates.ts';
import type { Journal } from './journal.ts';
import { RunContext } from './run-context.ts';
import { Scope } from './scope.ts';

const BY = 'operator:0123456789ab';

export type Interpreter = {
  run: RunContext;
  state: RunState;
  /** Ids in the order of their events. */
  order: string[];
  /** Of the run; a test may change them to make a node fail or not. */
  inputs: Record<string, Json>;
  start: () => Promise<ScopeFailure | null>;
  /** Out: why it was not obeyed, null when it was. */
  command: (verb: NodeVerb, node: string) => string | null;
  /** Answers the open gate of a node; a yes unless it says otherwise. */
  answer: (node: string, verdict?: Decision['verdict']) => void;
};

export function interpreter(plan: Plan, inputs: Record<string, Json> = {}): Interpreter {
  const state = initialRunState('r_test', plan.nodes);
  const order: string[] = [];
  const answers = new Map<string, (decision: Decision) => void>();
  const node = (id: string, level: RunEvent['level'], text: string, change: Omit<NodeChange, 'of'>): void => {
    applyEvent(state, { seq: state.seq + 1, at: '2026-01-01T00:00:00.000Z', node: id, level, text, change: { of: 'node', ...change } });
    order.push(id);
  };
  const journal = { state, node, note: () => undefined } as unknown as Journal;
  const ask = (kind: NodeChange['kind'], question: { node: string }): Promise<Decision> => {
    node(question.node, 'info', 'asks', { kind, status: 'waiting' });
    return new Promise((resolve) => answers.set(question.node, resolve));
  };
  const answer: Interpreter['answer'] = (id, verdict = 'approve') =>
    answers.get(id)?.({ id: 'x_1', verdict, comment: '', by: BY } as Decision);
  const run = new RunContext({
    input: { run_id: 'r_test', approved_id: 'a_test' },
    approved: {
      ok: true,
      plan,
      envelope: envelopeOf(plan),
      inputs,
      approval_hash: '',
      preconditions: { repo: null, base_commit: null },
      key_ring: [],
      short_effects: true,
      has_labels: true,
      has_whole_commands: true,
      has_read_diffs: true,
      has_lasting_labels: true,
      last_seq: 0,
    },
    journal,
    gates: { stop: () => undefined, ask } as unknown as Gates,
    graph: { cancel: () => undefined } as unknown as CancellationScope,
  });
  const command = (verb: NodeVerb, id: string): string | null => {
    const given = { verb, node: id, by: BY, reason: 'not wanted' } as NodeCommand;
    const refusal = run.steering.refusal(given);
    if (refusal === null) run.steering.obey(given);
    return refusal?.message ?? null;
  };
  const scope = new Scope(run, plan.nodes, { prefix: '', outer: null, variables: {} });
  return { run, state, order, inputs, start: () => scope.execute(), command, answer };
}

/** Edges only lead to later nodes, so every draw is a DAG. */
export function needsOf(needs: readonly number[], index: number): string[] {
  return needs.filter((need) => need < index).map((need) => `n${need}`);
}
