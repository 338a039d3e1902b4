import { ChatReplySchema, ChatRequestSchema, ChatSessionSchema } from '../chat.ts';
import { ChatId } from '../ids.ts';
import { z } from '../zod.ts';
import { BOTH, COMMON_ERRORS, route } from './route.ts';

export const chatRoutes = {
  chat_send: route({
    method: 'POST',
    path: '/mcp/chat',
    summary: 'Say something in English or Spanish; with `require_action` it may become a draft, never more',
    role: 'operator',
    classes: BOTH,
    body: ChatRequestSchema,
    responses: { 200: ChatReplySchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND', 'CONFLICT', 'PANIC', 'GICS_FULL'],
    forIntegrations: true,
    maxBodyBytes: 128 * 1024,
  }),
  chat_session: route({
    method: 'GET',
    path: '/mcp/session/{session_id}',
    summary: 'The whole history of a chat',
    role: 'operator',
    classes: BOTH,
    params: z.strictObject({ session_id: ChatId }),
    responses: { 200: ChatSessionSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND'],
    forIntegrations: true,
  }),
} as const;
