import type { NodeRunner } from './runner.ts';

export const runWait: NodeRunner<'wait'> = async ({ scope, node }) => {
  const id = scope.instanceId(node.id);
  scope.run.journal.node(id, 'info', `waits ${node.with.ms} ms`, { kind: 'wait', status: 'running', attempt: 1 });
  await scope.run.steering.sleep(id, node.with.ms, `${id}: ${node.title ?? 'waits'}`);
  return null;
};
