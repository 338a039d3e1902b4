import type { Client } from '@modelcontextprotocol/client';
import { GimoError } from '#contract/errors.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import { toolId } from '#contract/mcp-names.ts';
import { McpServersSchema, toolPin, type McpServerConfig } from '#contract/mcp-servers.ts';
import type { Gics } from '#contract/gics.ts';
import { redact } from '#platform/redact.ts';
import { recordProcess } from '../effects/processes.ts';
import { converse, toolsOf } from '../mcp/conversation.ts';
import { FREE, type EffectAct, type EffectCall } from './act.ts';

type Call = EffectCall<'mcp_tool'>;
type Content = { type: string; text?: string };
type ToolAnswer = { content?: Content[]; structuredContent?: unknown; isError?: boolean };

const SHOWN_CHARS = 500;

/** Calls the tool that was approved, or none: server and description are compared with the approval in the same conversation. */
export const actMcpTool: EffectAct<'mcp_tool'> = async (call) => {
  const { deps, input, key, output, with: asked, signal } = call;
  const started = performance.now();
  const server = await findServer(deps.gics, asked.server);
  const progress = { wasCalled: false };
  const talk = {
    deps,
    server,
    effectId: key,
    timeoutMs: input.timeout_ms,
    maxBytes: asked.max_bytes,
    signal,
    onStart: ({ pid, startTime }: { pid: number; startTime: string }) =>
      recordProcess(deps.gics, key, { worker: deps.workerId, pid, start_time: startTime, effect_id: key }),
    onStderr: (text: string) => output.write('stderr', text),
  };
  const answer = await converse(talk, (client, end) =>
    callTool(call, server, client, { signal: end, timeout: input.timeout_ms }, progress),
  ).catch((error: unknown) => {
    // It was asked for, may not be asked for twice, and nobody knows what became of it.
    if (signal.aborted || !progress.wasCalled || asked.idempotent) throw error;
    throw lostAnswer(call, error);
  });
  const result = { ...outputOf(answer, asked.max_bytes), duration_ms: Math.round(performance.now() - started) };
  if (answer.isError === true)
    throw new GimoError('MCP_TOOL_FAILED', { message: `${toolId(asked.server, asked.tool)}: ${result.text.slice(0, SHOWN_CHARS)}` });
  return { result: { outcome: 'done', output: result, ...FREE }, facts: {} };
};

/** Throws: MCP_SERVER_UNKNOWN. */
async function findServer(gics: Gics, name: string): Promise<McpServerConfig> {
  const record = await gics.get('settings', 'mcp_servers');
  const { servers } = record === null ? { servers: {} as Record<string, McpServerConfig> } : McpServersSchema.parse(record.value);
  const server = Object.hasOwn(servers, name) ? servers[name] : undefined;
  if (server === undefined) throw new GimoError('MCP_SERVER_UNKNOWN', { message: `There is no MCP server \`${name}\`.` });
  return server;
}

async function callTool(
  { with: asked, approved }: Call,
  server: McpServerConfig,
  client: Client,
  options: { signal: AbortSignal; timeout: number },
  progress: { wasCalled: boolean },
): Promise<ToolAnswer> {
  const id = toolId(asked.server, asked.tool);
  const found = (await toolsOf(client, options)).find(({ name }) => name === asked.tool);
  if (found === undefined) throw new GimoError('TOOL_CHANGED', { message: `The server no longer has the tool \`${id}\`.` });
  if (approved.preconditions.tools?.[id] !== toolPin(server, found))
    throw new GimoError('TOOL_CHANGED', { message: `The tool \`${id}\`, or its server, is not as it was approved.` });
  progress.wasCalled = true;
  const answer = (await client.callTool({ name: asked.tool, arguments: asked.arguments }, options)) as ToolAnswer;
  // It has answered: whatever happens from here on, the outcome is known.
  progress.wasCalled = false;
  return answer;
}

function lostAnswer({ with: asked }: Call, cause: unknown): GimoError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new GimoError('OUTCOME_UNKNOWN', {
    message: `${toolId(asked.server, asked.tool)} was called, but its answer did not arrive: ${why}`,
    cause,
  });
}

/** Text and data of the answer; text is masked before it is cut, so that no half of a secret is left, the rest where all outputs are; pictures and sounds are only named. */
function outputOf({ content = [], structuredContent }: ToolAnswer, maxBytes: number): JsonObject & { text: string } {
  const all = redact(content.flatMap(({ type, text }) => (type === 'text' && text !== undefined ? [text] : [])).join('\n'));
  const bytes = Buffer.from(all);
  const isCut = bytes.length > maxBytes;
  const structured = structuredContent === undefined ? null : (structuredContent as Json);
  const isLarge = JSON.stringify(structured).length > maxBytes;
  return {
    text: isCut ? new TextDecoder().decode(bytes.subarray(0, maxBytes)) : all,
    structured: isLarge ? null : structured,
    content_types: content.map(({ type }) => type),
    truncated: isCut || isLarge,
    untrusted: true,
  };
}
