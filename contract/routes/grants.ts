import { ApprovedId, DraftId, GrantId } from '../ids.ts';
import { ApprovedSchema, RunSchema } from '../objects.ts';
import { StopAskedSchema } from '../security.ts';
import { GrantCreate, GrantSchema } from '../standing-grant.ts';
import { z } from '../zod.ts';
import { pagesOf } from './paging.ts';
import { BOTH, COMMON_ERRORS, HUMANS, route } from './route.ts';

const bool = z.enum(['true', 'false']).transform((value) => value === 'true');
const Hash = z.string().regex(/^[0-9a-f]{64}$/);

export const grantRoutes = {
  approved_revoke: route({
    method: 'POST',
    path: '/ops/approved/{id}/revoke',
    summary: 'Take an approval back: no run starts from it, and its runs begin no further effect; with stop_runs they are stopped',
    role: 'operator',
    classes: HUMANS,
    params: z.strictObject({ id: ApprovedId }),
    body: z.strictObject({ reason: z.string().trim().max(500).default(''), stop_runs: z.boolean().default(false) }).optional(),
    responses: { 200: z.object({ approved: ApprovedSchema, runs: z.array(StopAskedSchema) }) },
    errors: [...COMMON_ERRORS, 'NOT_FOUND'],
    forIntegrations: false,
    isStop: true,
  }),
  drafts_grant: route({
    method: 'POST',
    path: '/ops/drafts/{id}/grant',
    summary: 'Have a draft approved by a standing grant that covers it',
    role: 'operator',
    classes: BOTH,
    params: z.strictObject({ id: DraftId }),
    query: z.strictObject({ auto_run: bool.optional() }),
    body: z.strictObject({ hash: Hash, grant_id: GrantId.optional() }),
    responses: { 200: z.object({ approved: ApprovedSchema, run: RunSchema.nullable() }) },
    errors: [...COMMON_ERRORS, 'NOT_FOUND', 'ALREADY_DECIDED', 'HASH_MISMATCH', 'GRANT_REFUSED', 'REPO_REFUSED', 'INPUTS_INVALID'],
    forIntegrations: true,
  }),
  grants_list: route({
    method: 'GET',
    path: '/ops/grants',
    summary: 'Standing grants, newest first, with how often each was used',
    role: 'actions',
    classes: BOTH,
    query: pagesOf('grant'),
    responses: { 200: z.array(GrantSchema) },
    errors: COMMON_ERRORS,
    forIntegrations: true,
    isPaged: true,
  }),
  grants_create: route({
    method: 'POST',
    path: '/ops/grants',
    summary: 'Make a standing grant: drafts that it covers may be approved by it, so often and so long',
    role: 'admin',
    classes: HUMANS,
    body: GrantCreate,
    responses: { 201: GrantSchema },
    errors: [...COMMON_ERRORS, 'REPO_REFUSED'],
    forIntegrations: false,
  }),
  grants_revoke: route({
    method: 'DELETE',
    path: '/ops/grants/{id}',
    summary: 'End a standing grant; runs that it approved begin no further effect',
    role: 'operator',
    classes: HUMANS,
    params: z.strictObject({ id: GrantId }),
    responses: { 200: GrantSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND'],
    forIntegrations: false,
    isStop: true,
  }),
} as const;
