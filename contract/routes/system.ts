import { JsonObjectSchema } from '../json.ts';
import { PlanSchema } from '../objects.ts';
import { ReadySchema } from '../ready.ts';
import { ApprovalConfigSchema } from '../approval-rule.ts';
import { OpsConfigSchema } from '../ops-config.ts';
import { ProviderUpdateSchema } from '../provider.ts';
import { PanicSchema } from '../security.ts';
import { z } from '../zod.ts';
import { BOTH, COMMON_ERRORS, HUMANS, route } from './route.ts';

const ProvidersView = z.object({
  active: z.string(),
  providers: z.record(
    z.string(),
    z
      .object({
        type: z.string(),
        base_url: z.string().nullable(),
        model: z.string(),
        api_key: z.string().nullable(),
        key_set: z.boolean().nullable(),
      })
      .loose(),
  ),
});
const StatusSchema = z.object({
  version: z.string(),
  uptime_s: z.number(),
  panic: z.boolean(),
  /** Addresses that are locked because they sent too many unknown tokens. */
  locked_sources: z.int(),
  counts: z.record(z.string(), z.int()),
  parts: ReadySchema.shape.parts,
  providers: z.object({ active: z.string(), names: z.array(z.string()) }),
});

export const systemRoutes = {
  health: route({
    method: 'GET',
    path: '/health',
    summary: 'The process answers',
    role: 'public',
    classes: BOTH,
    responses: { 200: z.object({ ok: z.boolean() }) },
    errors: [],
    forIntegrations: true,
  }),
  ready: route({
    method: 'GET',
    path: '/ready',
    summary: 'Each part and whether it works; 503 when one that is needed does not',
    role: 'public',
    classes: BOTH,
    responses: { 200: ReadySchema },
    errors: [],
    forIntegrations: true,
  }),
  status: route({
    method: 'GET',
    path: '/status',
    summary: 'Version, uptime, parts, counts',
    role: 'actions',
    classes: BOTH,
    responses: { 200: StatusSchema },
    errors: COMMON_ERRORS,
    forIntegrations: true,
  }),
  openapi: route({
    method: 'GET',
    path: '/openapi.json',
    summary: 'The whole API',
    role: 'operator',
    classes: BOTH,
    responses: { 200: JsonObjectSchema },
    errors: COMMON_ERRORS,
    forIntegrations: false,
  }),
  ops_openapi: route({
    method: 'GET',
    path: '/ops/openapi.json',
    summary: 'What an outside tool may use',
    role: 'actions',
    classes: BOTH,
    responses: { 200: JsonObjectSchema },
    errors: COMMON_ERRORS,
    forIntegrations: true,
  }),
  provider_get: route({
    method: 'GET',
    path: '/ops/provider',
    summary: 'Provider configuration, keys as references only',
    role: 'admin',
    classes: BOTH,
    responses: { 200: ProvidersView },
    errors: COMMON_ERRORS,
    forIntegrations: false,
  }),
  provider_put: route({
    method: 'PUT',
    path: '/ops/provider',
    summary: 'Change providers, or switch with `active` alone',
    role: 'admin',
    classes: HUMANS,
    body: ProviderUpdateSchema,
    responses: { 200: ProvidersView },
    errors: [...COMMON_ERRORS, 'PROVIDER_UNKNOWN', 'CONFLICT'],
    forIntegrations: false,
  }),
  provider_health: route({
    method: 'GET',
    path: '/ops/provider/health',
    summary: 'Whether the active provider (or the one named) answers',
    role: 'operator',
    classes: BOTH,
    query: z.strictObject({ name: z.string().max(64).optional() }),
    responses: {
      200: z.object({
        name: z.string(),
        ok: z.boolean(),
        detail: z.string(),
        latency_ms: z.number().nullable(),
        models: z.array(z.string()),
      }),
    },
    errors: [...COMMON_ERRORS, 'PROVIDER_UNKNOWN'],
    forIntegrations: true,
    isCostly: true,
  }),
  config_get: route({
    method: 'GET',
    path: '/ops/config',
    summary: 'Configuration',
    role: 'operator',
    classes: BOTH,
    responses: { 200: OpsConfigSchema },
    errors: COMMON_ERRORS,
    forIntegrations: false,
  }),
  config_put: route({
    method: 'PUT',
    path: '/ops/config',
    summary: 'Change configuration; fields left out stay',
    role: 'admin',
    classes: HUMANS,
    body: z.strictObject({
      default_auto_run: z.boolean().optional(),
      draft_cleanup_ttl_days: OpsConfigSchema.shape.draft_cleanup_ttl_days.unwrap().optional(),
      max_concurrent_runs: OpsConfigSchema.shape.max_concurrent_runs.unwrap().optional(),
      drain: OpsConfigSchema.shape.drain.unwrap().optional(),
      fence_required: OpsConfigSchema.shape.fence_required.unwrap().optional(),
      max_spawn_seconds: OpsConfigSchema.shape.max_spawn_seconds.unwrap().optional(),
      operator_can_generate: z.boolean().optional(),
      local_hosts: OpsConfigSchema.shape.local_hosts.unwrap().optional(),
      agent_trust: OpsConfigSchema.shape.agent_trust.unwrap().optional(),
      daily_caps: OpsConfigSchema.shape.daily_caps.unwrap().optional(),
      node_secrets: OpsConfigSchema.shape.node_secrets.unwrap().optional(),
      approval: ApprovalConfigSchema.optional(),
    }),
    responses: { 200: OpsConfigSchema },
    errors: [...COMMON_ERRORS, 'CONFLICT'],
    forIntegrations: false,
  }),
  ui_status: route({
    method: 'GET',
    path: '/ui/status',
    summary: 'Active repository, state, allowlist',
    role: 'actions',
    classes: BOTH,
    responses: {
      200: z.object({
        version: z.string(),
        repo: z
          .object({
            path: z.string(),
            name: z.string(),
            branch: z.string().nullable(),
            commit: z.string().nullable(),
            is_dirty: z.boolean(),
          })
          .nullable(),
        allowlist: z.array(z.string()),
        panic: PanicSchema,
        ready: z.boolean(),
        fence: z.string(),
        open_gates: z.int(),
        temporal_url: z.string().nullable(),
        examples: z.array(z.object({ name: z.string(), title: z.string(), intent: z.string(), plan: PlanSchema })),
      }),
    },
    errors: COMMON_ERRORS,
    forIntegrations: true,
  }),
} as const;
