/** One effect: rendered, scheduled with the events that wait, and turned into an output or a failure. */
import { CancelledFailure } from '@temporalio/workflow';
import type { Reservation } from '#contract/budget.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import type { EffectInput, EffectResult, EventBatch } from '#contract/messages.ts';
import { NODE_KINDS, type EffectKind } from '#contract/nodes/index.ts';
import type { PlanNode } from '#contract/plan.ts';
import { renderTexts, renderValue } from '#contract/template.ts';
import { startEffect } from './activities.ts';
import { errorInfo, NodeFailure } from './failure.ts';
import type { NodeCall } from './nodes/runner.ts';

export type EffectOptions = {
  /** When the node states none. */
  timeoutMs: number;
  /** Takes what the rendered call may cost out of the budget. Throws: BUDGET_EXCEEDED. */
  reserve?: (rendered: JsonObject) => Reservation;
};

type EffectCall = Omit<EffectInput, keyof EventBatch>;

/** Waits: for a place among the effects in flight, then for the effect. Throws: NodeFailure, cancellation. */
export async function runEffect<K extends EffectKind>(call: NodeCall<K>, options: EffectOptions): Promise<Json> {
  const rendered = render(call);
  for (;;) {
    const result = await tryOnce(call, rendered, options);
    if (result.outcome !== 'unknown') return outputOf(call, result);
    if ((await askAfterCrash(call, result.evidence)) === 'done') return null;
    call.scope.run.redo(call.scope.instanceId(call.node.id));
  }
}

/** `with` as the activity gets it; the worker checks its shape again. Throws: EXPRESSION_FAILED. */
function render<K extends EffectKind>({ scope, node }: NodeCall<K>): JsonObject {
  const context = scope.context(node as PlanNode);
  const { jsonFields = [] } = NODE_KINDS[node.kind] as { jsonFields?: string[] };
  const fields = Object.entries(node.with as JsonObject);
  return Object.fromEntries(
    fields.map(([name, value]) => [name, jsonFields.includes(name) ? renderValue(value, context) : renderTexts(value, context)]),
  );
}

async function tryOnce<K extends EffectKind>(call: NodeCall<K>, rendered: JsonObject, options: EffectOptions): Promise<EffectResult> {
  const { run } = call.scope;
  const id = call.scope.instanceId(call.node.id);
  const reservation = options.reserve?.(rendered) ?? null;
  let result: EffectResult | null = null;
  try {
    const turn = run.parallel.enter();
    if (turn) await turn;
    try {
      const input = inputOf(call, id, rendered, options, reservation);
      result = await act(call, input, `${id}: ${call.node.title ?? NODE_KINDS[call.node.kind].summary}`);
      return result;
    } finally {
      run.effectEnded(id);
      run.parallel.leave();
    }
  } finally {
    const spent = result && result.outcome !== 'unknown' ? result : null;
    if (reservation) run.budget.settle(reservation, spent?.cost_usd ?? null, spent?.tokens ?? null);
  }
}

async function act<K extends EffectKind>(call: NodeCall<K>, input: EffectCall, summary: string): Promise<EffectResult> {
  const { journal, shortEffects } = call.scope.run;
  const short = shortEffects.run(input);
  const done = short && (await short);
  if (done) return done;
  const cargo = journal.load();
  const result = await startEffect({ ...input, ...cargo.batch }, summary);
  cargo.arrived();
  return result;
}

/** Says in the journal that the effect starts. Throws: NodeFailure BUDGET_EXCEEDED when no time is left. */
function inputOf<K extends EffectKind>(
  call: NodeCall<K>,
  id: string,
  rendered: JsonObject,
  options: EffectOptions,
  reservation: Reservation | null,
): EffectCall {
  const { node, attempt } = call;
  const { run } = call.scope;
  const timeoutMs = Math.min(node.timeout_ms ?? options.timeoutMs, run.leftMs);
  if (timeoutMs <= 0) throw new NodeFailure(errorInfo('BUDGET_EXCEEDED', 'The time in the budget is used up.', attempt));
  const redo = run.redoOf(id);
  const text = attempt === 1 ? 'started' : `started, attempt ${attempt}`;
  run.journal.node(id, 'info', text, { kind: node.kind, status: 'running', attempt, gate_id: null });
  run.effectStarted(id, { id, was: 'running', attempt, redo, is_effect: true });
  return {
    run_id: run.input.run_id,
    approved_id: run.input.approved_id,
    approval_hash: run.approved.approval_hash,
    node: id,
    kind: node.kind,
    attempt,
    redo,
    with: rendered,
    timeout_ms: timeoutMs,
    max_usd: reservation?.usd ?? null,
  };
}

function outputOf<K extends EffectKind>(call: NodeCall<K>, result: Exclude<EffectResult, { outcome: 'unknown' }>): Json {
  const { scope, node, attempt } = call;
  const id = scope.instanceId(node.id);
  if (result.cost_usd !== 0) {
    scope.run.journal.node(id, 'info', costText(result.cost_usd), { kind: node.kind, status: 'running', cost_usd: result.cost_usd });
  }
  if (result.outcome === 'done') return result.output;
  if (result.outcome === 'error') throw new NodeFailure({ ...result.error, attempt });
  throw new CancelledFailure('it was stopped');
}

function costText(usd: number | null): string {
  return usd === null ? 'its cost is not known' : `cost US$ ${usd.toFixed(6)}`;
}

/** A crash left the outcome unknown: a person says what it is. It is never guessed. */
async function askAfterCrash<K extends EffectKind>(call: NodeCall<K>, evidence: Json): Promise<'done' | 'redo'> {
  const { scope, node, attempt } = call;
  const id = scope.instanceId(node.id);
  const decision = await scope.run.gates.ask(
    node.kind,
    {
      node: id,
      attempt,
      kind: 'unknown',
      title: `What became of ${id}?`,
      message:
        'A crash came between its start and its result. Look at the evidence: answer done if it took effect, redo to run it again, or reject to fail it.',
      risk: 'high',
      evidence,
    },
    null,
  );
  if (decision.verdict === 'reject') throw new NodeFailure(errorInfo('OUTCOME_UNKNOWN', `${decision.by} judged it failed.`, attempt));
  return decision.choice === 'redo' ? 'redo' : 'done';
}
