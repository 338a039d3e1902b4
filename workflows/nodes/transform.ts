import { parseExpression } from '#contract/expression.ts';
import type { NodeRunner } from './runner.ts';

export const runTransform: NodeRunner<'transform'> = async ({ scope, node }) =>
  parseExpression(node.with.expr).evaluate(scope.context(node));
