/** How each kind of node looks. A kind that is missing here is a compile error. */
import type { NodeKind } from '#contract/nodes/index.ts';
import { agentNode } from './AgentNode.tsx';
import { conditionNode } from './ConditionNode.tsx';
import { delegateNode } from './DelegateNode.tsx';
import { gateNode } from './GateNode.tsx';
import { httpNode } from './HttpNode.tsx';
import { joinNode } from './JoinNode.tsx';
import { llmNode } from './LlmNode.tsx';
import { loopNode } from './LoopNode.tsx';
import { mapNode } from './MapNode.tsx';
import { mcpToolNode } from './McpToolNode.tsx';
import { noopNode } from './NoopNode.tsx';
import { notifyNode } from './NotifyNode.tsx';
import { patchNode } from './PatchNode.tsx';
import { processNode } from './ProcessNode.tsx';
import { subplanNode } from './SubplanNode.tsx';
import { transformNode } from './TransformNode.tsx';
import { valueNode } from './ValueNode.tsx';
import type { NodeView } from './view.ts';
import { waitNode } from './WaitNode.tsx';

export const NODE_VIEWS = {
  value: valueNode,
  transform: transformNode,
  condition: conditionNode,
  join: joinNode,
  map: mapNode,
  loop: loopNode,
  subplan: subplanNode,
  agent: agentNode,
  wait: waitNode,
  gate: gateNode,
  delegate: delegateNode,
  llm: llmNode,
  process: processNode,
  patch: patchNode,
  http: httpNode,
  notify: notifyNode,
  mcp_tool: mcpToolNode,
  noop: noopNode,
} satisfies Record<NodeKind, NodeView>;

const BY_NAME: ReadonlyMap<string, NodeView> = new Map(Object.entries(NODE_VIEWS));

/** The view of a kind by name; one that this build does not know looks like a no-op. */
export function viewOf(kind: string): NodeView {
  return BY_NAME.get(kind) ?? noopNode;
}
