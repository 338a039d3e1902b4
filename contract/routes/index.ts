/** The route table. Fastify routes, OpenAPI, the CLI and the web client are made from it and from nothing else. */
import { agentRoutes } from './agents.ts';
import { auditRoutes } from './audit.ts';
import { codecRoutes } from './codec.ts';
import { statsRoutes } from './stats.ts';
import { authRoutes } from './auth.ts';
import { chatRoutes } from './chat.ts';
import { draftRoutes } from './drafts.ts';
import { grantRoutes } from './grants.ts';
import { instanceRoutes } from './instance.ts';
import { mcpServerRoutes } from './mcp-servers.ts';
import { planRoutes } from './plan.ts';
import { recordRoutes } from './records.ts';
import { repoRoutes } from './repo.ts';
import { runRoutes } from './runs.ts';
import { securityRoutes } from './security.ts';
import { spawnRoutes } from './spawn.ts';
import { steeringRoutes } from './steering.ts';
import { systemRoutes } from './system.ts';
import { tokenRoutes } from './tokens.ts';
import { webhookRoutes } from './webhooks.ts';

export const ROUTES = {
  ...systemRoutes,
  ...planRoutes,
  ...authRoutes,
  ...tokenRoutes,
  ...securityRoutes,
  ...auditRoutes,
  ...codecRoutes,
  ...statsRoutes,
  ...instanceRoutes,
  ...draftRoutes,
  ...grantRoutes,
  ...runRoutes,
  ...steeringRoutes,
  ...spawnRoutes,
  ...repoRoutes,
  ...webhookRoutes,
  ...recordRoutes,
  ...chatRoutes,
  ...mcpServerRoutes,
  ...agentRoutes,
} as const;
export type RouteId = keyof typeof ROUTES;
export const ROUTE_IDS = Object.keys(ROUTES) as RouteId[];
