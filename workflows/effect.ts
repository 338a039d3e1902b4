/** One effect: rendered, scheduled with the events that wait, and turned into an output or a failure. */
import { CancelledFailure } from '@temporalio/workflow';
import { dollars, type Reservation } from '#contract/budget.ts';
import type { InputLabels } from '#contract/label-reads.ts';
import { isJsonObject, type Json, type JsonObject } from '#contract/json.ts';
import type { EffectInput, EffectResult, EventBatch } from '#contract/messages.ts';
import { NODE_KINDS, type EffectKind } from '#contract/nodes/index.ts';
import type { PlanNode } from '#contract/plan.ts';
import { startEffect } from './activities.ts';
import { labelsOfEffect } from './ask-flow.ts';
import { draftedOf } from './drafted.ts';
import { NodeFailure } from './failure.ts';
import { renderedWith } from './literal.ts';
import type { RunContext } from './run-context.ts';
import { afterStop } from './stopped-effect.ts';
import { askWhatBecame } from './unknown-outcome.ts';
import type { NodeCall } from './nodes/runner.ts';

type Spent = { cost_usd: number | null; tokens: number | null };
const NO_EVENTS: EventBatch = { events: [], summary: null };
const FREE: Spent = { cost_usd: 0, tokens: 0 };
const UNKNOWN: Spent = { cost_usd: null, tokens: null };

export type EffectOptions = {
  /** When the node states none. */
  timeoutMs: number;
  /** Takes what the rendered call may cost out of the budget; a promise where it has to wait. Throws: BUDGET_EXCEEDED. */
  reserve?: (rendered: JsonObject) => Reservation | Promise<Reservation>;
  labels?: InputLabels;
};

type EffectCall = Omit<EffectInput, keyof EventBatch>;

/** Waits: for a place among the effects in flight, then for the effect. Throws: NodeFailure, cancellation. */
export async function runEffect<K extends EffectKind>(call: NodeCall<K>, options: EffectOptions): Promise<Json> {
  const rendered = renderedWith(call.scope, call.node as PlanNode);
  const asked = labelsOfEffect(call, rendered);
  const labels = asked instanceof Promise ? await asked : asked;
  const settings = labels === undefined ? options : { ...options, labels };
  const { run } = call.scope;
  const id = call.scope.instanceId(call.node.id);
  for (;;) {
    // What it came to in the segment before, where a person was asked about it or a pause was on.
    const known = run.progress.of(id)?.result;
    const result = known ?? (await tryOnce(call, rendered, settings));
    if (result?.outcome === 'lost') {
      run.redo(id);
      continue;
    }
    if (result && isOpen(call, result)) run.progress.note(id, { result });
    if (result === null || isStoppedByPause(call, result)) {
      if ((await afterStop(call, rendered, result)) === 'done') return null;
      continue;
    }
    if (result.outcome !== 'unknown') return outputOf(call, result);
    if ((await askWhatBecame(call, { what: lostHow(result.evidence), again: 'run it again' }, result.evidence)) === 'done') return null;
    run.redo(id);
  }
}

/** Whether the node does not end with this result. */
function isOpen(call: NodeCall<EffectKind>, result: EffectResult): boolean {
  return result.outcome === 'unknown' || isStoppedByPause(call, result);
}

/** Out: null when a pause stopped it before it began. */
async function tryOnce<K extends EffectKind>(
  call: NodeCall<K>,
  rendered: JsonObject,
  options: EffectOptions,
): Promise<EffectResult | null> {
  const { run } = call.scope;
  const id = call.scope.instanceId(call.node.id);
  const before = run.progress.of(id)?.effect;
  const reserving = before ? before.reserved : (options.reserve?.(rendered) ?? null);
  const reservation = reserving instanceof Promise ? await reserving : reserving;
  let spent: Spent = FREE;
  try {
    const turn = run.parallel.enter(id);
    if (turn) await turn;
    try {
      if (!before) {
        const { kind } = call.node;
        const timing = run.spending.time({ id, kind, attempt: call.attempt });
        if (timing) await timing;
        if (run.isHeld || run.steering.isLeftOut(id)) await run.goesOn(id);
      }
      const input = inputOf(call, id, rendered, options, reservation);
      if (reservation) run.reserved.set(id, reservation);
      spent = UNKNOWN;
      const result = await act(call, id, input, before !== undefined);
      if (result?.outcome === 'stopped') noticeStop(run, id);
      spent = result === null ? FREE : result.outcome === 'unknown' ? UNKNOWN : result;
      return result;
    } finally {
      run.effectEnded(id);
      run.parallel.leave();
    }
  } finally {
    if (reservation) settle(call, reservation, spent);
  }
}

