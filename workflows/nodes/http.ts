import { runEffect } from '../effect.ts';
import type { NodeRunner } from './runner.ts';

export const runHttp: NodeRunner<'http'> = (call) => runEffect(call, { timeoutMs: 60_000 });
