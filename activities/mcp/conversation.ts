/** One conversation with an MCP server: connect, ask, end. Nothing stays open between effects. */
import { Client, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { errorMessage, GimoError } from '#contract/errors.ts';
import { MCP_LIMITS, McpToolSchema, type McpServerConfig, type McpTool } from '#contract/mcp-servers.ts';
import type { Json } from '#contract/json.ts';
import type { ActivityDeps } from '../deps.ts';
import { untilDeadline, type RequestProgress } from '../net/guarded-request.ts';
import type { ProcessHooks } from '../process/run-process.ts';
import { readOpsConfig } from '../runs/settings.ts';
import { FencedTransport } from './fenced-transport.ts';
import { guardedFetch } from './guarded-fetch.ts';

export type Conversation = {
  deps: Pick<ActivityDeps, 'config' | 'fence' | 'env' | 'gics'>;
  server: McpServerConfig;
  /** Names whatever is started, so that it is found again. */
  effectId: string;
  timeoutMs: number;
  maxBytes: number;
  signal: AbortSignal;
  onStart?: ProcessHooks['onStart'];
  onStderr: (text: string) => void | Promise<void>;
};

/** What the protocol needs around an answer. */
const OVERHEAD_BYTES = 4 * MCP_LIMITS.listBytes;

async function transportOf(talk: Conversation, signal: AbortSignal): Promise<Transport> {
  const { deps, server } = talk;
  const maxBytes = talk.maxBytes + OVERHEAD_BYTES;
  if (server.type === 'stdio') {
    const { effectId, onStart, onStderr } = talk;
    return new FencedTransport({ deps, server, effectId, maxBytes, signal, onStderr, ...(onStart === undefined ? {} : { onStart }) });
  }
  const progress: RequestProgress = { wasSent: false };
  const config = await readOpsConfig(deps.gics);
  const url = new URL(server.url);
  const fetch = guardedFetch({ url: url.href, secretHeaders: server.secret_headers, config, env: deps.env, maxBytes, signal, progress });
  return new StreamableHTTPClientTransport(url, { fetch });
}

/**
 * Runs `work` with a connected client that can do nothing but call: it samples nothing, asks nobody, shows no roots.
 * Waits: at most `timeoutMs`. Throws: TIMEOUT, MCP_FAILED, what `work` throws as a coded error. Nothing is left running.
 */
export async function converse<T>(talk: Conversation, work: (client: Client, signal: AbortSignal) => Promise<T>): Promise<T> {
  const { timeoutMs, signal, server } = talk;
  return untilDeadline({ timeoutMs, signal, what: 'The MCP server' }, async (end) => {
    const transport = await transportOf(talk, end);
    // A modern handshake over stdio would start the program twice.
    const mode = server.type === 'stdio' ? ('legacy' as const) : ('auto' as const);
    const client = new Client({ name: 'gimo', version: '1' }, { capabilities: {}, versionNegotiation: { mode } });
    try {
      await client.connect(transport, { signal: end, timeout: timeoutMs });
      return await work(client, end);
    } catch (error) {
      end.throwIfAborted();
      const coded = codedIn(error);
      if (coded !== null) throw coded;
      throw new GimoError('MCP_FAILED', { message: `The MCP server did not answer as it should: ${errorMessage(error)}`, cause: error });
    } finally {
      await client.close().catch(() => undefined); // the answer is there, or its failure is on its way
      await transport.close();
    }
  });
}

/** The client wraps what its transport throws. */
function codedIn(error: unknown): GimoError | null {
  for (let at: unknown = error; at instanceof Error; at = at.cause) if (at instanceof GimoError) return at;
  return null;
}

/** All pages. Throws: OUTPUT_TOO_LARGE for a server with more than can be shown. */
export async function toolsOf(client: Client, options: { signal: AbortSignal; timeout: number }): Promise<McpTool[]> {
  const tools: McpTool[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listTools(cursor === undefined ? {} : { cursor }, options);
    tools.push(...page.tools.map(asTool));
    cursor = page.nextCursor;
    if (tools.length > MCP_LIMITS.tools || JSON.stringify(tools).length > MCP_LIMITS.listBytes)
      throw new GimoError('OUTPUT_TOO_LARGE', {
        message: `The MCP server has more tools than the ${MCP_LIMITS.tools} that can be listed.`,
      });
  } while (cursor !== undefined);
  return tools;
}

type RawTool = { name: string; description?: string; inputSchema: unknown; outputSchema?: unknown; annotations?: unknown };

function asTool({ name, description = '', inputSchema, outputSchema = null, annotations = null }: RawTool): McpTool {
  const parsed = McpToolSchema.safeParse({
    name,
    description,
    input_schema: inputSchema as Json,
    output_schema: outputSchema as Json,
    annotations: annotations as Json,
  });
  if (parsed.success) return parsed.data;
  throw new GimoError('MCP_FAILED', {
    message: `The MCP server describes its tool \`${name.slice(0, 100)}\` in a form that cannot be used.`,
  });
}
