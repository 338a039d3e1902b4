/** What an approver should know of the tools of MCP servers that a plan calls. */
import { canonicalJson } from '../canonical.ts';
import { finding } from './finding.ts';
import { toolId } from '../mcp-names.ts';
import type { Finding } from '../objects.ts';
import type { PlanNode } from '../plan.ts';

/** `tools`: by `server/tool`, what the server says of it and where the server is. */
export type ToolFacts = { tools: Record<string, { description: string; where: string }> };

type Called = { node: string; id: string; evidence: string };

function callFinding({ id, node, evidence }: Called, { tools }: ToolFacts): Finding {
  const known = Object.hasOwn(tools, id) ? tools[id] : undefined;
  if (known === undefined)
    return finding({
      rule: 'TOOL_UNKNOWN',
      severity: 'low',
      node,
      message: `There is no tool \`${id}\`; the node would be refused.`,
      evidence: id,
      remedy: 'An admin configures the server (PUT /ops/mcp/servers) and has its tools listed.',
    });
  return finding({
    rule: 'CALLS_TOOL',
    severity: 'medium',
    node,
    message: `It calls the tool \`${id}\` of ${known.where}: "${known.description.slice(0, 300)}". What it answers comes from outside.`,
    evidence,
    remedy: 'Read what the tool does and what is sent to it.',
  });
}

function calledBy(node: PlanNode): Called[] {
  if (node.kind === 'mcp_tool')
    return [{ node: node.id, id: toolId(node.with.server, node.with.tool), evidence: canonicalJson(node.with.arguments) }];
  if (node.kind !== 'agent') return [];
  return node.with.tools.mcp.map((id) => ({ node: node.id, id, evidence: 'its model chooses what is sent' }));
}

export function toolFindings(nodes: PlanNode[], facts: ToolFacts): Finding[] {
  return nodes.flatMap(calledBy).map((called) => callFinding(called, facts));
}
