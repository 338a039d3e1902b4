/** The chat for bare clients: what is said, how it was understood, and what came of it. */
import { ChatId, DraftId } from './ids.ts';
import { z } from './zod.ts';

/**
 * `negated`: something that changes the world was named in order not to be done. `unclear`: it is about something of ours, but what is
 * wanted was not understood.
 */
export const INTENTS = [
  'spawn',
  'route',
  'scan',
  'repair',
  'status',
  'approve',
  'cancel',
  'help',
  'negated',
  'unclear',
  'out_of_scope',
] as const;
export type Intent = (typeof INTENTS)[number];

export const CHAT_LIMITS = { messageChars: 20_000, turns: 1000 };

export const ChatRequestSchema = z.strictObject({
  user_message: z.string().trim().min(1).max(CHAT_LIMITS.messageChars),
  /** Whether a draft may be made; nothing else ever comes of a message. */
  require_action: z.boolean().default(false),
  session_id: ChatId.optional(),
});
export type ChatRequest = z.output<typeof ChatRequestSchema>;

export const ChatActionSchema = z.object({ action: z.literal('draft_created'), draft_id: DraftId, kind: z.string(), url: z.string() });
export type ChatAction = z.output<typeof ChatActionSchema>;

export const ChatReplySchema = z.object({
  response: z.string(),
  actions_taken: z.array(ChatActionSchema),
  session_id: ChatId,
  intent: z.enum(INTENTS),
  /** 0 to 1. */
  confidence: z.number(),
});
export type ChatReply = z.output<typeof ChatReplySchema>;

export const ChatTurnSchema = ChatReplySchema.omit({ session_id: true }).extend({
  at: z.string(),
  user_message: z.string(),
  require_action: z.boolean(),
});
export type ChatTurn = z.output<typeof ChatTurnSchema>;

export const ChatSessionSchema = z.object({
  session_id: ChatId,
  created_at: z.string(),
  created_by: z.string(),
  updated_at: z.string(),
  turns: z.array(ChatTurnSchema),
});
export type ChatSession = z.output<typeof ChatSessionSchema>;
