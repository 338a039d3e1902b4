import { patched } from '@temporalio/workflow';
import type { Json } from '#contract/json.ts';
import type { EffectKind } from '#contract/nodes/index.ts';
import { errorInfo, NodeFailure } from './failure.ts';
import type { NodeCall } from './nodes/runner.ts';

/** What happened, and what doing it again means. */
export type Unknown = { what: string; again: string };

/**
 * It is not known how an effect ended: a person says what it is, and it is never guessed. In: what happened, and the evidence.
 * Throws: NodeFailure OUTCOME_UNKNOWN when the answer is that it failed.
 */
export async function askWhatBecame<K extends EffectKind>(
  call: NodeCall<K>,
  { what, again }: Unknown,
  evidence: Json,
): Promise<'done' | 'redo'> {
  // The text is part of the hash of the gate: runs that asked in other words go on with them.
  const look = patched('gate-words')
    ? `Look at the evidence: "It was done" if it took effect, "Do it again" to ${again}, or "Fail the node".`
    : `Look at the evidence: answer done if it took effect, redo to ${again}, or reject to fail it.`;
  const message = `${what} ${look}`;
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
