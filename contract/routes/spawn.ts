import { SpawnId } from '../ids.ts';
import { ReceiptSchema } from '../objects.ts';
import { SpawnRequestSchema, SpawnSchema } from '../spawn.ts';
import { z } from '../zod.ts';
import { pagesOf } from './paging.ts';
import { BOTH, COMMON_ERRORS, route } from './route.ts';

const params = z.strictObject({ id: SpawnId });

export const spawnRoutes = {
  spawn_create: route({
    method: 'POST',
    path: '/spawn',
    summary: 'Ask for one program to be run: by a standing grant that covers it at once, else as a draft that waits for a person',
    role: 'operator',
    classes: BOTH,
    body: SpawnRequestSchema,
    responses: { 202: SpawnSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND', 'CONFLICT', 'PLAN_INVALID', 'REPO_REFUSED', 'SANDBOX_MISSING', 'FENCE_INCOMPLETE'],
    forIntegrations: true,
  }),
  spawn_status: route({
    method: 'GET',
    path: '/spawn/{id}/status',
    summary: 'One program that was asked for, and what became of it',
    role: 'actions',
    classes: BOTH,
    params,
    responses: { 200: SpawnSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND'],
    forIntegrations: true,
  }),
  spawn_list: route({
    method: 'GET',
    path: '/spawn/list',
    summary: 'Programs that were asked for, newest first',
    role: 'actions',
    classes: BOTH,
    query: pagesOf('spawn'),
    responses: { 200: z.array(SpawnSchema) },
    errors: COMMON_ERRORS,
    forIntegrations: true,
    isPaged: true,
  }),
  spawn_kill: route({
    method: 'POST',
    path: '/spawn/{id}/kill',
    summary: 'Stop a program and everything it started; the answer is a receipt',
    role: 'operator',
    classes: BOTH,
    params,
    responses: { 200: ReceiptSchema, 202: ReceiptSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND', 'RUN_NOT_ACTIVE', 'ALREADY_CANCELLED'],
    forIntegrations: true,
    isStop: true,
  }),
} as const;
