import { asText, renderString } from '#contract/template.ts';
import { errorInfo, NodeFailure } from '../failure.ts';
import type { NodeRunner } from './runner.ts';

export const runGate: NodeRunner<'gate'> = async ({ scope, node, attempt }) => {
  const context = scope.context(node);
  const decision = await scope.run.gates.ask(
    'gate',
    {
      node: scope.instanceId(node.id),
      attempt,
      kind: 'question',
      title: asText(renderString(node.with.title, context)),
      message: asText(renderString(node.with.message, context)),
      risk: node.with.risk,
      evidence: null,
    },
    node.timeout_ms ?? null,
  );
  const comment = decision.comment === '' ? '' : `: ${decision.comment}`;
  if (decision.verdict === 'reject') throw new NodeFailure(errorInfo('REJECTED', `${decision.by} rejected it${comment}`, attempt));
  return { decision: 'approved', comment: decision.comment, by: decision.by };
};
