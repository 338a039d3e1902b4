import { GimoError } from '#contract/errors.ts';
import type { Json } from '#contract/json.ts';
import { plural } from '#contract/plural.ts';
import { NodeFailure } from '../failure.ts';
import type { Scope } from '../scope.ts';
import { bodyOfContainer, endedRound, roundScope, runRound } from './body.ts';
import type { NodeRunner } from './runner.ts';

/** Rounds one after the other. That the condition still held after the last one is no failure; the log says so. */
export const runLoop: NodeRunner<'loop'> = async ({ scope, node, attempt }) => {
  const { journal } = scope.run;
  const id = scope.instanceId(node.id);
  journal.node(id, 'info', `runs its body at most ${node.with.max} times`, { kind: 'loop', status: 'running', attempt });
  let last: Json = null;
  for (let index = 0; index < node.with.max; index++) {
    const inner = roundScope(scope, node, index, { last }, scope.view.variableLabel(node));
    if (!holds(inner, node.with.while)) {
      journal.note(id, 'info', `ended after ${plural(index, 'round')}: \`${node.with.while}\` is not true any more`);
      return last;
    }
    const result = endedRound(scope, node, index) ?? (await runRound(inner, bodyOfContainer(node), attempt));
    if (!result.ok) throw new NodeFailure(result.error);
    last = result.output;
  }
  journal.note(id, 'info', `ended after ${plural(node.with.max, 'round')}: it may not run more often`);
  return last;
};

/** Throws: EXPRESSION_FAILED when it is neither true nor false. */
function holds(inner: Scope, source: string): boolean {
  const result = inner.evaluate(source);
  if (typeof result !== 'boolean') throw new GimoError('EXPRESSION_FAILED', { message: `\`${source}\` is not true or false` });
  return result;
}
