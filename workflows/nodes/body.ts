import { errorMessage } from '#contract/errors.ts';
import type { Json } from '#contract/json.ts';
import { bodyOf, type ContainerNode } from '#contract/plan.ts';
import type { ErrorInfo } from '#contract/run-state.ts';
import type { Scope } from '../scope.ts';

export type RoundResult = { ok: true; output: Json } | { ok: false; error: ErrorInfo };

/** The scope of one round of a container; its nodes are called `<container>[<index>].<id>`. */
export function roundScope(scope: Scope, node: ContainerNode, index: number, variables: Record<string, Json>): Scope {
  return scope.child(bodyOf(node), `${scope.instanceId(node.id)}[${index}].`, { ...variables, index });
}

/** Runs one round. Out: its output, or why it has none. Throws: EXPRESSION_FAILED of `output`, cancellation. */
export async function runRound(inner: Scope, node: ContainerNode, attempt: number): Promise<RoundResult> {
  const failure = await inner.execute();
  if (failure) return { ok: false, error: { ...failure.error, attempt } };
  const { halted } = inner.run;
  if (halted !== null) return { ok: false, error: { code: 'STOPPED', message: errorMessage(halted), hint: '', retryable: false, attempt } };
  return { ok: true, output: roundOutput(inner, node) };
}

function roundOutput(inner: Scope, node: ContainerNode): Json {
  if (node.with.output !== undefined) return inner.evaluate(node.with.output);
  const last = bodyOf(node).at(-1);
  return last ? (inner.run.outputs.get(inner.instanceId(last.id)) ?? null) : null;
}
