import { parseExpression } from '#contract/expression.ts';
import { join } from '#contract/labels.ts';
import type { NodeOf } from '#contract/plan.ts';
import { delegateTo, type Caller } from '../delegation.ts';
import { renderedText } from '../literal.ts';
import type { Scope } from '../scope.ts';
import type { NodeRunner } from './runner.ts';

export const runDelegate: NodeRunner<'delegate'> = ({ scope, node, attempt }) => {
  const { agent, task, plan, budget } = node.with;
  return delegateTo(
    scope.run,
    { id: scope.instanceId(node.id), kind: 'delegate', attempt, ...labelsOf(scope, node) },
    {
      agent,
      task: renderedText(scope, node, task),
      ...(plan === undefined ? {} : { plan: parseExpression(plan).evaluate(scope.context(node)) }),
      ...(budget === undefined ? {} : { budget }),
    },
  );
};

/** Of the task and of what gave the nodes: both travel with the child. */
function labelsOf({ run, view }: Scope, node: NodeOf<'delegate'>): Pick<Caller, 'labels'> {
  if (!run.labels.isOn) return {};
  const text = node.with.plan === undefined ? view.text : join(view.text, view.labelOf(node.with.plan));
  return { labels: { task: view.inputLabel(node), text } };
}
