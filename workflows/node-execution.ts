/** One node from ready to terminal: `when`, retries, `on_error`. */
import { parseExpression } from '#contract/expression.ts';
import type { Json } from '#contract/json.ts';
import { outputLabel } from '#contract/label-reads.ts';
import { byShape, join, type Label } from '#contract/labels.ts';
import { NODE_KINDS } from '#contract/nodes/index.ts';
import { stripMarks } from '#contract/plan-check.ts';
import type { PlanNode } from '#contract/plan.ts';
import type { OnError } from '#contract/raw-node.ts';
import type { ErrorInfo } from '#contract/run-state.ts';
import { NodeFailure, toNodeFailure } from './failure.ts';
import { runNode } from './nodes/index.ts';
import type { Scope } from './scope.ts';

/** Outputs of control nodes up to this size stand in the event itself; larger ones are in the final state of the run. */
const INLINE_OUTPUT_CHARS = 4096;
const NO_RETRY = { max_attempts: 1, backoff_ms: 0, factor: 1, on: [] as string[] };
/** A stop and a person's no are answers, not accidents. */
const NEVER_RETRIED = new Set(['STOPPED', 'REJECTED']);

/** `isFatal`: the run may not go on past it. */
export type NodeEnd = { status: 'done' | 'skipped' } | { status: 'error'; error: ErrorInfo; isFatal: boolean };

/** In: the attempt to begin with, above 1 when a person asked for another one. Throws: cancellation, LeftOut, and faults of the interpreter. */
export async function executeNode(scope: Scope, node: PlanNode, firstAttempt: number): Promise<NodeEnd> {
  try {
    const skipped = whenFails(scope, node);
    if (skipped !== null) return skip(scope, node, skipped);
  } catch (error) {
    return fail(scope, node, toNodeFailure(error, firstAttempt).info, endsScope(node.on_error));
  }
  const { progress } = scope.run;
  const id = scope.instanceId(node.id);
  let attempt = firstAttempt;
  if (attempt > 1) progress.note(id, { attempt });
  for (;;) {
    try {
      const before = progress.of(id)?.failed;
      if (before) throw new NodeFailure(before);
      const admitted = scope.rules?.admit(scope, node, attempt);
      if (admitted) await admitted;
      return finish(scope, node, await runNode({ scope, node, attempt }));
    } catch (error) {
      const { info } = toNodeFailure(error, attempt);
      progress.note(id, { failed: info });
      const next = await afterFailure(scope, node, info);
      if (next === 'retry') attempt++;
      else if (next === 'redo') scope.run.redo(id);
      else return fail(scope, node, info, endsScope(next));
      progress.again(id, attempt);
    }
  }
}

function endsScope(onError: OnError): boolean {
  return onError === 'fail' || onError === 'compensate';
}

/** Why the node is skipped by its own condition, null when it runs. Throws: EXPRESSION_FAILED. */
function whenFails(scope: Scope, node: PlanNode): string | null {
  if (node.when === undefined) return null;
  const source = stripMarks(node.when);
  return parseExpression(source).evaluate(scope.context(node)) === true ? null : `\`${source}\` is not true`;
}

function skip(scope: Scope, node: PlanNode, reason: string): NodeEnd {
  keepLabel(scope, node);
  scope.run.journal.node(scope.instanceId(node.id), 'info', `skipped: ${reason}`, { kind: node.kind, status: 'skipped', reason });
  return { status: 'skipped' };
}

function finish(scope: Scope, node: PlanNode, output: Json): NodeEnd {
  const id = scope.instanceId(node.id);
  scope.run.outputs.set(id, output);
  if (scope.run.labels.isOn) scope.run.labels.add(id, labelOf(scope, node, id, output));
  const isControl = NODE_KINDS[node.kind].lane === 'control';
  const isSmall = isControl && JSON.stringify(output).length <= INLINE_OUTPUT_CHARS;
  const label = isControl && scope.run.labels.isOn ? { label: scope.run.labels.told(id) } : {};
  scope.run.journal.node(id, 'info', 'done', { kind: node.kind, status: 'done', error: null, ...(isSmall ? { output } : {}), ...label });
  return { status: 'done' };
}

function labelOf(scope: Scope, node: PlanNode, id: string, output: Json): Label {
  const { labels } = scope.run;
  if (labels.isLasting) return scope.view.endLabel(node);
  return byShape(outputLabel(node, id, join(scope.view.inputLabel(node), labels.of(id))), output);
}

/** That it put nothing out tells of what it would have been made of, and its error is seen in lists that collect. */
function keepLabel(scope: Scope, node: PlanNode): void {
  if (scope.run.labels.isLasting) scope.run.labels.add(scope.instanceId(node.id), scope.view.endLabel(node));
}

function fail(scope: Scope, node: PlanNode, error: ErrorInfo, isFatal: boolean): NodeEnd {
  keepLabel(scope, node);
  scope.run.journal.node(scope.instanceId(node.id), 'error', `${error.code}: ${error.message}`, {
    kind: node.kind,
    status: 'error',
    error,
  });
  return { status: 'error', error, isFatal };
}

async function afterFailure(scope: Scope, node: PlanNode, info: ErrorInfo): Promise<'retry' | 'redo' | OnError> {
  if (await waitsForRetry(scope, node, info)) return 'retry';
  if (node.on_error !== 'gate') return node.on_error;
  return askAfterFailure(scope, node, info);
}

async function waitsForRetry(scope: Scope, node: PlanNode, info: ErrorInfo): Promise<boolean> {
  const retry = node.retry ?? NO_RETRY;
  const isWanted = retry.on.length === 0 ? !NEVER_RETRIED.has(info.code) : retry.on.includes(info.code);
  if (!isWanted || info.attempt >= retry.max_attempts || scope.run.halted !== null) return false;
  const waitMs = Math.round(retry.backoff_ms * retry.factor ** (info.attempt - 1));
  const id = scope.instanceId(node.id);
  const text = `attempt ${info.attempt} failed (${info.code}: ${info.message}); next try in ${waitMs} ms`;
  scope.run.journal.node(id, 'warn', text, { kind: node.kind, status: 'ready', error: info });
  await scope.run.steering.sleep(id, waitMs, `${id}: waits for its next try`);
  await scope.run.unpaused();
  scope.run.steering.check(id);
  return true;
}

async function askAfterFailure(scope: Scope, node: PlanNode, info: ErrorInfo): Promise<'redo' | 'continue' | 'fail'> {
  const id = scope.instanceId(node.id);
  const decision = await scope.run.gates.ask(
    node.kind,
    {
      node: id,
      attempt: info.attempt,
      kind: 'failed',
      title: `Node ${id} failed`,
      message: `${info.code}: ${info.message}`,
      risk: 'medium',
      evidence: { ...info },
    },
    null,
  );
  if (decision.verdict === 'reject') return 'fail';
  return decision.choice === 'redo' ? 'redo' : 'continue';
}
