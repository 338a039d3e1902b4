/** MCP servers whose tools nodes may use: configured by an admin, their tools listed by the worker, each tool pinned by an approval. */
import { hashOf } from './canonical.ts';
import { httpTarget } from './http-target.ts';
import { JsonSchema } from './json.ts';
import { ServerName, toolId, ToolName } from './mcp-names.ts';
import { HeaderName, SecretHeaderValue } from './nodes/http.ts';
import { EnvName } from './nodes/process.ts';
import { allNodes, type Plan } from './plan.ts';
import { wordCovers } from './pattern.ts';
import { z } from './zod.ts';

const AbsolutePath = z
  .string()
  .max(1000)
  .regex(/^\/[^\0]*$/, 'must be absolute')
  .refine((path) => !path.split('/').includes('..'), 'must not contain ..');

/** A program in a fence of its own: no network, an empty folder to work in, and `read` shown to it read-only. */
const StdioServer = z.strictObject({
  type: z.literal('stdio'),
  argv: z.array(z.string().min(1).max(10_000)).min(1).max(100),
  env: z.record(EnvName, z.string().max(32_768)).default({}),
  read: z.array(AbsolutePath).max(50).default([]),
  memory_mb: z.int().min(16).max(65_536).default(1024),
});
/** Reached over the address that was checked; a service of this network only when an admin opened it (`local_hosts`). */
const HttpServer = z.strictObject({
  type: z.literal('http'),
  url: z
    .string()
    .max(2048)
    .refine((url) => httpTarget(url) !== null, 'must be an http or https address without user name and fragment'),
  secret_headers: z.record(HeaderName, SecretHeaderValue).default({}),
});
export const McpServerSchema = z.discriminatedUnion('type', [StdioServer, HttpServer]);
export type McpServerConfig = z.output<typeof McpServerSchema>;

export const McpServersSchema = z.strictObject({ servers: z.record(ServerName, McpServerSchema) });
export type McpServers = z.output<typeof McpServersSchema>;

export const McpToolSchema = z.object({
  name: ToolName,
  description: z.string(),
  input_schema: JsonSchema,
  output_schema: JsonSchema,
  annotations: JsonSchema,
});
export type McpTool = z.output<typeof McpToolSchema>;

/** `pin`: what an approval holds fast. */
export const ListedToolSchema = McpToolSchema.extend({ server: ServerName, pin: z.string() });
export type ListedTool = z.output<typeof ListedToolSchema>;

/** What a server said when it was last asked, by the name of the server. */
export type McpCatalog = Record<string, { at: string; tools: McpTool[] }>;

export const MCP_LIMITS = { servers: 50, tools: 500, listBytes: 1_000_000 };

/** The tool as it is described, of the server as it is configured: another program behind the same words is another tool. */
export function toolPin(server: McpServerConfig, tool: McpTool): string {
  return hashOf('gimo.mcp-tool.v1', { server, tool });
}

export function listedTools({ servers }: McpServers, catalog: McpCatalog): ListedTool[] {
  return Object.entries(catalog).flatMap(([name, { tools }]) => {
    const server = Object.hasOwn(servers, name) ? servers[name] : undefined;
    return server === undefined ? [] : tools.map((tool) => ({ ...tool, server: name, pin: toolPin(server, tool) }));
  });
}

/** The tools that a plan names, and those that its envelope grants to nodes which it may add. */
export function pinsOf(plan: Pick<Plan, 'nodes' | 'envelope'>, tools: ListedTool[]): Record<string, string> {
  const named = new Set<string>();
  for (const { node } of allNodes(plan.nodes)) {
    if (node.kind === 'mcp_tool') named.add(toolId(node.with.server, node.with.tool));
    if (node.kind === 'agent') for (const id of node.with.tools.mcp) named.add(id);
  }
  const granted = plan.envelope?.tools ?? [];
  const wanted = tools.filter(({ server, name }) => {
    const id = toolId(server, name);
    return named.has(id) || granted.some((pattern) => wordCovers(pattern, id));
  });
  return Object.fromEntries(wanted.map(({ server, name, pin }) => [toolId(server, name), pin]));
}
