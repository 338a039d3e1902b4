/** `gimo mcp`: the MCP server on stdio, for editors that start one. It talks to the running instance over its API. */
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import type { Command } from 'commander';
import {
  createMcpServer,
  EVERYTHING,
  isToolset,
  Questions,
  Refusal,
  splitNames,
  TaskListeningTransport,
  TOOLSETS,
  type Backend,
  type BackendInput,
  type McpOptions,
} from '#api/mcp/server.ts';
import type { Problem } from '#contract/objects.ts';
import type { RouteId } from '#contract/routes/index.ts';
import { agentClient, refusedTokenHint } from './agent-token.ts';
import type { ApiClient, CallInput } from './api-client.ts';
import { CliFailure, EXIT, problemJson } from './failure.ts';
import type { Session } from './session.ts';

type McpCommandOptions = { readOnly?: boolean; toolsets?: string };

export function addMcpCommand(program: Command, makeSession: (command: Command) => Session): void {
  const command = program
    .command('mcp')
    .description('Serve MCP on stdin and stdout for an editor or an agent; `gimo setup-mcp` writes its configuration')
    .option('--read-only', 'only tools that change nothing')
    .option('--toolsets <names>', `only these toolsets, separated by commas: ${TOOLSETS.join(', ')}`)
    .addHelpText('after', '\nExamples:\n  gimo mcp\n  gimo mcp --read-only --toolsets plans,runs');
  command.action((options: McpCommandOptions) => {
    const session = makeSession(command);
    const backend = stdioBackend(session);
    const questions = new Questions();
    const host = { backendOf: () => backend, questions, options: optionsOf(options) };
    const transport = new TaskListeningTransport(new StdioServerTransport(), { backend, questions });
    // stdout belongs to the protocol.
    serveStdio(() => createMcpServer(host), { transport, onerror: (error) => void process.stderr.write(`${error.message}\n`) });
  });
}

/** Throws: CliFailure (usage) for a name that is no toolset. */
function optionsOf({ readOnly = false, toolsets }: McpCommandOptions): McpOptions {
  const names = toolsets === undefined ? [...EVERYTHING.toolsets] : splitNames(toolsets);
  const unknown = names.find((name) => !isToolset(name));
  if (unknown !== undefined) throw new CliFailure(EXIT.usage, `${unknown} is no toolset; there are: ${TOOLSETS.join(', ')}.`);
  return { isReadOnly: readOnly, toolsets: TOOLSETS.filter((name) => names.includes(name)) };
}

/** A client is kept until its token is refused: GIMO may be started after the server, and the token replaced while it runs. */
function stdioBackend(session: Session): Backend {
  const { url } = session.settings();
  let kept: ApiClient | null = null;
  const client = async (): Promise<ApiClient> => (kept ??= await agentClient(session));
  const problemOf = (error: unknown): Problem => {
    const problem = problemJson(error);
    if (problem.code !== 'UNAUTHENTICATED') return problem;
    kept = null;
    return { ...problem, hint: refusedTokenHint(session) };
  };
  const refusing = async <T>(id: RouteId, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Refusal(problemOf(error), id);
    }
  };
  const call = (id: RouteId, { params, query, body, key, signal }: BackendInput = {}) => {
    const input: CallInput = { params, query, body, signal, ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }) };
    return refusing(id, signal, async () => (await client()).call(id, input));
  };
  const stream: Backend['stream'] = (id, { params, signal }) =>
    refusing(id, signal, async () => (await (await client()).send(id, { params, signal })).body ?? new Blob([]).stream());
  return { url, call, stream };
}
