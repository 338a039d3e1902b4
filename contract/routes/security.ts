import { AuditEntrySchema, PanicSchema, StopAskedSchema } from '../security.ts';
import { z } from '../zod.ts';
import { LogPages } from './paging.ts';
import { BOTH, COMMON_ERRORS, HUMANS, route } from './route.ts';

const Reason = z.string().trim().max(500).default('');

export const securityRoutes = {
  security_events: route({
    method: 'GET',
    path: '/ui/security/events',
    summary: 'Refused tokens, locked addresses, lockdowns, tokens made and revoked; newest first',
    role: 'operator',
    classes: BOTH,
    query: LogPages,
    responses: { 200: z.array(AuditEntrySchema) },
    errors: COMMON_ERRORS,
    forIntegrations: false,
    isPaged: true,
  }),
  security_panic: route({
    method: 'POST',
    path: '/ui/security/panic',
    summary: 'Lock every change; with stop_runs also stop all live runs',
    role: 'admin',
    classes: HUMANS,
    body: z.strictObject({ reason: Reason, stop_runs: z.boolean().default(false) }).optional(),
    responses: { 200: z.object({ panic: PanicSchema, runs: z.array(StopAskedSchema) }) },
    errors: COMMON_ERRORS,
    forIntegrations: false,
    isStop: true,
  }),
  security_resolve: route({
    method: 'POST',
    path: '/ui/security/resolve',
    summary: 'End the lockdown and unlock all addresses',
    role: 'admin',
    classes: HUMANS,
    body: z.strictObject({ reason: Reason }).optional(),
    responses: { 200: PanicSchema },
    errors: COMMON_ERRORS,
    forIntegrations: false,
    isStop: true,
  }),
} as const;
