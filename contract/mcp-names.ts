/** Names of MCP servers and of their tools. A reference is none, so a plan says which tool it means. */
import { z } from './zod.ts';

export const ServerName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'must be a lower-case letter, then letters, digits, _ or - (at most 63)')
  // Envelopes name the webhooks of `notify` nodes in the same way.
  .refine((name) => name !== 'webhook', 'is taken by webhooks');
/** What the protocol allows. */
export const ToolName = z.string().regex(/^[\w./-]{1,128}$/, 'must be the name of a tool, without a reference');

export const toolId = (server: string, tool: string): string => `${server}/${tool}`;
