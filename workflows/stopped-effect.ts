import type { JsonObject } from '#contract/json.ts';
import type { EffectResult } from '#contract/messages.ts';
import { NODE_KINDS, type EffectKind } from '#contract/nodes/index.ts';
import type { EffectMode, KindSpec } from '#contract/nodes/kind.ts';
import type { NodeCall } from './nodes/runner.ts';
import { askWhatBecame } from './unknown-outcome.ts';

const AFTER_PAUSE = {
  what: 'A pause stopped it in the middle, and what it had done by then is not known.',
  again: 'run it again at the resume',
};

/**
 * A pause stopped this effect. What may be repeated is done again at the resume, under a ledger entry of its own; of anything else a
 * person says what became of it. In: null when it had not begun. Waits: while the run is paused. Throws: LeftOut, cancellation, NodeFailure.
 */
export async function afterStop<K extends EffectKind>(
  call: NodeCall<K>,
  rendered: JsonObject,
  result: EffectResult | null,
): Promise<'done' | 'redo'> {
  const { scope, node, attempt } = call;
  const { run } = scope;
  const id = scope.instanceId(node.id);
  const reason = 'stopped by the pause';
  run.journal.node(id, 'warn', reason, { kind: node.kind, status: 'ready', reason });
  if (result !== null) {
    const left = result.outcome === 'stopped' ? result.processes_left : 0;
    const evidence = { kind: node.kind, attempt, stopped: true, processes_left: left, with: rendered };
    if (modeOf(node.kind, rendered) === 'at_most_once' && (await askWhatBecame(call, AFTER_PAUSE, evidence)) === 'done') return 'done';
    run.redo(id);
  }
  await run.goesOn(id);
  run.journal.node(id, 'info', 'done again after the pause', { kind: node.kind, status: 'ready', reason: null });
  return 'redo';
}

function modeOf(kind: EffectKind, rendered: JsonObject): EffectMode {
  const spec = NODE_KINDS[kind] as unknown as KindSpec<unknown>;
  return spec.effectMode?.(rendered) ?? 'at_most_once';
}
