import { errorMessage } from '#contract/errors.ts';
import type { Json } from '#contract/json.ts';
import { CLEAN, type Label } from '#contract/labels.ts';
import { bodyOf, type ContainerNode, type PlanNode } from '#contract/plan.ts';
import type { RoundResult, ScopeFailure } from '#contract/segment.ts';
import { placeOf } from '../progress.ts';
import type { Scope } from '../scope.ts';

/** In: the variables, and the label that they all have. The scope of one round of a container; its nodes are called `<container>[<index>].<id>`. */
export function roundScope(scope: Scope, node: ContainerNode, index: number, variables: Record<string, Json>, label: Label): Scope {
  const labels = Object.fromEntries(Object.keys(variables).map((name) => [name, label]));
  return scope.child(bodyOf(node), `${scope.instanceId(node.id)}[${index}].`, { ...variables, index }, { labels: { variables: labels } });
}

/** What a round came to that has ended; null when it has not. */
export function endedRound(scope: Scope, node: ContainerNode, index: number): RoundResult | null {
  return scope.run.progress.roundOf(scope.instanceId(node.id), index);
}

/** Nodes of a scope, and the expression over them that is its result; without one it is the output of the last node. */
export type ScopeBody = { nodes: readonly PlanNode[]; output: string | undefined };

export function bodyOfContainer(node: ContainerNode): ScopeBody {
  return { nodes: bodyOf(node), output: node.with.output };
}

/** Runs one round. In: what its output is made of, or how it is read once it is over. Out: its output, or why it has none. Throws: EXPRESSION_FAILED of `output`, cancellation. */
export async function runRound(inner: Scope, body: ScopeBody | ((inner: Scope) => Json), attempt: number): Promise<RoundResult> {
  const failure = await inner.execute();
  const result = roundResult(inner, body, failure, attempt);
  inner.run.progress.round(inner.prefix, result);
  const { isOn, isLasting } = inner.run.labels;
  if (isOn && !isLasting && result.ok) inner.run.labels.add(placeOf(inner.prefix).container, roundLabel(inner, body));
  return result;
}

/** What an agent comes to is labelled as a whole, by its kind. */
function roundLabel(inner: Scope, body: ScopeBody | ((inner: Scope) => Json)): Label {
  if (typeof body === 'function') return CLEAN;
  if (body.output !== undefined) return inner.view.labelOf(body.output);
  return inner.run.labels.of(inner.instanceId(body.nodes.at(-1)?.id ?? ''));
}

function roundResult(inner: Scope, body: ScopeBody | ((inner: Scope) => Json), failure: ScopeFailure | null, attempt: number): RoundResult {
  if (failure) return { ok: false, error: { ...failure.error, attempt } };
  const { halted } = inner.run;
  if (halted !== null) return { ok: false, error: { code: 'STOPPED', message: errorMessage(halted), hint: '', retryable: false, attempt } };
  return { ok: true, output: typeof body === 'function' ? body(inner) : roundOutput(inner, body) };
}

function roundOutput(inner: Scope, { nodes, output }: ScopeBody): Json {
  if (output !== undefined) return inner.evaluate(output);
  const last = nodes.at(-1);
  return last ? (inner.run.outputs.get(inner.instanceId(last.id)) ?? null) : null;
}
