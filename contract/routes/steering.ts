/** Stepping into a run: pause it, change one of its nodes. */
import { ComparisonSchema } from '../comparison.ts';
import { NODE_INSTANCE_ID, RunId } from '../ids.ts';
import { JsonSchema } from '../json.ts';
import { GraphNodeSchema, RunSchema } from '../objects.ts';
import { PrioritySchema } from '../priority.ts';
import { z } from '../zod.ts';
import { BOTH, HUMANS, route } from './route.ts';
import { NodeParams, RUN_ERRORS, RunParams, START_ERRORS } from './runs.ts';

export const RunPause = z.strictObject({
  /** `stop` also ends what is running; it is done again after the resume. */
  running: z.enum(['finish', 'stop']).optional(),
});
export const RunPriority = z.strictObject({ priority: PrioritySchema });
export const NodeSkip = z.strictObject({ reason: z.string().trim().min(1).max(2000) });

export const RunFork = z.strictObject({
  /** The first node that is done anew; a node of the top level of the plan. */
  from_node: z.string().regex(NODE_INSTANCE_ID),
  /** Other values for inputs that the plan leaves open. */
  inputs: z.record(z.string(), JsonSchema).optional(),
});

export const steeringRoutes = {
  runs_pause: route({
    method: 'POST',
    path: '/ops/runs/{id}/pause',
    summary: 'Start no further node; running ones finish, or are stopped and done again at the resume',
    role: 'operator',
    classes: BOTH,
    params: RunParams,
    body: RunPause.optional(),
    responses: { 200: RunSchema },
    errors: [...RUN_ERRORS, 'RUN_NOT_ACTIVE'],
    forIntegrations: true,
    isStop: true,
  }),
  runs_resume: route({
    method: 'POST',
    path: '/ops/runs/{id}/resume',
    summary: 'Go on after a pause',
    role: 'operator',
    classes: HUMANS,
    params: RunParams,
    responses: { 200: RunSchema },
    errors: [...RUN_ERRORS, 'RUN_NOT_ACTIVE'],
    forIntegrations: true,
  }),
  runs_priority: route({
    method: 'PUT',
    path: '/ops/runs/{id}/priority',
    summary: 'Give a run that goes on a larger or smaller share of the workers',
    role: 'operator',
    classes: HUMANS,
    params: RunParams,
    body: RunPriority,
    responses: { 200: RunSchema },
    errors: [...RUN_ERRORS, 'RUN_NOT_ACTIVE', 'PRIORITY_REFUSED'],
    forIntegrations: false,
  }),
  runs_retry: route({
    method: 'POST',
    path: '/ops/runs/{id}/nodes/{node}/retry',
    summary: 'Do a failed node once more while its run goes on',
    role: 'operator',
    classes: HUMANS,
    params: NodeParams,
    responses: { 200: GraphNodeSchema },
    errors: [...RUN_ERRORS, 'RUN_NOT_ACTIVE', 'NODE_STATE'],
    forIntegrations: true,
  }),
  runs_skip: route({
    method: 'POST',
    path: '/ops/runs/{id}/nodes/{node}/skip',
    summary: 'Leave out a node that has not started, waits, or failed',
    role: 'operator',
    classes: HUMANS,
    params: NodeParams,
    body: NodeSkip,
    responses: { 200: GraphNodeSchema },
    errors: [...RUN_ERRORS, 'RUN_NOT_ACTIVE', 'NODE_STATE'],
    forIntegrations: false,
  }),
  runs_fork: route({
    method: 'POST',
    path: '/ops/runs/{id}/fork',
    summary: 'Start a new run of the same approval from one node on; what stands before it is reused',
    role: 'operator',
    classes: BOTH,
    params: RunParams,
    body: RunFork,
    responses: { 201: RunSchema },
    errors: [...START_ERRORS, 'FORK_REFUSED'],
    forIntegrations: true,
  }),
  runs_compare: route({
    method: 'GET',
    path: '/ops/runs/{id}/compare/{other}',
    summary: 'Two runs side by side: status, attempts, time, cost and whether the outputs are equal, node by node',
    role: 'actions',
    classes: BOTH,
    params: RunParams.extend({ other: RunId }),
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(1000).default(200), cursor: z.string().max(50).optional() }),
    responses: { 200: ComparisonSchema },
    errors: RUN_ERRORS,
    forIntegrations: true,
    isPaged: true,
  }),
} as const;
