import { GRAPH_PAGE } from '../graph-page.ts';
import { ApprovedId, GateId, NODE_INSTANCE_ID, RunId } from '../ids.ts';
import { JsonSchema } from '../json.ts';
import { GateSchema, GraphNodeSchema, NodeDetailSchema, ReceiptSchema, RunSchema } from '../objects.ts';
import { LogEntrySchema } from '../run-summary.ts';
import { RUN_STATUSES } from '../run-state.ts';
import { PrioritySchema } from '../priority.ts';
import { z } from '../zod.ts';
import { pagesOf } from './paging.ts';
import { BOTH, COMMON_ERRORS, HUMANS, route } from './route.ts';

export const RunParams = z.strictObject({ id: RunId });
const GateParams = z.strictObject({ id: GateId });
/** A draft id is well-formed here, so that it is answered with 403 and not with 400. */
export const RunCreate = z.strictObject({
  approved_id: z.string().min(1).max(100),
  inputs: z.record(z.string(), JsonSchema).optional(),
  priority: PrioritySchema.optional(),
});
export const GateAnswer = z.strictObject({
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  comment: z.string().max(5000).optional(),
  /** For gates of kind `unknown` (done or redo) and `failed` (redo or continue). */
  choice: z.enum(['done', 'redo', 'continue']).optional(),
});
export const NodeParams = RunParams.extend({ node: z.string().regex(NODE_INSTANCE_ID) });
const bool = z.enum(['true', 'false']).transform((value) => value === 'true');
export const RUN_ERRORS = [...COMMON_ERRORS, 'NOT_FOUND'] as const;

/** What refuses the start of a run. */
export const START_ERRORS = [
  ...RUN_ERRORS,
  'MAX_RUNS_SPENT',
  'APPROVAL_EXPIRED',
  'APPROVAL_REVOKED',
  'APPROVAL_INVALID',
  'INPUTS_INVALID',
  'PROVIDER_NOT_CONFIGURED',
  'ENV_UNSET',
  'SANDBOX_MISSING',
  'FENCE_INCOMPLETE',
] as const;

