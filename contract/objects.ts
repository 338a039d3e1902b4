/** Objects on the wire and in GICS: one shape for both, snake_case, times in ISO 8601. */
import { AuthorSchema } from './approval-rule.ts';
import { ApproversSchema } from './approvers.ts';
import { CapabilitySchema } from './capability.ts';
import { DecisionSchema, GATE_KINDS, PreconditionsSchema, VoteSchema } from './decision.ts';
import { EnvelopeSchema } from './envelope.ts';
import { ForkedFromSchema } from './fork.ts';
import { JsonObjectSchema, JsonSchema } from './json.ts';
import { LABEL_FIELDS } from './label-view.ts';
import { PlanDiffSchema } from './plan-changes.ts';
import type { Plan } from './plan.ts';
import { RunPrioritySchema } from './priority.ts';
import type { RunStart } from './run-start.ts';
import { ErrorInfoSchema, LogEntrySchema, NodeCountsSchema } from './run-summary.ts';
import { NODE_STATUSES, RUN_STATUSES } from './run-state.ts';
import { z } from './zod.ts';

const Time = z.iso.datetime();
const Hash = z.string();
export const ROLES = ['actions', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];
export const TOKEN_CLASSES = ['human', 'agent'] as const;
export type TokenClass = (typeof TOKEN_CLASSES)[number];

/** A parsed plan on the wire; its own schema is the plan's validation, which names every fault. */
export const PlanSchema = z
  .custom<Plan>((value) => typeof value === 'object' && value !== null)
  .meta({ description: 'A plan; plan_format (GET /ops/plan/format) says how one is written' });

export const FaultSchema = z.object({ node: z.string().nullable(), path: z.string(), code: z.string(), message: z.string() });

/** RFC 9457. */
export const ProblemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  hint: z.string(),
  correlation_id: z.string(),
  faults: z.array(FaultSchema).optional(),
});
export type Problem = z.output<typeof ProblemSchema>;

export const DRAFT_STATUSES = ['draft', 'rejected', 'approved', 'error'] as const;
export const DraftSchema = z.object({
  id: z.string(),
  status: z.enum(DRAFT_STATUSES),
  prompt: z.string(),
  plan: PlanSchema.nullable(),
  context: JsonObjectSchema,
  provider: z.string().nullable(),
  /** The approval hash of what is stored now, on the repository as it is now; null when there is no plan. */
  hash: Hash.nullable(),
  revision: z.int(),
  created_at: Time,
  updated_at: Time,
  created_by: z.string(),
  /** Everybody whose text is in it. */
  authors: z.array(AuthorSchema).default([]),
  /** Of people who agreed while more have to. An edit voids them. */
  votes: z.array(VoteSchema).default([]),
  /** The approved artifact made of it. */
  approved_id: z.string().nullable(),
  decided_by: z.string().nullable(),
  comment: z.string().nullable(),
  error: ErrorInfoSchema.nullable(),
});
export type Draft = z.output<typeof DraftSchema>;

export const SEVERITIES = ['low', 'medium', 'high'] as const;
export type Severity = (typeof SEVERITIES)[number];
export const FindingSchema = z.object({
  rule: z.string(),
  severity: z.enum(SEVERITIES),
  node: z.string().nullable(),
  message: z.string(),
  evidence: z.string(),
  remedy: z.string(),
});
export type Finding = z.output<typeof FindingSchema>;

export const PacketSchema = z.object({
  draft_id: z.string(),
  revision: z.int(),
  hash: Hash,
  packet_hash: Hash,
  /** "If you approve, GIMO will …" */
  sentence: z.string(),
  risk: z.enum(SEVERITIES),
  findings: z.array(FindingSchema),
  envelope: EnvelopeSchema,
  capabilities: z.array(CapabilitySchema),
  /** Against the last approved version of the same title; null when there is none. */
  diff: PlanDiffSchema.nullable(),
  estimate: z.object({ nodes: z.int(), cost_usd: z.number().nullable(), wall_ms: z.number().nullable(), basis: z.string() }),
  approvers: ApproversSchema,
  expires_at: Time,
  policy_version: z.int(),
  preconditions: PreconditionsSchema,
  inputs: z.record(z.string(), JsonSchema),
  plan: PlanSchema,
});
export type Packet = z.output<typeof PacketSchema>;

export const ApprovedSchema = z.object({
  id: z.string(),
  draft_id: z.string(),
  prompt: z.string(),
  plan: PlanSchema,
  hash: Hash,
  envelope: EnvelopeSchema,
  preconditions: PreconditionsSchema,
  inputs: z.record(z.string(), JsonSchema),
  approved_at: Time,
  approved_by: z.string(), // role:<hash> of a credential, or grant:<id>
  grant_id: z.string().nullable().default(null),
  decision: DecisionSchema,
  expires_at: Time,
  revoked_at: Time.nullable(),
  revoked_by: z.string().nullable().default(null),
  revoke_reason: z.string().default(''),
  runs_started: z.int(),
  max_runs: z.int(),
});
export type Approved = z.output<typeof ApprovedSchema>;

