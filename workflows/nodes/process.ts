import { runEffect } from '../effect.ts';
import type { NodeRunner } from './runner.ts';

const DEFAULT_TIMEOUT_MS = 600_000;

/** A process that may write has the workspace to itself; others share it. */
export const runProcess: NodeRunner<'process'> = async (call) => {
  const release = await call.scope.run.workspace.acquire(
    call.node.with.write.length > 0 ? 'write' : 'read',
    call.scope.instanceId(call.node.id),
  );
  try {
    return await runEffect(call, { timeoutMs: DEFAULT_TIMEOUT_MS });
  } finally {
    release();
  }
};