/** While the effect still counts as under way, so that the receipt accounts for it. */
function noticeStop(run: RunContext, id: string): void {
  if (run.approved.delegation !== undefined && run.halted === null && !run.steering.wasStopped(id)) run.onStoppedAbove();
}

/** In: whether it is under way already, since the segment before. Out: null when a pause stopped it before it began. */
async function act<K extends EffectKind>(
  { scope, node }: NodeCall<K>,
  id: string,
  input: EffectCall,
  isUnderWay: boolean,
): Promise<EffectResult | null> {
  const { journal, priority, shortEffects, steering } = scope.run;
  const summary = `${id}: ${node.title ?? NODE_KINDS[node.kind].summary}`;
  const short = shortEffects.run(input, summary);
  const done = short && (await short);
  if (done) return done;
  const cargo = journal.load();
  const start = (batch: EventBatch): Promise<EffectResult | null> =>
    steering.start(id, () => startEffect({ ...input, ...batch }, summary, priority.forTemporal));
  let result = await start(cargo.batch);
  if (isUnderWay)
    while (result === null) {
      journal.note(id, 'warn', 'goes on: it was just handed on, and the pause could not stop it');
      result = await start(NO_EVENTS);
    }
  if (result) cargo.arrived();
  return result;
}

function isStoppedByPause({ scope, node }: NodeCall<EffectKind>, { outcome }: EffectResult): boolean {
  return outcome === 'stopped' && scope.run.halted === null && scope.run.steering.wasStopped(scope.instanceId(node.id));
}

/** Says in the journal that the effect starts. */
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
    ...(options.labels === undefined ? {} : { labels: options.labels }),
    ...draftedOf(node),
    ...(run.grants.length === 0 ? {} : { grants: [...run.grants] }),
    ...(run.approved.delegation === undefined ? {} : { ancestors: run.approved.delegation.ancestors }),
  };
}

function outputOf<K extends EffectKind>(call: NodeCall<K>, result: Exclude<EffectResult, { outcome: 'unknown' | 'lost' }>): Json {
  if (result.outcome === 'done') return result.output;
  if (result.outcome === 'error') throw new NodeFailure({ ...result.error, attempt: call.attempt });
  throw new CancelledFailure('it was stopped');
}

/** What it took goes to the budget and into the log. */
function settle<K extends EffectKind>({ scope, node }: NodeCall<K>, reservation: Reservation, { cost_usd, tokens }: Spent): void {
  const { spending, journal } = scope.run;
  spending.settle(reservation, cost_usd, tokens);
  if (cost_usd === 0 && tokens === 0) return;
  const change = { kind: node.kind, status: 'running', cost_usd, budget: spending.figures } as const;
  journal.node(scope.instanceId(node.id), 'info', costText(cost_usd, tokens), change);
}

function costText(usd: number | null, tokens: number | null): string {
  const used = tokens === null ? '' : ` for ${tokens} tokens`;
  return usd === null ? 'its cost is not known, so all that was kept for it counts' : `cost ${dollars(usd)}${used}`;
}

/** Part of what a gate asks, so that its wording stays: another one would be another question to runs that wait for an answer to this. */
function lostHow(evidence: Json): string {
  const why = isJsonObject(evidence) ? evidence['why'] : undefined;
  return typeof why === 'string' ? why : 'A crash came between its start and its result.';
}
