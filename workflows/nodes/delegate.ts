import { parseExpression } from '#contract/expression.ts';
import { asText, renderString } from '#contract/template.ts';
import { delegateTo } from '../delegation.ts';
import type { NodeRunner } from './runner.ts';

export const runDelegate: NodeRunner<'delegate'> = ({ scope, node, attempt }) => {
  const context = scope.context(node);
  const { agent, task, plan, budget } = node.with;
  return delegateTo(
    scope.run,
    { id: scope.instanceId(node.id), kind: 'delegate', attempt },
    {
      agent,
      task: asText(renderString(task, context)),
      ...(plan === undefined ? {} : { plan: parseExpression(plan).evaluate(context) }),
      ...(budget === undefined ? {} : { budget }),
    },
  );
};
