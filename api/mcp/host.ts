import type { ServerContext } from '@modelcontextprotocol/server';
import type { Backend } from './backend.ts';
import { tighten, type McpOptions } from './options.ts';
import type { Questions } from './questions.ts';

/** What a server is given by the process that serves it. */
export type McpHost = {
  /** The API with the credential of this request. */
  backendOf: (ctx: ServerContext) => Backend;
  /** Shared by all servers of one process: a question may be answered through another connection. */
  questions: Questions;
  options: McpOptions;
  /** The server lives for one call of this tool, and needs nothing else. */
  onlyTool?: string;
};

/** The host's options, tightened by this request: a session may have been opened with wider headers. */
export function optionsOf(host: McpHost, ctx: ServerContext): McpOptions {
  return tighten(host.options, ctx.http?.req?.headers);
}
