import { sleep } from '@temporalio/workflow';
import type { NodeRunner } from './runner.ts';

export const runWait: NodeRunner<'wait'> = async ({ scope, node }) => {
  scope.run.journal.node(scope.instanceId(node.id), 'info', `waits ${node.with.ms} ms`, { kind: 'wait', status: 'running', attempt: 1 });
  await sleep(node.with.ms, { summary: `${scope.instanceId(node.id)}: ${node.title ?? 'waits'}` });
  return null;
};
