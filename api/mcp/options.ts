/** What of the server is offered. The operator's choice is the widest; headers of a request can only take away from it. */
import { TOOLSETS, type Tool, type Toolset } from './tool.ts';

export type McpOptions = { isReadOnly: boolean; toolsets: readonly Toolset[] };

export const EVERYTHING: McpOptions = { isReadOnly: false, toolsets: TOOLSETS };
export const TOOLSETS_HEADER = 'x-gimo-mcp-toolsets';
export const READ_ONLY_HEADER = 'x-gimo-mcp-read-only';

export function isToolset(name: string): name is Toolset {
  return TOOLSETS.some((toolset) => toolset === name);
}

/** Names of toolsets, separated by commas. */
export function splitNames(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** A name in the header that is no toolset, null when all are: whoever misspells one would be offered nothing, and not know why. */
export function unknownToolset(header: string | null): string | null {
  return splitNames(header ?? '').find((name) => !isToolset(name)) ?? null;
}

/** The options of one request. A header that would widen has no effect. */
export function tighten(options: McpOptions, headers: Pick<Headers, 'get'> | undefined): McpOptions {
  const names = headers?.get(TOOLSETS_HEADER) ?? null;
  const readOnly = (headers?.get(READ_ONLY_HEADER) ?? '').toLowerCase();
  const wanted = names === null ? null : new Set(splitNames(names));
  return {
    isReadOnly: options.isReadOnly || readOnly === '1' || readOnly === 'true',
    toolsets: wanted === null ? options.toolsets : options.toolsets.filter((name) => wanted.has(name)),
  };
}

export function isOffered(tool: Tool, { isReadOnly, toolsets }: McpOptions): boolean {
  return toolsets.includes(tool.toolset) && (tool.hints.readOnly || !isReadOnly);
}
