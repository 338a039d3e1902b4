import type { Json } from '#contract/json.ts';
import type { EffectKind } from '#contract/nodes/index.ts';
import { errorInfo, NodeFailure } from './failure.ts';
import type { NodeCall } from './nodes/runner.ts';

/**
 * It is not known how an effect ended: a person says what it is, and it is never guessed. In: what happened, in a sentence that also
 * says what can be answered, and the evidence. Throws: NodeFailure OUTCOME_UNKNOWN when the answer is that it failed.
 */
export async function askWhatBecame<K extends EffectKind>(call: NodeCall<K>, message: string, evidence: Json): Promise<'done' | 'redo'> {
  const { scope, node, attempt } = call;
  const id = scope.instanceId(node.id);
  const decision = await scope.run.gates.ask(
    node.kind,
    { node: id, attempt, kind: 'unknown', title: `What became of ${id}?`, message, risk: 'high', evidence },
    null,
  );
  if (decision.verdict === 'reject') throw new NodeFailure(errorInfo('OUTCOME_UNKNOWN', `${decision.by} judged it failed.`, attempt));
  return decision.choice === 'redo' ? 'redo' : 'done';
}
