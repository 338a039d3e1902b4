import { JsonObjectSchema } from '../json.ts';
import { ServerName, toolId, ToolName } from '../mcp-names.ts';
import { z } from '../zod.ts';
import { defineKind, NO_EFFECTS } from './kind.ts';

/**
 * A tool of a configured MCP server, as it was described when the plan was approved.
 * Output: `{text, structured, content_types, truncated, untrusted, duration_ms}`; `untrusted` says that it came from outside.
 */
export const mcpToolKind = defineKind({
  summary: 'A tool of a configured MCP server',
  output: '`{text, structured, content_types, truncated, untrusted, duration_ms}`',
  example: { server: 'tickets', tool: 'create', arguments: { title: 'It is broken' } },
  with: z.strictObject({
    server: ServerName,
    tool: ToolName,
    arguments: JsonObjectSchema.default({}),
    max_bytes: z.int().min(0).max(4_000_000).default(1_000_000).describe('The rest of a longer answer is cut off'),
    idempotent: z.boolean().default(false).describe('Declares that calling it again after a crash does no harm'),
  }),
  lane: 'general',
  effectMode: (value) => (value.idempotent ? 'idempotent' : 'at_most_once'),
  effects: (value, toPattern) => ({ ...NO_EFFECTS, tools: [toPattern(toolId(value.server, value.tool))] }),
  jsonFields: ['arguments'],
});
