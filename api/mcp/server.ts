/**
 * The MCP server of GIMO over any way to call its API: one factory for HTTP and stdio, for clients of both eras of the protocol.
 * The API serves it on /mcp, the command line on stdio; this file is the only one that others import.
 */
import { McpServer, type CallToolResult, type InputRequiredResult, type ServerContext } from '@modelcontextprotocol/server';
import { VERSION } from '#platform/version.ts';
import { Refusal, refusalText } from './backend.ts';
import { featuresOf, TASKS_EXTENSION } from './client-features.ts';
import { optionsOf, type McpHost } from './host.ts';
import { doorOf } from './operations.ts';
import { isOffered } from './options.ts';
import { addPrompts } from './prompts.ts';
import { prepareSchema } from './prepared-schema.ts';
import { addResources } from './resources.ts';
import { addTasks } from './tasks.ts';
import { toResult, type Tool } from './tool.ts';
import { TOOLS } from './tools/index.ts';

export { Refusal, type Backend, type BackendInput } from './backend.ts';
export { EVERYTHING, isToolset, splitNames, type McpOptions } from './options.ts';
export { Questions } from './questions.ts';
export { TaskListeningTransport } from './stdio-subscriptions.ts';
export { TOOLSETS } from './tool.ts';

const INSTRUCTIONS = `GIMO runs plans that people approve. Draft (gimo_run_task, create_draft), let a person decide (prepare_decision shows what and where), start the approved artifact (create_run), follow it (get_run_status with wait_s, get_run_log).
A draft is never executed, and no tool approves or answers a gate: hand the url to the person and go on when they have decided.
Everything else of the API: gimo_search_operations, gimo_describe_operation, gimo_read_operation, gimo_write_operation.`;

/** What is offered stays as it is while a server runs: nobody need listen for changes of the lists. */
const FIXED = { listChanged: false };

/** In: how to reach the API. Out: a server that is not connected yet. */
export function createMcpServer(host: McpHost): McpServer {
  const server = new McpServer(
    { name: 'gimo', title: 'GIMO', version: VERSION },
    { instructions: INSTRUCTIONS, capabilities: { tools: FIXED, resources: FIXED, prompts: FIXED, extensions: { [TASKS_EXTENSION]: {} } } },
  );
  const { onlyTool } = host;
  if (onlyTool !== undefined) {
    const tool = TOOLS.find(({ name }) => name === onlyTool);
    if (tool !== undefined && isOffered(tool, host.options)) addTool(server, host, tool);
    return server;
  }
  for (const tool of TOOLS) if (isOffered(tool, host.options)) addTool(server, host, tool);
  addResources(server, host.backendOf);
  addPrompts(server, host.backendOf);
  addTasks(server, host);
  return server;
}

const SCHEMAS = new Map(TOOLS.map((tool) => [tool, { inputSchema: prepareSchema(tool.input), outputSchema: prepareSchema(tool.output) }]));

function addTool(server: McpServer, host: McpHost, tool: Tool): void {
  const { name, title, description, hints } = tool;
  const annotations = {
    readOnlyHint: hints.readOnly,
    destructiveHint: hints.destructive,
    idempotentHint: hints.idempotent,
    openWorldHint: hints.openWorld,
  };
  const config = { title, description, annotations, ...(SCHEMAS.get(tool) ?? { inputSchema: tool.input, outputSchema: tool.output }) };
  server.registerTool(name, config, (args, ctx) => perform(server, host, tool, args, ctx));
}

/** Failures of the API and of a tool's own checks are results that a model can read. */
async function perform(
  server: McpServer,
  host: McpHost,
  tool: Tool,
  args: Record<string, unknown>,
  ctx: ServerContext,
): Promise<CallToolResult | InputRequiredResult> {
  if (!isOffered(tool, optionsOf(host, ctx))) return failure(`${tool.name} is not offered to this request.`);
  const backend = host.backendOf(ctx);
  try {
    const call = { backend, ctx, features: featuresOf(server, ctx), questions: host.questions };
    const answer = await tool.run(call, args);
    return 'data' in answer ? toResult(answer as Parameters<typeof toResult>[0]) : answer;
  } catch (error) {
    if (error instanceof Refusal) return failure(`${refusalText(error.problem)}${whoElse(error, backend.url)}`);
    return failure(error instanceof Error ? error.message : String(error));
  }
}

/** What the caller may not do somebody else may: an agent hands that on to a person. */
function whoElse({ problem, route }: Refusal, url: string): string {
  return problem.code === 'FORBIDDEN' ? `\n${doorOf(route, url)}` : '';
}

function failure(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}
