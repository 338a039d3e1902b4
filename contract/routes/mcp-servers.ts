import { ServerName } from '../mcp-names.ts';
import { ListedToolSchema, MCP_LIMITS, McpServersSchema } from '../mcp-servers.ts';
import { z } from '../zod.ts';
import { BOTH, COMMON_ERRORS, HUMANS, route } from './route.ts';

export const mcpServerRoutes = {
  servers_get: route({
    method: 'GET',
    path: '/ops/mcp/servers',
    summary: 'MCP servers whose tools nodes may use',
    role: 'operator',
    classes: BOTH,
    responses: { 200: McpServersSchema },
    errors: COMMON_ERRORS,
    forIntegrations: false,
  }),
  servers_put: route({
    method: 'PUT',
    path: '/ops/mcp/servers',
    summary: 'Configure all MCP servers; approvals of tools whose server changes no longer hold',
    role: 'admin',
    classes: HUMANS,
    body: McpServersSchema.refine(
      ({ servers }) => Object.keys(servers).length <= MCP_LIMITS.servers,
      `at most ${MCP_LIMITS.servers} servers`,
    ),
    responses: { 200: McpServersSchema },
    errors: [...COMMON_ERRORS, 'CONFLICT', 'PANIC', 'GICS_FULL'],
    forIntegrations: false,
  }),
  servers_refresh: route({
    method: 'POST',
    path: '/ops/mcp/servers/{name}/refresh',
    summary: 'Ask a server for its tools, and keep what it says for the packets of plans',
    role: 'operator',
    classes: HUMANS,
    params: z.strictObject({ name: ServerName }),
    responses: { 200: z.array(ListedToolSchema) },
    errors: [
      ...COMMON_ERRORS,
      'MCP_SERVER_UNKNOWN',
      'MCP_FAILED',
      'OUTPUT_TOO_LARGE',
      'ADDRESS_REFUSED',
      'HTTP_FAILED',
      'SECRET_REFUSED',
      'ENV_UNSET',
      'SANDBOX_MISSING',
      'PROCESS_NOT_FOUND',
      'TIMEOUT',
      'WORKER_LOST',
      'CONFLICT',
      'PANIC',
      'GICS_FULL',
    ],
    forIntegrations: false,
    isCostly: true,
  }),
  servers_tools: route({
    method: 'GET',
    path: '/ops/mcp/tools',
    summary: 'The tools that mcp_tool nodes may call, as their servers described them last',
    role: 'actions',
    classes: BOTH,
    responses: { 200: z.array(ListedToolSchema) },
    errors: COMMON_ERRORS,
    forIntegrations: true,
  }),
} as const;
