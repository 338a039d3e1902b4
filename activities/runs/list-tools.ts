import { Context } from '@temporalio/activity';
import type { McpServerConfig, McpTool } from '#contract/mcp-servers.ts';
import type { ActivityDeps } from '../deps.ts';
import { converse, toolsOf } from '../mcp/conversation.ts';

const LIST_MS = 25_000;

/** Asks a server for its tools. Waits: ≤ 25 s. Throws: TIMEOUT, MCP_FAILED, SANDBOX_MISSING, ADDRESS_REFUSED. */
export function listTools(deps: ActivityDeps, { server }: { server: McpServerConfig }): Promise<McpTool[]> {
  const { cancellationSignal, info } = Context.current();
  const onStderr = async (text: string): Promise<void> => deps.log.debug({ text }, 'an MCP server wrote to stderr');
  const talk = { deps, server, effectId: `list/${info.workflowExecution?.workflowId ?? ''}`, timeoutMs: LIST_MS, maxBytes: 0, onStderr };
  return converse({ ...talk, signal: cancellationSignal }, (client, signal) => toolsOf(client, { signal, timeout: LIST_MS }));
}
