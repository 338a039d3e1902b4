/** What is said between a model and whoever carries out its calls: messages after the first prompt, and the tools that it may ask for. */
import { JsonObjectSchema } from './json.ts';
import { z } from './zod.ts';

/** What both protocols take as the name of a tool. */
export const LlmToolName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1–64 letters, digits, _ or -');
const CallId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

export const TALK_LIMITS = { messages: 1000, tools: 128, calls: 64, chars: 2_000_000 } as const;

export const LlmToolSchema = z.strictObject({
  name: LlmToolName,
  description: z.string().max(20_000).default(''),
  /** JSON Schema of its arguments, an object. */
  input_schema: JsonObjectSchema,
});
export type LlmTool = z.output<typeof LlmToolSchema>;

const ToolCallSchema = z.strictObject({ id: CallId, name: LlmToolName, arguments: JsonObjectSchema });
export type ToolCall = z.output<typeof ToolCallSchema>;

const ToolResultSchema = z.strictObject({ id: CallId, text: z.string(), is_error: z.boolean().default(false) });
export type ToolResult = z.output<typeof ToolResultSchema>;

export const LlmMessageSchema = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('user'), text: z.string() }),
  z.strictObject({
    role: z.literal('assistant'),
    text: z.string(),
    tool_calls: z.array(ToolCallSchema).max(TALK_LIMITS.calls).default([]),
  }),
  /** What became of the calls of the message before, one result for each. */
  z.strictObject({ role: z.literal('tool'), results: z.array(ToolResultSchema).min(1).max(TALK_LIMITS.calls) }),
]);
export type LlmMessage = z.output<typeof LlmMessageSchema>;

/** A call that a model asked for. `fault`: why its arguments cannot be used; they are empty then. */
export type AskedCall = { name: string; arguments: ToolCall['arguments']; fault: string | null };
