/** What the draft of a node says goes along with the effect: its values may not make more of it. */
import type { JsonObject } from '#contract/json.ts';
import type { EffectInput } from '#contract/messages.ts';
import { NODE_KINDS, type EffectKind } from '#contract/nodes/index.ts';
import type { KindSpec } from '#contract/nodes/kind.ts';
import type { NodeCall } from './nodes/runner.ts';

const specOf = (kind: EffectKind): KindSpec<unknown> => NODE_KINDS[kind] as unknown as KindSpec<unknown>;

export function draftedOf({ kind, with: value }: { kind: EffectKind; with: unknown }): Pick<EffectInput, 'drafted'> {
  const drafted = specOf(kind).drafted?.(value) ?? null;
  return drafted === null ? {} : { drafted };
}

/** Whether the effect refuses it for what its values made of it. */
export function isRefused({ scope, node }: NodeCall<EffectKind>, rendered: JsonObject): boolean {
  if (scope.run.approved.has_read_diffs !== true) return false;
  const { drafted } = draftedOf(node);
  return (specOf(node.kind).refusal?.(rendered, { drafted }) ?? null) !== null;
}
