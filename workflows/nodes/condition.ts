import { GimoError } from '#contract/errors.ts';
import { parseExpression } from '#contract/expression.ts';
import type { NodeRunner } from './runner.ts';

export const runCondition: NodeRunner<'condition'> = async ({ scope, node }) => {
  const result = parseExpression(node.with.if).evaluate(scope.context(node));
  if (typeof result !== 'boolean') throw new GimoError('EXPRESSION_FAILED', { message: `\`${node.with.if}\` is not true or false` });
  return result;
};
