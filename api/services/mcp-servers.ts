/** MCP servers that nodes may use: their configuration, what they said of their tools, and what an approval pins of both. */
import { GimoError } from '#contract/errors.ts';
import type { ToolFacts } from '#contract/findings/tools.ts';
import { hostPattern } from '#contract/http-target.ts';
import { toolId } from '#contract/mcp-names.ts';
import {
  listedTools,
  McpServersSchema,
  pinsOf,
  type ListedTool,
  type McpCatalog,
  type McpServerConfig,
  type McpServers,
  type McpTool,
} from '#contract/mcp-servers.ts';
import { WORKFLOWS } from '#contract/messages.ts';
import { allNodes, type Plan } from '#contract/plan.ts';
import type { Call, Core } from '../deps.ts';
import { newUlid } from './ids.ts';
import { readSetting, writeSetting } from './settings.ts';
import { runShort, workerError } from './short-work.ts';

const REFRESH_MS = 30_000;
const SERVERS = 'mcp_servers';
const CATALOG = 'mcp_catalog';
const NONE: McpServers = { servers: {} };

export async function readServers(core: Core): Promise<McpServers> {
  return McpServersSchema.parse((await readSetting<McpServers>(core, SERVERS, NONE)).value);
}

/** Throws: CONFLICT. */
export async function updateServers(core: Core, call: Call, servers: McpServers): Promise<McpServers> {
  const { rev } = await readSetting<McpServers>(core, SERVERS, NONE);
  await writeSetting(core, call, { id: SERVERS, value: servers, rev }, servers);
  return servers;
}

/** Throws: MCP_SERVER_UNKNOWN, what the worker says of the server, CONFLICT. Waits: ≤ 30 s. */
export async function refreshServer(core: Core, call: Call, name: string): Promise<ListedTool[]> {
  const servers = await readServers(core);
  const server = Object.hasOwn(servers.servers, name) ? servers.servers[name] : undefined;
  if (server === undefined) throw new GimoError('MCP_SERVER_UNKNOWN', { message: `There is no MCP server \`${name}\`.` });
  const tools = await askServer(core, server);
  const { value, rev } = await readSetting<McpCatalog>(core, CATALOG, {});
  const entry = { at: new Date().toISOString(), tools };
  const listed = listedTools(servers, { [name]: entry });
  await writeSetting(core, call, { id: CATALOG, value: { ...value, [name]: entry }, rev }, listed);
  return listed;
}

async function askServer(core: Core, server: McpServerConfig): Promise<McpTool[]> {
  const deadline = Date.now() + REFRESH_MS;
  try {
    return await runShort<McpTool[]>(core, { type: WORKFLOWS.listTools, id: `tools-${newUlid()}`, args: [{ server }], deadline });
  } catch (error) {
    throw workerError(error);
  }
}

export async function listTools(core: Core): Promise<ListedTool[]> {
  const [servers, { value }] = await Promise.all([readServers(core), readSetting<McpCatalog>(core, CATALOG, {})]);
  return listedTools(servers, value);
}

/** What packets say of tools. */
export async function toolFactsOf(core: Core): Promise<ToolFacts['tools']> {
  const { servers } = await readServers(core);
  const tools = await listTools(core);
  return Object.fromEntries(
    tools.map(({ server, name, description }) => {
      const config = servers[server];
      const where =
        config === undefined ? server : config.type === 'stdio' ? `the program \`${config.argv.join(' ')}\`` : hostPattern(config.url);
      return [toolId(server, name), { description, where }];
    }),
  );
}

function usesTools({ nodes, envelope }: Pick<Plan, 'nodes' | 'envelope'>): boolean {
  return (envelope?.tools ?? []).length > 0 || [...allNodes(nodes)].some(({ node }) => node.kind === 'mcp_tool' || node.kind === 'agent');
}

/** The tools that a plan may use, as they are described now: what each is, as a hash, by `server/tool`. */
export async function toolPins(core: Core, plan: Plan): Promise<Record<string, string>> {
  return usesTools(plan) ? pinsOf(plan, await listTools(core)) : {};
}
