/** Stepping into a run: pause it, change one of its nodes. */
import { GraphNodeSchema, RunSchema } from '../objects.ts';
import { z } from '../zod.ts';
import { BOTH, HUMANS, route } from './route.ts';
import { NodeParams, RUN_ERRORS, RunParams } from './runs.ts';

export const RunPause = z.strictObject({
  /** `stop` also ends what is running; it is done again after the resume. */
  running: z.enum(['finish', 'stop']).optional(),
});
export const NodeSkip = z.strictObject({ reason: z.string().trim().min(1).max(2000) });

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
  }),
  runs_resume: route({
    method: 'POST',
    path: '/ops/runs/{id}/resume',
    summary: 'Go on after a pause',
    role: 'operator',
    classes: BOTH,
    params: RunParams,
    responses: { 200: RunSchema },
    errors: [...RUN_ERRORS, 'RUN_NOT_ACTIVE'],
    forIntegrations: true,
  }),
  runs_retry: route({
    method: 'POST',
    path: '/ops/runs/{id}/nodes/{node}/retry',
    summary: 'Do a failed node once more while its run goes on',
    role: 'operator',
    classes: BOTH,
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
} as const;
