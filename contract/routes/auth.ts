import { ROLES, TOKEN_CLASSES } from '../objects.ts';
import { z } from '../zod.ts';
import { BOTH, COMMON_ERRORS, HUMANS, route } from './route.ts';

const SessionSchema = z.object({
  label: z.string(),
  role: z.enum(ROLES),
  class: z.enum(TOKEN_CLASSES),
  /** The name on the token, null for the role tokens of the instance. */
  name: z.string().nullable(),
  expires_at: z.string(),
  csrf: z.string(),
});

export const authRoutes = {
  auth_login: route({
    method: 'POST',
    path: '/auth/login',
    summary: 'Exchange a token or a login code for a cookie session',
    role: 'public',
    classes: HUMANS,
    body: z.union([z.strictObject({ token: z.string().min(1).max(500) }), z.strictObject({ code: z.string().min(1).max(500) })]),
    responses: { 200: SessionSchema },
    errors: ['BAD_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'SOURCE_LOCKED', 'BODY_TOO_LARGE', 'GICS_UNAVAILABLE'],
    forIntegrations: false,
    maxBodyBytes: 4096,
  }),
  auth_logout: route({
    method: 'POST',
    path: '/auth/logout',
    summary: 'End the session',
    role: 'session',
    classes: HUMANS,
    responses: { 204: z.null() },
    errors: COMMON_ERRORS,
    forIntegrations: false,
    isStop: true,
  }),
  auth_session: route({
    method: 'GET',
    path: '/auth/session',
    summary: 'Who is signed in, and the CSRF value for mutations',
    role: 'session',
    classes: HUMANS,
    responses: { 200: SessionSchema },
    errors: COMMON_ERRORS,
    forIntegrations: false,
  }),
  auth_whoami: route({
    method: 'GET',
    path: '/auth/whoami',
    summary: 'Label, role and class of the credential of this request',
    role: 'actions',
    classes: BOTH,
    responses: { 200: z.object({ label: z.string(), role: z.enum(ROLES), class: z.enum(TOKEN_CLASSES) }) },
    errors: COMMON_ERRORS,
    forIntegrations: false,
  }),
} as const;
