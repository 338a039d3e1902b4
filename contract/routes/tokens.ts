import { TokenId } from '../ids.ts';
import { TokenCreate, TokenMade, TokenSchema } from '../tokens.ts';
import { z } from '../zod.ts';
import { pagesOf } from './paging.ts';
import { COMMON_ERRORS, HUMANS, route } from './route.ts';

export const tokenRoutes = {
  tokens_list: route({
    method: 'GET',
    path: '/auth/tokens',
    summary: 'Named tokens, newest first; never their values',
    role: 'admin',
    classes: HUMANS,
    query: pagesOf('token'),
    responses: { 200: z.array(TokenSchema) },
    errors: COMMON_ERRORS,
    forIntegrations: false,
    isPaged: true,
  }),
  tokens_create: route({
    method: 'POST',
    path: '/auth/tokens',
    summary: 'Make a token for a person or an agent; its value is shown once',
    role: 'admin',
    classes: HUMANS,
    body: TokenCreate,
    responses: { 201: TokenMade },
    errors: COMMON_ERRORS,
    forIntegrations: false,
  }),
  tokens_revoke: route({
    method: 'DELETE',
    path: '/auth/tokens/{id}',
    summary: 'Revoke a token: it and its browser sessions end at once',
    role: 'admin',
    classes: HUMANS,
    params: z.strictObject({ id: TokenId }),
    responses: { 200: TokenSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND'],
    forIntegrations: false,
    isStop: true,
  }),
} as const;
