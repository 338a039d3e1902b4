import { runEffect } from '../effect.ts';
import type { NodeRunner } from './runner.ts';

export const runNotify: NodeRunner<'notify'> = (call) => runEffect(call, { timeoutMs: 10_000 });
