/** What a client says that it can do: with each request since 2026-07-28, in the handshake before. It decides what is offered, never what is allowed. */
import { CLIENT_CAPABILITIES_META_KEY, type McpServer, type ServerContext } from '@modelcontextprotocol/server';
import { isJsonObject } from '#contract/json.ts';

export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

export type ClientFeatures = { form: boolean; url: boolean; tasks: boolean };

export function featuresOf(server: McpServer, ctx: ServerContext): ClientFeatures {
  const envelope: Record<string, unknown> = ctx.mcpReq.envelope ?? {};
  const own = envelope[CLIENT_CAPABILITIES_META_KEY];
  return own === undefined ? featuresIn(server.server.getClientCapabilities(), false) : featuresIn(own, true);
}

/** In: capabilities as a client sent them; `isModern`: with the request itself. */
export function featuresIn(capabilities: unknown, isModern: boolean): ClientFeatures {
  const { elicitation, extensions } = isJsonObject(capabilities) ? capabilities : {};
  const modes = isJsonObject(elicitation) ? elicitation : null;
  return {
    // A client that names no mode has forms: the first revision knew nothing else.
    form: modes !== null && ('form' in modes || !('url' in modes)),
    url: modes !== null && 'url' in modes,
    tasks: isModern && isJsonObject(extensions) && TASKS_EXTENSION in extensions,
  };
}
