/** The plan: a DAG as data. Parsed plans carry their defaults, and that form is what is hashed, shown and run. */
import { APPROVER_ROLES, RULE_LIMITS, StageSchema } from './approval-rule.ts';
import { EnvelopeStatementSchema, type EnvelopeStatement } from './envelope.ts';
import { JsonObjectSchema, JsonSchema } from './json.ts';
import { NODE_KINDS, type EffectKind, type NodeKind } from './nodes/index.ts';
import type { Body, Growth, KindSpec } from './nodes/kind.ts';
import type { OnError, RawNode, Retry } from './raw-node.ts';
import { PrioritySchema } from './priority.ts';
import { z } from './zod.ts';

export const PLAN_VERSION = 1;

export const PLAN_LIMITS = {
  /** Static nodes, bodies of containers included. */
  nodes: 10_000,
  edges: 100_000,
  bodyDepth: 4,
  /** Canonical JSON of the whole plan. */
  planBytes: 4 * 1024 * 1024,
  inputs: 200,
} as const;

/**
 * One input: a JSON Schema (the subset that `z.fromJSONSchema` reads) plus `default` and `open`.
 * Inputs without `open` are bound at approval; open ones may be given with each run and count as untrusted.
 */
export const InputSchema = z.strictObject({
  schema: JsonObjectSchema.default({}),
  description: z.string().max(2000).optional(),
  default: JsonSchema.optional(),
  open: z.boolean().default(false),
});

export const PolicySchema = z
  .strictObject({
    /** Least role of an approver. */
    approver_role: z.enum(APPROVER_ROLES).default('operator'),
    /** How many people have to agree. */
    quorum: z.int().min(1).max(RULE_LIMITS.people).default(1),
    /** Stages that follow one another, in place of `approver_role` and `quorum`. */
    stages: z.array(StageSchema).min(1).max(RULE_LIMITS.stages).optional(),
    /** How long an approval may start runs, in seconds. */
    expires_s: z
      .int()
      .min(60)
      .max(90 * 24 * 3600)
      .default(24 * 3600),
    /** How many runs one approval may start. */
    max_runs: z.int().min(1).max(1_000_000).default(1),
    /** When the budget is used up: ask a person for more (also when this is left out), or fail. */
    over_budget: z.enum(['ask', 'fail']).optional(),
    /** Of its runs, unless whoever starts one says otherwise; normal when this is left out. */
    priority: PrioritySchema.optional(),
  })
  .refine((policy) => policy.stages === undefined || policy.quorum === 1, {
    path: ['quorum'],
    error: 'is said by the stages; leave it out',
  });

export const PlanHeadShape = {
  version: z.literal(PLAN_VERSION),
  title: z.string().min(1).max(200),
  intent: z.string().max(20_000).default(''),
  inputs: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,62}$/), InputSchema).default({}),
  envelope: EnvelopeStatementSchema.optional(),
  policy: PolicySchema.prefault({}),
  /** Name → CEL over the outputs of top-level nodes. */
  outputs: z.record(z.string().min(1).max(64), z.string().min(1).max(2100)).default({}),
} as const;

export type PlanInput = z.output<typeof InputSchema>;
export type Policy = z.output<typeof PolicySchema>;

export type WithOf<K extends NodeKind> = z.output<(typeof NODE_KINDS)[K]['with']>;

type NodeBase = {
  id: string;
  title?: string;
  needs: string[];
  when?: string;
  retry?: Retry;
  timeout_ms?: number;
  on_error: OnError;
  compensate?: Compensation;
};

/** An effect that undoes a node. */
export type Compensation = { [K in EffectKind]: { kind: K; with: WithOf<K> } }[EffectKind];

export type NodeOf<K extends NodeKind> = NodeBase & { kind: K; with: WithOf<K> };
export type PlanNode = { [K in NodeKind]: NodeOf<K> }[NodeKind];

export type Plan = {
  version: typeof PLAN_VERSION;
  title: string;
  intent: string;
  inputs: Record<string, PlanInput>;
  envelope?: EnvelopeStatement;
  policy: Policy;
  nodes: PlanNode[];
  outputs: Record<string, string>;
};

/** A node that holds others. */
export type ContainerNode = Extract<PlanNode, { with: { nodes: RawNode[]; output?: string | undefined } }>;

/** The body of a container; parsing has turned it into plan nodes. */
export function bodyOf(node: ContainerNode): PlanNode[] {
  return node.with.nodes as unknown as PlanNode[];
}

/** What a container says of its body; null for kinds that hold no nodes. */
export function bodyRules(node: PlanNode): Body | null {
  const spec = NODE_KINDS[node.kind] as unknown as KindSpec<unknown>;
  return spec.body?.(node.with) ?? null;
}

/** What a node adds to the run by itself, at most; null for kinds that add none. */
export function growthOf(node: PlanNode): Growth | null {
  const spec = NODE_KINDS[node.kind] as unknown as KindSpec<unknown>;
  return spec.grows?.(node.with) ?? null;
}

/** Its own kind, and those of the nodes that it adds by itself. */
export function kindsOf(node: PlanNode): string[] {
  return [node.kind, ...(growthOf(node)?.kinds ?? [])];
}

export function isContainer(node: PlanNode): node is ContainerNode {
  return bodyRules(node) !== null;
}

/** A compensation as the node that it is in a run: `<id>.compensation`, behind what it undoes. Null when the node states none. */
export function compensationOf(node: PlanNode): PlanNode | null {
  const { id, compensate, timeout_ms } = node;
  if (compensate === undefined) return null;
  const timeout = timeout_ms === undefined ? {} : { timeout_ms };
  return { ...compensate, id: `${id}.compensation`, needs: [id], on_error: 'fail', ...timeout };
}

/** Every node, bodies and compensations included, with the container it stands in. Order: as written, a container before its body. */
export function* allNodes(
  nodes: PlanNode[],
  parent: ContainerNode | null = null,
  depth = 1,
): Generator<{ node: PlanNode; parent: ContainerNode | null; depth: number }> {
  for (const node of nodes) {
    yield { node, parent, depth };
    const compensation = compensationOf(node);
    if (compensation !== null) yield { node: compensation, parent, depth };
    if (isContainer(node)) yield* allNodes(bodyOf(node), node, depth + 1);
  }
}
