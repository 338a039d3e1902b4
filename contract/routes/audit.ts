import { AuditEntrySchema, AuditHeadSchema } from '../security.ts';
import { z } from '../zod.ts';
import { LogPages } from './paging.ts';
import { BOTH, COMMON_ERRORS, HUMANS, route } from './route.ts';

const Word = z.string().min(1).max(200).optional();
/** Every filter that is given must hold. */
export const AuditQuery = LogPages.extend({
  actor: Word,
  action: Word,
  object: Word,
  outcome: z.enum(['done', 'refused']).optional(),
  correlation_id: Word,
  since: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
});
export type AuditFilter = z.output<typeof AuditQuery>;

const list = {
  method: 'GET',
  summary: 'The audit log, newest first',
  role: 'operator',
  classes: BOTH,
  query: AuditQuery,
  responses: { 200: z.array(AuditEntrySchema) },
  errors: COMMON_ERRORS,
  forIntegrations: false,
  isPaged: true,
} as const;

export const auditRoutes = {
  audit_list: route({ ...list, path: '/ops/audit' }),
  ui_audit: route({ ...list, path: '/ui/audit' }),
  audit_head: route({
    method: 'GET',
    path: '/ops/audit/head',
    summary: 'Number and hash of the last entry and the root of the tree over all, signed; keep it elsewhere to notice later changes',
    role: 'operator',
    classes: BOTH,
    responses: { 200: AuditHeadSchema },
    errors: [...COMMON_ERRORS, 'AUDIT_FORKED'],
    forIntegrations: false,
  }),
  audit_export: route({
    method: 'GET',
    path: '/ops/audit/export',
    summary: 'The whole audit log as NDJSON, its signed head last; `gimo verify --export FILE` checks it offline',
    role: 'admin',
    classes: HUMANS,
    responses: { 200: z.string() },
    errors: [...COMMON_ERRORS, 'AUDIT_FORKED'],
    forIntegrations: false,
    media: 'application/x-ndjson',
  }),
} as const;
