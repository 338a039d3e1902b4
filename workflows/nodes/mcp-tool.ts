import { runEffect } from '../effect.ts';
import type { NodeRunner } from './runner.ts';

export const runMcpTool: NodeRunner<'mcp_tool'> = (call) => runEffect(call, { timeoutMs: 60_000 });
