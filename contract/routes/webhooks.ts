import { WebhookId } from '../ids.ts';
import { DELIVERY_STATUSES, DeliverySchema, WebhookCreate, WebhookSchema } from '../webhooks.ts';
import { z } from '../zod.ts';
import { pagesOf } from './paging.ts';
import { COMMON_ERRORS, HUMANS, route } from './route.ts';

const WebhookParams = z.strictObject({ id: WebhookId });

export const webhookRoutes = {
  webhooks_list: route({
    method: 'GET',
    path: '/ops/webhooks',
    summary: 'Where GIMO reports to',
    role: 'actions',
    classes: HUMANS,
    query: pagesOf('webhook'),
    responses: { 200: z.array(WebhookSchema) },
    errors: COMMON_ERRORS,
    forIntegrations: false,
    isPaged: true,
  }),
  webhooks_create: route({
    method: 'POST',
    path: '/ops/webhooks',
    summary: 'Register a webhook',
    role: 'admin',
    classes: HUMANS,
    body: WebhookCreate,
    responses: { 201: WebhookSchema },
    errors: [...COMMON_ERRORS, 'CONFLICT', 'ADDRESS_REFUSED'],
    forIntegrations: false,
  }),
  webhooks_delete: route({
    method: 'DELETE',
    path: '/ops/webhooks/{id}',
    summary: 'Remove a webhook; what has not been delivered is given up',
    role: 'admin',
    classes: HUMANS,
    params: WebhookParams,
    responses: { 204: z.null() },
    errors: [...COMMON_ERRORS, 'NOT_FOUND'],
    forIntegrations: false,
  }),
  webhooks_deliveries: route({
    method: 'GET',
    path: '/ops/webhooks/{id}/deliveries',
    summary: 'What was sent to a webhook, with every try',
    role: 'actions',
    classes: HUMANS,
    params: WebhookParams,
    query: pagesOf('delivery').extend({ status: z.enum(DELIVERY_STATUSES).optional() }),
    responses: { 200: z.array(DeliverySchema) },
    errors: [...COMMON_ERRORS, 'NOT_FOUND'],
    forIntegrations: false,
    isPaged: true,
  }),
} as const;
