import { GimoError } from '#contract/errors.ts';
import type { Json } from '#contract/json.ts';
import { hasReference, renderString } from '#contract/template.ts';
import { parseExpression } from '#contract/expression.ts';
import { plural } from '#contract/plural.ts';
import type { RoundResult } from '#contract/segment.ts';
import { NodeFailure } from '../failure.ts';
import { bodyOfContainer, endedRound, roundScope, runRound } from './body.ts';
import type { NodeCall, NodeRunner } from './runner.ts';

export const runMap: NodeRunner<'map'> = async (call) => {
  const { scope, node } = call;
  const items = itemsOf(call);
  const id = scope.instanceId(node.id);
  scope.run.journal.node(id, 'info', `runs its body for ${plural(items.length, 'item')}`, {
    kind: 'map',
    status: 'running',
    attempt: call.attempt,
  });
  const results = await runItems(call, items);
  const failed = results.find((result) => result?.ok === false);
  if (node.with.on_item_error === 'fail' && failed?.ok === false) throw new NodeFailure(failed.error);
  return results.map((result): Json => {
    if (!result) return null;
    if (node.with.on_item_error === 'fail') return result.ok ? result.output : null;
    return result.ok ? { ok: true, output: result.output, error: null } : { ok: false, output: null, error: { ...result.error } };
  });
};

function itemsOf({ scope, node }: NodeCall<'map'>): Json[] {
  const { over, max_items: maxItems } = node.with;
  const context = scope.context(node);
  const items =
    typeof over !== 'string' ? over : hasReference(over) ? renderString(over, context) : parseExpression(over).evaluate(context);
  if (!Array.isArray(items)) throw new GimoError('EXPRESSION_FAILED', { message: '`over` is not a list' });
  if (items.length > maxItems)
    throw new GimoError('OUTSIDE_ENVELOPE', { message: `The list has ${plural(items.length, 'item')} and max_items is ${maxItems}.` });
  return items;
}

/** At most `concurrency` bodies at a time; after a failure in mode `fail` no further item starts. */
async function runItems(call: NodeCall<'map'>, items: Json[]): Promise<(RoundResult | undefined)[]> {
  const results: (RoundResult | undefined)[] = Array.from({ length: items.length });
  let next = 0;
  let isStopped = false;
  const hasBegun = (index: number): boolean => call.scope.run.progress.hasScope(`${call.scope.instanceId(call.node.id)}[${index}].`);
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      // After a change of segments what had ended is taken over, and what had begun is waited for all the same.
      const ended = endedRound(call.scope, call.node, index);
      if (isStopped && ended === null && !hasBegun(index)) continue;
      const result = ended ?? (await runItem(call, index, items[index] ?? null));
      results[index] = result;
      if (!result.ok && call.node.with.on_item_error === 'fail') isStopped = true;
    }
  };
  await Promise.all(Array.from({ length: Math.min(call.node.with.concurrency, items.length) }, lane));
  return results;
}

function runItem(call: NodeCall<'map'>, index: number, item: Json): Promise<RoundResult> {
  const label = call.scope.view.variableLabel(call.node);
  const inner = roundScope(call.scope, call.node, index, { [call.node.with.as]: item }, label);
  return runRound(inner, bodyOfContainer(call.node), call.attempt);
}
