import { errorInfo, NodeFailure } from '../failure.ts';
import { renderedText } from '../literal.ts';
import type { NodeRunner } from './runner.ts';

export const runGate: NodeRunner<'gate'> = async ({ scope, node, attempt }) => {
  const decision = await scope.run.gates.ask(
    'gate',
    {
      node: scope.instanceId(node.id),
      attempt,
      kind: 'question',
      title: renderedText(scope, node, node.with.title),
      message: renderedText(scope, node, node.with.message),
      risk: node.with.risk,
      evidence: null,
    },
    node.timeout_ms ?? null,
  );
  const comment = decision.comment === '' ? '' : `: ${decision.comment}`;
  if (decision.verdict === 'reject') throw new NodeFailure(errorInfo('REJECTED', `${decision.by} rejected it${comment}`, attempt));
  return { decision: 'approved', comment: decision.comment, by: decision.by };
};
