import { runEffect } from '../effect.ts';
import type { NodeRunner } from './runner.ts';

const DEFAULT_TIMEOUT_MS = 600_000;

export const runPatch: NodeRunner<'patch'> = async (call) => {
  const release = await call.scope.run.workspace.acquire('write', call.scope.instanceId(call.node.id));
  try {
    return await runEffect(call, { timeoutMs: DEFAULT_TIMEOUT_MS });
  } finally {
    release();
  }
};
