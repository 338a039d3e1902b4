/** What an approver should know of the tools of MCP servers that a plan calls. */
import { canonicalJson } from './canonical.ts';
import { finding } from './finding.ts';
import { toolId } from './mcp-names.ts';
import type { Finding } from './objects.ts';
import type { NodeOf, PlanNode } from './plan.ts';

/** `tools`: by `server/tool`, what the server says of it and where the server is. */
export type ToolFacts = { tools: Record<string, { description: string; where: string }> };

function callFinding({ id: node, with: call }: NodeOf<'mcp_tool'>, { tools }: ToolFacts): Finding {
  const id = toolId(call.server, call.tool);
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
    evidence: canonicalJson(call.arguments),
    remedy: 'Read what the tool does and what is sent to it.',
  });
}

export function toolFindings(nodes: PlanNode[], facts: ToolFacts): Finding[] {
  return nodes.flatMap((node) => (node.kind === 'mcp_tool' ? callFinding(node, facts) : []));
}
