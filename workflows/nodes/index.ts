import type { Json } from '#contract/json.ts';
import type { NodeKind } from '#contract/nodes/index.ts';
import { runAgent } from './agent.ts';
import { runCondition } from './condition.ts';
import { runDelegate } from './delegate.ts';
import { runGate } from './gate.ts';
import { runHttp } from './http.ts';
import { runJoin } from './join.ts';
import { runLlm } from './llm.ts';
import { runLoop } from './loop.ts';
import { runMap } from './map.ts';
import { runMcpTool } from './mcp-tool.ts';
import { runNoop } from './noop.ts';
import { runNotify } from './notify.ts';
import { runPatch } from './patch.ts';
import { runProcess } from './process.ts';
import type { NodeCall, NodeRunner } from './runner.ts';
import { runSubplan } from './subplan.ts';
import { runTransform } from './transform.ts';
import { runValue } from './value.ts';
import { runWait } from './wait.ts';

const RUNNERS = {
  value: runValue,
  transform: runTransform,
  condition: runCondition,
  join: runJoin,
  map: runMap,
  loop: runLoop,
  subplan: runSubplan,
  agent: runAgent,
  wait: runWait,
  gate: runGate,
  delegate: runDelegate,
  llm: runLlm,
  process: runProcess,
  patch: runPatch,
  http: runHttp,
  notify: runNotify,
  mcp_tool: runMcpTool,
  noop: runNoop,
} satisfies { [K in NodeKind]: NodeRunner<K> };

export function runNode(call: NodeCall<NodeKind>): Promise<Json> {
  const runner = RUNNERS[call.node.kind] as NodeRunner<NodeKind>;
  return runner(call);
}
