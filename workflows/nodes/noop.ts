import { runEffect } from '../effect.ts';
import type { NodeRunner } from './runner.ts';

export const runNoop: NodeRunner<'noop'> = (call) => runEffect(call, { timeoutMs: 60_000 });
