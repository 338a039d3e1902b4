/** The registry of agents, and work that is handed to them. */
import { AgentCreate, AgentSchema, AgentUpdate } from '../agents.ts';
import { DelegationRequestSchema } from '../delegation.ts';
import { AgentId, RunId } from '../ids.ts';
import { ErrorInfoSchema } from '../run-summary.ts';
import { RUN_STATUSES } from '../run-state.ts';
import { z } from '../zod.ts';
import { pagesOf } from './paging.ts';
import { BOTH, COMMON_ERRORS, HUMANS, route } from './route.ts';

const ById = z.strictObject({ id: AgentId });
const ByAgentId = z.strictObject({ agentId: AgentId });
export const DelegateBody = DelegationRequestSchema.extend({ run_id: RunId });

/** `delegation_id` names the run of the agent; `stream` is what it writes, as the run that delegated sees it. */
const DelegatedSchema = z.object({
  delegation_id: z.string(),
  run_id: z.string(),
  parent_run_id: z.string(),
  node: z.string(),
  status: z.enum(RUN_STATUSES),
  stream: z.string(),
});
export type Delegated = z.output<typeof DelegatedSchema>;

export const DelegationSchema = z.object({
  delegation_id: z.string(),
  run_id: z.string(),
  parent_run_id: z.string(),
  node: z.string(),
  task: z.string(),
  depth: z.int(),
  status: z.enum(RUN_STATUSES),
  created_at: z.string(),
  finished_at: z.string().nullable(),
  cost_usd: z.number().nullable(),
  error: ErrorInfoSchema.nullable(),
});
export type DelegationView = z.output<typeof DelegationSchema>;

export const agentRoutes = {
  agents_list: route({
    method: 'GET',
    path: '/ops/agents',
    summary: 'Agents that runs may delegate to, newest first',
    role: 'actions',
    classes: BOTH,
    query: pagesOf('agent'),
    responses: { 200: z.array(AgentSchema) },
    errors: COMMON_ERRORS,
    forIntegrations: true,
    isPaged: true,
  }),
  agents_create: route({
    method: 'POST',
    path: '/ops/agents',
    summary: 'Register an agent and say how far it is trusted',
    role: 'admin',
    classes: HUMANS,
    body: AgentCreate,
    responses: { 201: AgentSchema },
    errors: [...COMMON_ERRORS, 'CONFLICT'],
    forIntegrations: false,
  }),
  agents_get: route({
    method: 'GET',
    path: '/ops/agents/{id}',
    summary: 'One agent with its outcomes',
    role: 'actions',
    classes: BOTH,
    params: ById,
    responses: { 200: AgentSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND'],
    forIntegrations: true,
  }),
  agents_update: route({
    method: 'PUT',
    path: '/ops/agents/{id}',
    summary: 'Change how far an agent is trusted, what it may use, or retire it; fields left out stay',
    role: 'admin',
    classes: HUMANS,
    params: ById,
    body: AgentUpdate,
    responses: { 200: AgentSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND', 'CONFLICT'],
    forIntegrations: false,
  }),
  agents_delegate: route({
    method: 'POST',
    path: '/api/agent/{agentId}/delegate',
    summary: 'Hand a task of a run to an agent: a run of its own, inside of what that run may do',
    role: 'operator',
    classes: BOTH,
    params: ByAgentId,
    body: DelegateBody,
    responses: { 202: DelegatedSchema },
    errors: [...COMMON_ERRORS, 'NOT_FOUND', 'AGENT_UNKNOWN', 'TRUST_TOO_LOW', 'PLAN_INVALID', 'RUN_NOT_ACTIVE', 'APPROVAL_INVALID'],
    forIntegrations: true,
  }),
  agents_delegations: route({
    method: 'GET',
    path: '/api/agent/{agentId}/delegations',
    summary: 'What an agent was asked to do, newest first',
    role: 'actions',
    classes: BOTH,
    params: ByAgentId,
    query: pagesOf('run'),
    responses: { 200: z.array(DelegationSchema) },
    errors: [...COMMON_ERRORS, 'NOT_FOUND'],
    forIntegrations: true,
    isPaged: true,
  }),
} as const;
