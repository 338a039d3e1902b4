import { ApproversSchema } from '../approvers.ts';
import { DraftId, ApprovedId } from '../ids.ts';
import { JsonObjectSchema, JsonSchema } from '../json.ts';
import { ApprovedSchema, DRAFT_STATUSES, DraftSchema, FaultSchema, FindingSchema, PacketSchema, RunSchema } from '../objects.ts';
import { EnvelopeSchema } from '../envelope.ts';
import { z } from '../zod.ts';
import { pagesOf } from './paging.ts';
import { BOTH, COMMON_ERRORS, HUMANS, route } from './route.ts';

const DraftParams = z.strictObject({ id: DraftId });
const PlanGiven = JsonSchema.describe('A whole plan. How one is written: plan_format (GET /ops/plan/format, in MCP ops://plan-format)');
const Prompt = z.string().min(1).max(400_000);

/** A prompt, a plan, or both; unknown plan fields are refused by the plan's own validation. */
export const DraftCreate = z
  .strictObject({
    prompt: Prompt.optional(),
    plan: PlanGiven.optional(),
    context: JsonObjectSchema.optional(),
    provider: z.string().max(64).optional(),
  })
  .refine((body) => body.prompt !== undefined || body.plan !== undefined, 'give a prompt or a plan');
export const DraftUpdate = z
  .strictObject({
    prompt: Prompt.optional(),
    plan: PlanGiven.optional(),
    context: JsonObjectSchema.optional(),
    revision: z.int().optional(),
  })
  .refine(
    (body) => body.prompt !== undefined || body.plan !== undefined || body.context !== undefined,
    'give what to change: prompt, plan or context',
  );
export const ApproveBody = z.strictObject({
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  comment: z.string().max(5000).optional(),
  inputs: z.record(z.string(), JsonSchema).optional(),
});
export const RejectBody = z.strictObject({ comment: z.string().max(5000).optional() });
export const GenerateBody = z.strictObject({
  prompt: Prompt,
  provider: z.string().max(64).optional(),
  context: JsonObjectSchema.optional(),
});
const bool = z.enum(['true', 'false']).transform((value) => value === 'true');

export const draftRoutes = {
  drafts_list: route({
    method: 'GET',
    path: '/ops/drafts',
    summary: 'Drafts, newest first',
    role: 'actions',
    classes: BOTH,
    query: pagesOf('draft').extend({ status: z.enum(DRAFT_STATUSES).optional() }),
    responses: { 200: z.array(DraftSchema) },
    errors: COMMON_ERRORS,
    forIntegrations: true,
    isPaged: true,
  }),
  drafts_create: route({
    method: 'POST',
    path: '/ops/drafts',
    summary: 'Make a draft of a prompt or of a whole plan',
    role: 'admin',
    classes: BOTH,
    body: DraftCreate,
    responses: { 201: DraftSchema },
    errors: [...COMMON_ERRORS, 'PLAN_INVALID', 'PROVIDER_UNKNOWN', 'BAD_JSON', 'BODY_TOO_LARGE'],
    forIntegrations: true,
  }),
  drafts_validate: route({
    method: 'POST',
    path: '/ops/drafts/validate',
    summary: 'Check a plan; nothing is stored',
    role: 'actions',
    classes: BOTH,
    body: z.strictObject({ plan: PlanGiven }),
    responses: {
      200: z.object({
        valid: z.boolean(),
        faults: z.array(FaultSchema),
        findings: z.array(FindingSchema),
        envelope: EnvelopeSchema.nullable(),
      }),
    },
    errors: COMMON_ERRORS,
    forIntegrations: true,
  }),
  drafts_get: route({
    method: 'GET',
    path: '/ops/drafts/{id}',
    summary: 'One draft',
    role: 'actions',
    classes: BOTH,
    params: DraftParams,
    responses: { 200: DraftSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND'],
    forIntegrations: true,
  }),
  drafts_update: route({
    method: 'PUT',
    path: '/ops/drafts/{id}',
    summary: 'Edit a draft: a new revision',
    role: 'admin',
    classes: BOTH,
    params: DraftParams,
    body: DraftUpdate,
    responses: { 200: DraftSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND', 'PLAN_INVALID', 'ALREADY_DECIDED', 'CONFLICT'],
    forIntegrations: true,
  }),
  drafts_packet: route({
    method: 'GET',
    path: '/ops/drafts/{id}/packet',
    summary: 'All that an approver is shown',
    role: 'actions',
    classes: BOTH,
    params: DraftParams,
    responses: { 200: PacketSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND', 'REPO_REFUSED'],
    forIntegrations: true,
  }),
  drafts_reject: route({
    method: 'POST',
    path: '/ops/drafts/{id}/reject',
    summary: 'Reject a draft',
    role: 'admin',
    classes: HUMANS,
    params: DraftParams,
    body: RejectBody.optional(),
    responses: { 200: DraftSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND', 'ALREADY_DECIDED'],
    forIntegrations: false,
  }),
  drafts_veto: route({
    method: 'POST',
    path: '/ops/drafts/{id}/veto',
    summary: 'Say no to a draft that others may have agreed to: it is rejected',
    role: 'operator',
    classes: HUMANS,
    params: DraftParams,
    body: RejectBody.optional(),
    responses: { 200: DraftSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND', 'ALREADY_DECIDED'],
    forIntegrations: false,
  }),
  drafts_approve: route({
    method: 'POST',
    path: '/ops/drafts/{id}/approve',
    summary: 'Agree to exactly the plan with this hash; when enough people have, it is approved, and started if asked',
    role: 'operator',
    classes: HUMANS,
    params: DraftParams,
    query: z.strictObject({ auto_run: bool.optional() }),
    body: ApproveBody.optional(),
    responses: {
      200: z.object({ approved: ApprovedSchema, run: RunSchema.nullable() }),
      /** More people have to agree. */
      202: z.object({ approved: z.null(), run: z.null(), approvers: ApproversSchema }),
    },
    errors: [
      ...COMMON_ERRORS,
      'NOT_FOUND',
      'ALREADY_DECIDED',
      'ALREADY_VOTED',
      'SELF_APPROVAL',
      'PERSON_REQUIRED',
      'HASH_MISMATCH',
      'HASH_REQUIRED',
      'INPUTS_INVALID',
      'REPO_REFUSED',
    ],
    forIntegrations: false,
  }),
  generate: route({
    method: 'POST',
    path: '/ops/generate',
    summary: 'Let a provider write the plan of a draft (30 s at most)',
    role: 'operator',
    classes: BOTH,
    body: GenerateBody,
    responses: { 201: DraftSchema },
    errors: COMMON_ERRORS,
    forIntegrations: true,
    isCostly: true,
  }),
  approved_list: route({
    method: 'GET',
    path: '/ops/approved',
    summary: 'Approved artifacts, newest first',
    role: 'actions',
    classes: BOTH,
    query: pagesOf('approved'),
    responses: { 200: z.array(ApprovedSchema) },
    errors: COMMON_ERRORS,
    forIntegrations: true,
    isPaged: true,
  }),
  approved_get: route({
    method: 'GET',
    path: '/ops/approved/{id}',
    summary: 'One approved artifact with its signed decision',
    role: 'actions',
    classes: BOTH,
    params: z.strictObject({ id: ApprovedId }),
    responses: { 200: ApprovedSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND'],
    forIntegrations: true,
  }),
} as const;
