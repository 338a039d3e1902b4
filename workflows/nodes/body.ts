import { errorMessage } from '#contract/errors.ts';
import type { Json } from '#contract/json.ts';
import { bodyOf, type ContainerNode, type PlanNode } from '#contract/plan.ts';
import type { ErrorInfo } from '#contract/run-state.ts';
import type { Scope } from '../scope.ts';

export type RoundResult = { ok: true; output: Json } | { ok: false; error: ErrorInfo };

/** The scope of one round of a container; its nodes are called `<container>[<index>].<id>`. */
export function roundScope(scope: Scope, node: ContainerNode, index: number, variables: Record<string, Json>): Scope {
  return scope.child(bodyOf(node), `${scope.instanceId(node.id)}[${index}].`, { ...variables, index });
}

/** Nodes of a scope, and the expression over them that is its result; without one it is the output of the last node. */
export type ScopeBody = { nodes: readonly PlanNode[]; output: string | undefined };

export function bodyOfContainer(node: ContainerNode): ScopeBody {
  return { nodes: bodyOf(node), output: node.with.output };
}

/** Runs one round. Out: its output, or why it has none. Throws: EXPRESSION_FAILED of `output`, cancellation. */
export async function runRound(inner: Scope, body: ScopeBody, attempt: number): Promise<RoundResult> {
  const failure = await inner.execute();
  if (failure) return { ok: false, error: { ...failure.error, attempt } };
  const { halted } = inner.run;
  if (halted !== null) return { ok: false, error: { code: 'STOPPED', message: errorMessage(halted), hint: '', retryable: false, attempt } };
  return { ok: true, output: roundOutput(inner, body) };
}

function roundOutput(inner: Scope, { nodes, output }: ScopeBody): Json {
  if (output !== undefined) return inner.evaluate(output);
  const last = nodes.at(-1);
  return last ? (inner.run.outputs.get(inner.instanceId(last.id)) ?? null) : null;
}