export const ReceiptSchema = z.object({
  run_id: z.string(),
  asked_at: Time,
  asked_by: z.string(),
  /** Null until every node is accounted for; the receipt completes itself. */
  confirmed_at: Time.nullable(),
  nodes: z.array(z.object({ id: z.string(), was: z.string(), stopped: z.string(), processes_left: z.int() })),
  spent_after_usd: z.number().nullable(),
});
export type Receipt = z.output<typeof ReceiptSchema>;

export const RunSchema = z.object({
  id: z.string(),
  run_id: z.string(),
  approved_id: z.string(),
  title: z.string(),
  status: z.enum(RUN_STATUSES),
  paused: z.boolean(),
  waiting: z.boolean(),
  created_at: Time,
  created_by: z.string(),
  priority: RunPrioritySchema,
  started_at: Time.nullable(),
  finished_at: Time.nullable(),
  nodes: NodeCountsSchema,
  cost_usd: z.number().nullable(),
  error: ErrorInfoSchema.nullable(),
  workflow_id: z.string(),
  inputs: z.record(z.string(), JsonSchema),
  forked_from: ForkedFromSchema.nullable().default(null),
  /** Of a run that an agent was given: the node that delegated it. */
  delegated_by: z.object({ run_id: z.string(), node: z.string(), agent_id: z.string() }).nullable().default(null),
  outputs: z.record(z.string(), JsonSchema).nullable(),
  /** The branch that holds what the run changed; null when it changed no files. */
  branch: z.string().nullable(),
  commit: z.string().nullable(),
  archived: z.boolean(),
  receipt: ReceiptSchema.nullable(),
  /** Where Temporal Web shows this run; null when its address is not known. */
  temporal_url: z.string().nullable(),
  /** The last 200 entries; only in GET of one run. */
  log: z.array(LogEntrySchema).optional(),
  /** True when no worker answered and this is what GICS knew at `as_of`. */
  stale: z.boolean().optional(),
  as_of: Time.optional(),
});
export type Run = z.output<typeof RunSchema>;

/** What a run's record holds beside the wire shape. */
export type RunRecord = Omit<Run, 'log' | 'stale' | 'as_of' | 'temporal_url'> & {
  /** Guard of the projection: the highest event number in it. */
  seq: number;
  /** Blob of the final state and outputs, once closed; blob of what a fork takes over; who asked for it, signed. */
  final_ref: string | null;
  reuse_ref?: string;
  start?: RunStart;
  [extra: string]: unknown;
};

export const GraphNodeSchema = z.object({
  id: z.string(),
  kind: z.string(),
  status: z.enum(NODE_STATUSES),
  needs: z.array(z.string()),
  attempt_count: z.int(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  cost_usd: z.number().nullable(),
  error: ErrorInfoSchema.nullable(),
  reason: z.string().nullable(),
  skipped_by: z.string().optional(),
  gate_id: z.string().nullable(),
});
export type GraphNode = z.output<typeof GraphNodeSchema>;

export const AttemptSchema = z.object({
  attempt: z.int(),
  started_at: z.string(),
  finished_at: z.string().nullable(),
  error: ErrorInfoSchema.nullable(),
  provider: z.string().nullable(),
  model: z.string().nullable(),
  usage: JsonSchema,
  cost_usd: z.number().nullable(),
});
export const NodeDetailSchema = GraphNodeSchema.extend({
  with: JsonSchema,
  output: JsonSchema,
  output_ref: z.string().nullable(),
  ...LABEL_FIELDS,
  attempts: z.array(AttemptSchema),
});
export type NodeDetail = z.output<typeof NodeDetailSchema>;

export const GateSchema = z.object({
  id: z.string(),
  run_id: z.string(),
  node: z.string(),
  attempt: z.int(),
  kind: z.enum(GATE_KINDS),
  status: z.enum(['open', 'approved', 'rejected', 'expired', 'withdrawn']),
  title: z.string(),
  message: z.string(),
  risk: z.enum(SEVERITIES),
  evidence: JsonSchema,
  approval_hash: Hash,
  /** Send it back with the answer. */
  hash: Hash,
  opened_at: Time,
  expires_at: Time.nullable(),
  decided_at: Time.nullable(),
  decided_by: z.string().nullable(),
  comment: z.string().nullable(),
  /** Which yes it was, where there are several; absent in gates that were answered before it was kept. */
  choice: DecisionSchema.shape.choice.optional(),
  /** Of people who agreed while more have to. */
  votes: z.array(VoteSchema).optional(),
});
export type Gate = z.output<typeof GateSchema>;
