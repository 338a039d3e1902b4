/** The active plan, and how plans are written. */
import { JsonObjectSchema, JsonSchema } from '../json.ts';
import { PlanSchema } from '../objects.ts';
import { z } from '../zod.ts';
import { BOTH, COMMON_ERRORS, HUMANS, route } from './route.ts';

const Task = z.object({ id: z.string(), title: z.string(), kind: z.string(), needs: z.array(z.string()), status: z.string() });
export const ActivePlanSchema = z.object({
  id: z.string().nullable(),
  title: z.string().nullable(),
  status: z.string(),
  tasks: z.array(Task),
  plan: PlanSchema.nullable(),
  updated_at: z.string().nullable(),
});

/** Either a whole plan, or the seeds' `{id, title, tasks[]}`: each task becomes an `llm` node. */
export const ActivePlanUpdate = z.union([
  z.strictObject({ plan: JsonSchema }),
  z.looseObject({ version: z.literal(1) }),
  z.strictObject({
    id: z.string().max(100).optional(),
    title: z.string().min(1).max(200),
    status: z.string().max(50).optional(),
    tasks: z
      .array(
        z.looseObject({ id: z.string().min(1).max(64), title: z.string().max(400_000).optional(), needs: z.array(z.string()).optional() }),
      )
      .min(1)
      .max(1000),
  }),
]);

const Texts = z.record(z.string(), z.string());
const PlanFormatSchema = z.object({
  /** How the fields below are written. */
  notation: z.string(),
  plan: Texts,
  node: Texts,
  expressions: z.array(z.string()),
  /** `example` is a `with`; `before` in it stands for a node in `needs`. */
  kinds: z.record(z.string(), z.object({ summary: z.string(), with: Texts, output: z.string(), example: JsonObjectSchema })),
  /** A whole plan. */
  example: JsonObjectSchema,
});
export type PlanFormat = z.output<typeof PlanFormatSchema>;

export const planRoutes = {
  plan_get: route({
    method: 'GET',
    path: '/ops/plan',
    summary: 'The active plan',
    role: 'actions',
    classes: BOTH,
    responses: { 200: ActivePlanSchema },
    errors: COMMON_ERRORS,
    forIntegrations: true,
  }),
  plan_put: route({
    method: 'PUT',
    path: '/ops/plan',
    summary: 'Set the active plan',
    role: 'admin',
    classes: HUMANS,
    body: ActivePlanUpdate,
    responses: { 200: ActivePlanSchema },
    errors: [...COMMON_ERRORS, 'PLAN_INVALID'],
    forIntegrations: false,
  }),
  plan_format: route({
    method: 'GET',
    path: '/ops/plan/format',
    summary: 'How a plan is written: its fields, the kinds of nodes with an example each, expressions',
    role: 'actions',
    classes: BOTH,
    responses: { 200: PlanFormatSchema },
    errors: COMMON_ERRORS,
    forIntegrations: true,
  }),
} as const;