export const runRoutes = {
  runs_create: route({
    method: 'POST',
    path: '/ops/runs',
    summary: 'Start a run from an approved artifact',
    role: 'operator',
    classes: BOTH,
    body: RunCreate,
    responses: { 201: RunSchema },
    errors: [...START_ERRORS, 'DRAFT_NOT_RUNNABLE'],
    forIntegrations: true,
  }),
  runs_list: route({
    method: 'GET',
    path: '/ops/runs',
    summary: 'Runs, newest first',
    role: 'actions',
    classes: BOTH,
    query: pagesOf('run').extend({
      status: z.enum(RUN_STATUSES).optional(),
      archived: bool.optional(),
      approved_id: ApprovedId.optional(),
    }),
    responses: { 200: z.array(RunSchema) },
    errors: COMMON_ERRORS,
    forIntegrations: true,
    isPaged: true,
  }),
  runs_get: route({
    method: 'GET',
    path: '/ops/runs/{id}',
    summary: 'One run with the end of its log',
    role: 'actions',
    classes: BOTH,
    params: RunParams,
    responses: { 200: RunSchema },
    errors: RUN_ERRORS,
    forIntegrations: true,
  }),
  runs_cancel: route({
    method: 'POST',
    path: '/ops/runs/{id}/cancel',
    summary: 'Stop a run and everything it started; the answer is a receipt',
    role: 'operator',
    classes: BOTH,
    params: RunParams,
    responses: { 200: ReceiptSchema, 202: ReceiptSchema },
    errors: [...RUN_ERRORS, 'ALREADY_CANCELLED', 'RUN_NOT_ACTIVE'],
    forIntegrations: true,
    isStop: true,
  }),
  runs_graph: route({
    method: 'GET',
    path: '/ops/runs/{id}/graph',
    summary: 'The nodes of a run and their states',
    role: 'actions',
    classes: BOTH,
    params: RunParams,
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(GRAPH_PAGE).default(GRAPH_PAGE),
      cursor: z.string().max(500).optional(),
    }),
    responses: { 200: z.array(GraphNodeSchema) },
    errors: RUN_ERRORS,
    forIntegrations: true,
    isPaged: true,
  }),
  runs_log: route({
    method: 'GET',
    path: '/ops/runs/{id}/log',
    summary: 'The log of a run, oldest first',
    role: 'actions',
    classes: BOTH,
    params: RunParams,
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(1000).default(500),
      cursor: z.string().max(50).optional(),
      node: z.string().max(500).optional(),
    }),
    responses: { 200: z.array(LogEntrySchema) },
    errors: RUN_ERRORS,
    forIntegrations: true,
    isPaged: true,
  }),
  runs_node: route({
    method: 'GET',
    path: '/ops/runs/{id}/nodes/{node}',
    summary: 'One node: what it was given, its attempts, its output and where that comes from',
    role: 'actions',
    classes: BOTH,
    params: NodeParams,
    responses: { 200: NodeDetailSchema },
    errors: RUN_ERRORS,
    forIntegrations: true,
  }),
  runs_receipt: route({
    method: 'GET',
    path: '/ops/runs/{id}/receipt',
    summary: 'The receipt of the stop of a run',
    role: 'actions',
    classes: BOTH,
    params: RunParams,
    responses: { 200: ReceiptSchema },
    errors: RUN_ERRORS,
    forIntegrations: true,
  }),
  runs_events: route({
    method: 'GET',
    path: '/ops/runs/{id}/events',
    summary: 'Events of a run as they happen (SSE, Last-Event-ID resumes)',
    role: 'actions',
    classes: BOTH,
    params: RunParams,
    responses: { 200: z.string() },
    errors: RUN_ERRORS,
    forIntegrations: false,
    isStream: true,
  }),
  runs_node_stream: route({
    method: 'GET',
    path: '/ops/runs/{id}/nodes/{node}/stream',
    summary: 'Output of a node as it is written (SSE, Last-Event-ID resumes)',
    role: 'actions',
    classes: BOTH,
    params: NodeParams,
    responses: { 200: z.string() },
    errors: RUN_ERRORS,
    forIntegrations: false,
    isStream: true,
  }),
  gates_list: route({
    method: 'GET',
    path: '/ops/gates',
    summary: 'Questions to people, newest first',
    role: 'actions',
    classes: BOTH,
    query: pagesOf('gate').extend({
      status: z.enum(['open', 'approved', 'rejected', 'expired', 'withdrawn']).optional(),
      run_id: RunId.optional(),
    }),
    responses: { 200: z.array(GateSchema) },
    errors: COMMON_ERRORS,
    forIntegrations: true,
    isPaged: true,
  }),
  gates_get: route({
    method: 'GET',
    path: '/ops/gates/{id}',
    summary: 'One gate',
    role: 'actions',
    classes: BOTH,
    params: GateParams,
    responses: { 200: GateSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND'],
    forIntegrations: true,
  }),
  gates_approve: route({
    method: 'POST',
    path: '/ops/gates/{id}/approve',
    summary: 'Answer a gate with yes; it stays open while more people have to agree',
    role: 'operator',
    classes: HUMANS,
    params: GateParams,
    body: GateAnswer.optional(),
    responses: { 200: GateSchema },
    errors: [
      ...COMMON_ERRORS,
      'NOT_FOUND',
      'ALREADY_DECIDED',
      'ALREADY_VOTED',
      'SELF_APPROVAL',
      'PERSON_REQUIRED',
      'HASH_MISMATCH',
      'HASH_REQUIRED',
    ],
    forIntegrations: false,
  }),
  gates_reject: route({
    method: 'POST',
    path: '/ops/gates/{id}/reject',
    summary: 'Answer a gate with no',
    role: 'operator',
    classes: HUMANS,
    params: GateParams,
    body: GateAnswer.optional(),
    responses: { 200: GateSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND', 'ALREADY_DECIDED', 'HASH_MISMATCH'],
    forIntegrations: false,
  }),
} as const;
