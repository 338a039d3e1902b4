import type { ToolDescriptions } from '#contract/agent-calls.ts';
import type { Gics } from '#contract/gics.ts';
import { isJsonObject } from '#contract/json.ts';
import { toolId } from '#contract/mcp-names.ts';
import { listedTools, McpServersSchema, type McpCatalog } from '#contract/mcp-servers.ts';
import type { Approved } from '#contract/objects.ts';

/** Beyond it a run would hold more of tools than of work. */
const MAX_CHARS = 500_000;

/** What servers said of the tools that were approved, as they were approved; the call itself compares once more. */
export async function readAgentTools(gics: Gics, { preconditions }: Pick<Approved, 'preconditions'>): Promise<ToolDescriptions> {
  const [servers, catalog] = await Promise.all([gics.get('settings', 'mcp_servers'), gics.get<McpCatalog>('settings', 'mcp_catalog')]);
  if (servers === null || catalog === null) return {};
  const found: ToolDescriptions = {};
  let chars = 0;
  for (const { server, name, pin, description, input_schema } of listedTools(McpServersSchema.parse(servers.value), catalog.value)) {
    const id = toolId(server, name);
    if (preconditions.tools?.[id] !== pin || !isJsonObject(input_schema)) continue;
    chars += description.length + JSON.stringify(input_schema).length;
    if (chars <= MAX_CHARS) found[id] = { description, input_schema };
  }
  return found;
}
