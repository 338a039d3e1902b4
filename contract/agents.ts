/** Agents that a run may hand work to: a registry that admins keep, and how far each is trusted. */
import { BudgetSchema, EnvelopeStatementSchema } from './envelope.ts';
import { z } from './zod.ts';

export const TRUST_LEVELS = ['untrusted', 'limited', 'trusted'] as const;
export type TrustLevel = (typeof TRUST_LEVELS)[number];

export const AgentName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'must begin with a lower-case letter and hold only these, digits, - and _');

const agentFields = {
  name: AgentName,
  description: z.string().max(2000).default(''),
  trust_level: z.enum(TRUST_LEVELS),
  /** Whom it calls when it is given a task without a plan. */
  provider: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,62}$/)
    .default('auto'),
  model: z.string().min(1).max(200).optional(),
  system: z.string().max(20_000).default(''),
  /** What it may use at most, whoever delegates to it; a part that is left out is not limited here. */
  envelope: EnvelopeStatementSchema.default({}),
  /** Of one delegation, at most. */
  budget: BudgetSchema.prefault({}),
};

export const AgentCreate = z.strictObject(agentFields);
export const AgentUpdate = z.strictObject({
  description: z.string().max(2000).optional(),
  trust_level: z.enum(TRUST_LEVELS).optional(),
  envelope: EnvelopeStatementSchema.optional(),
  budget: BudgetSchema.optional(),
  /** No run may delegate to it any more. */
  retired: z.boolean().optional(),
});

export const AgentSchema = z.object({
  ...agentFields,
  id: z.string(),
  retired: z.boolean(),
  /** How its delegations ended. */
  outcomes: z.object({ done: z.int(), error: z.int(), cancelled: z.int() }),
  created_at: z.string(),
  created_by: z.string(),
  updated_at: z.string(),
});
export type Agent = z.output<typeof AgentSchema>;

const TrustLimitsSchema = z.strictObject({
  /** Kinds of nodes; null = all. */
  kinds: z.array(z.string().max(64)).max(100).nullable(),
  /** Whether it may use any of these at all. */
  writes: z.boolean(),
  hosts: z.boolean(),
  secrets: z.boolean(),
  budget: BudgetSchema,
  max_nodes: z.int().min(1).max(100_000),
  /** How deep it may stand: 1 = called by a run that a person approved. */
  max_depth: z.int().min(1).max(16),
  /** Delegations to agents of this level that one run may make. */
  max_children: z.int().min(1).max(1000),
});
export type TrustLimits = z.output<typeof TrustLimitsSchema>;

const THINKING = ['value', 'transform', 'condition', 'join', 'gate', 'llm', 'noop'];
const WORKING = [...THINKING, 'map', 'loop', 'subplan', 'wait', 'process', 'delegate'];

/** What each level may do, within what was approved. */
export const DEFAULT_TRUST: Record<TrustLevel, TrustLimits> = {
  untrusted: {
    kinds: THINKING,
    writes: false,
    hosts: false,
    secrets: false,
    budget: { usd: 0.1, tokens: 50_000, wall_ms: 600_000 },
    max_nodes: 20,
    max_depth: 1,
    max_children: 5,
  },
  limited: {
    kinds: WORKING,
    writes: false,
    hosts: false,
    secrets: false,
    budget: { usd: 1, tokens: 200_000, wall_ms: 3_600_000 },
    max_nodes: 200,
    max_depth: 2,
    max_children: 20,
  },
  trusted: {
    kinds: null,
    writes: true,
    hosts: true,
    secrets: true,
    budget: { usd: 10, tokens: 2_000_000, wall_ms: 24 * 3_600_000 },
    max_nodes: 2000,
    max_depth: 3,
    max_children: 100,
  },
};

export const AgentTrustSchema = z.strictObject({
  untrusted: TrustLimitsSchema.default(DEFAULT_TRUST.untrusted),
  limited: TrustLimitsSchema.default(DEFAULT_TRUST.limited),
  trusted: TrustLimitsSchema.default(DEFAULT_TRUST.trusted),
});
