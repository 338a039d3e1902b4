/** One effect: rendered, scheduled with the events that wait, and turned into an output or a failure. */
import { CancelledFailure } from '@temporalio/workflow';
import type { Reservation } from '#contract/budget.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import type { EffectInput, EffectResult } from '#contract/messages.ts';
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
  const reservation = options.reserve?.(rendered) ?? null;
  let spent: { cost_usd: number | null; tokens: number | null } | null = null;
  try {
    const release = await run.parallel.acquire();
    try {
      const result = await act(call, rendered, options, reservation);
      if (result.outcome !== 'unknown') spent = result;
      return result;
    } finally {
      release();
    }
  } finally {
    if (reservation) run.budget.settle(reservation, spent?.cost_usd ?? null, spent?.tokens ?? null);
  }
}

async function act<K extends EffectKind>(
  call: NodeCall<K>,
  rendered: JsonObject,
  options: EffectOptions,
  reservation: Reservation | null,
): Promise<EffectResult> {
  const { scope, node, attempt } = call;
  const { run } = scope;
  const id = scope.instanceId(node.id);
  const timeoutMs = Math.min(node.timeout_ms ?? options.timeoutMs, run.leftMs);
  if (timeoutMs <= 0) throw new NodeFailure(errorInfo('BUDGET_EXCEEDED', 'The time in the budget is used up.', attempt));
  const input: Omit<EffectInput, 'events' | 'summary'> = {
    run_id: run.input.run_id,
    approved_id: run.input.approved_id,
    approval_hash: run.approved.approval_hash,
    node: id,
    kind: node.kind,
    attempt,
    redo: run.redoOf(id),
    with: rendered,
    timeout_ms: timeoutMs,
    max_usd: reservation?.usd ?? null,
  };
  run.journal.node(id, 'info', attempt === 1 ? 'started' : `started, attempt ${attempt}`, {
    kind: node.kind,
    status: 'running',
    attempt,
    gate_id: null,
  });
  run.effectStarted(id, { id, was: 'running', attempt, redo: input.redo, is_effect: true });
  try {
    return await run.journal.carry((batch) => startEffect({ ...input, ...batch }, `${id}: ${node.title ?? NODE_KINDS[node.kind].summary}`));
  } finally {
    run.effectEnded(id);
  }
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
