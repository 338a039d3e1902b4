/** First pass over a plan: shape. Every fault of every node is collected; nothing but data comes out. */
import type { Fault } from './errors.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { EFFECT_KINDS, isNodeKind, KIND_NAMES, NODE_KINDS } from './nodes/index.ts';
import type { KindSpec } from './nodes/kind.ts';
import { PLAN_LIMITS, PlanHeadShape, type Plan, type PlanNode } from './plan.ts';
import { NodeBaseShape, type Retry } from './raw-node.ts';
import { z } from './zod.ts';

const HeadSchema = z.strictObject({ ...PlanHeadShape, nodes: z.array(z.unknown()).min(1, 'a plan needs at least one node') });
const NodeSchema = z.strictObject({ ...NodeBaseShape, kind: z.string(), with: z.unknown().optional() });

function pathOf(parts: PropertyKey[], prefix: string): string {
  return parts.reduce<string>(
    (path, part) => (typeof part === 'number' ? `${path}[${part}]` : path === '' ? String(part) : `${path}.${String(part)}`),
    prefix,
  );
}

function issueFaults(error: z.ZodError, node: string | null, prefix: string): Fault[] {
  return error.issues.map((issue) => ({
    node,
    path: pathOf(issue.path, prefix),
    code: issue.code.toUpperCase(),
    message: issue.message,
  }));
}

class Parser {
  readonly faults: Fault[] = [];
  #count = 0;

  fault(node: string | null, path: string, code: string, message: string): void {
    this.faults.push({ node, path, code, message });
  }

  nodes(raw: unknown[], path: string, depth: number): PlanNode[] {
    if (depth > PLAN_LIMITS.bodyDepth) {
      this.fault(null, path, 'TOO_DEEP', `containers may be nested ${PLAN_LIMITS.bodyDepth} deep`);
      return [];
    }
    this.#count += raw.length;
    if (this.#count > PLAN_LIMITS.nodes) {
      if (this.#count - raw.length <= PLAN_LIMITS.nodes)
        this.fault(null, path, 'TOO_MANY_NODES', `a plan holds at most ${PLAN_LIMITS.nodes} nodes; give larger work to \`map\``);
      return [];
    }
    return raw.flatMap((item, index) => this.node(item, `${path}[${index}]`, depth) ?? []);
  }

  node(raw: unknown, path: string, depth: number): PlanNode | null {
    const id = isJsonObject(raw) && typeof raw['id'] === 'string' ? raw['id'].slice(0, 100) : null;
    const base = NodeSchema.safeParse(raw);
    if (!base.success) this.faults.push(...issueFaults(base.error, id, path));
    const own = isJsonObject(raw) ? this.ofKind(id, raw, path, depth) : null;
    if (!base.success || own === null) return standIn(raw);
    const compensate = this.compensation(id, base.data.compensate, `${path}.compensate`);
    return withoutUndefined({ retry: own.retry, ...withoutUndefined(base.data), with: own.value, compensate }) as unknown as PlanNode;
  }

  /** What belongs to the kind of a node, also of one whose other fields are wrong. Out: null when that is wrong. */
  ofKind(id: string | null, raw: JsonObject, path: string, depth: number): { value: JsonObject; retry: Retry | undefined } | null {
    const { kind } = raw;
    // The shape of the node says so.
    if (typeof kind !== 'string') return null;
    if (!isNodeKind(kind)) {
      this.fault(id, `${path}.kind`, 'UNKNOWN_KIND', `\`${kind.slice(0, 64)}\` is not a node kind; there are: ${KIND_NAMES.join(', ')}`);
      return null;
    }
    const spec = NODE_KINDS[kind];
    const parsed = spec.with.safeParse(raw['with'] ?? {});
    if (!parsed.success) {
      this.faults.push(...issueFaults(parsed.error, id, `${path}.with`));
      return null;
    }
    const value: JsonObject = withoutUndefined(parsed.data as JsonObject);
    if (spec.body !== undefined)
      value['nodes'] = this.nodes(value['nodes'] as unknown[], `${path}.with.nodes`, depth + 1) as unknown as JsonObject[];
    return { value, retry: spec.retry };
  }

  compensation(id: string | null, raw: { kind: string; with?: unknown } | undefined, path: string): object | undefined {
    if (raw === undefined) return undefined;
    const kind = EFFECT_KINDS.find((name) => name === raw.kind);
    if (kind === undefined) {
      this.fault(id, `${path}.kind`, 'NOT_AN_EFFECT', `only what acts can undo something: ${EFFECT_KINDS.join(', ')}`);
      return undefined;
    }
    const parsed = NODE_KINDS[kind].with.safeParse(raw.with ?? {});
    if (parsed.success) return { kind, with: withoutUndefined(parsed.data as JsonObject) };
    this.faults.push(...issueFaults(parsed.error, id, `${path}.with`));
    return undefined;
  }
}

/** Keeps the place of a faulty node and what it refers to, so that the second pass finds all faults and no false ones. */
function standIn(raw: unknown): PlanNode | null {
  if (!isJsonObject(raw) || typeof raw['id'] !== 'string') return null;
  const needs = Array.isArray(raw['needs']) ? raw['needs'].filter((need) => typeof need === 'string') : [];
  const when = typeof raw['when'] === 'string' ? { when: raw['when'] } : {};
  return { id: raw['id'], kind: 'value', needs, ...when, on_error: 'fail', with: plainFields(raw) } as unknown as PlanNode;
}

/** The fields of `with` that see what the node sees; those with a scope of their own are left out, and all that an unknown kind may nest. */
function plainFields({ kind, with: fields }: JsonObject): JsonObject {
  if (!isJsonObject(fields)) return {};
  const spec: Pick<KindSpec<never>, 'ownScope'> | null = isNodeKind(kind) ? NODE_KINDS[kind] : null;
  const hidden = new Set(spec === null ? ['nodes'] : spec.ownScope);
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !hidden.has(name)));
}

/** Absent and undefined must hash alike. */
function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}

/** What expressions of a plan may name and where they stand: as much of it as there is, also of a plan with faults. */
export type PlanBody = Pick<Plan, 'inputs' | 'outputs' | 'nodes'>;

/** A faulty input still has a name, so that the second pass finds no false faults. */
function bodyOfFaulty(raw: JsonObject, nodes: PlanNode[]): PlanBody {
  const { inputs, outputs } = PlanHeadShape;
  const names = isJsonObject(raw['inputs']) ? Object.keys(raw['inputs']) : [];
  return {
    inputs: inputs.safeParse(raw['inputs']).data ?? Object.fromEntries(names.map((name) => [name, { schema: {}, open: false }])),
    outputs: outputs.safeParse(raw['outputs']).data ?? {},
    nodes,
  };
}

/** In: anything. Out: the plan with its defaults (null when its head is wrong), its body, and the faults found. */
export function parsePlan(input: unknown): { plan: Plan | null; body: PlanBody; faults: Fault[] } {
  const head = HeadSchema.safeParse(input);
  const parser = new Parser();
  if (!head.success) parser.faults.push(...issueFaults(head.error, null, ''));
  const raw = isJsonObject(input) ? input : {};
  const nodes = parser.nodes(Array.isArray(raw['nodes']) ? raw['nodes'] : [], 'nodes', 1);
  const { faults } = parser;
  if (!head.success) return { plan: null, body: bodyOfFaulty(raw, nodes), faults };
  const plan = withoutUndefined({ ...head.data, nodes });
  return { plan, body: plan, faults };
}

/** In: anything as nodes, and the depth that they would stand at. Out: the nodes with their defaults, and the faults found. */
export function parseNodes(raw: unknown[], depth: number): { nodes: PlanNode[]; faults: Fault[] } {
  const parser = new Parser();
  const nodes = parser.nodes(raw, 'nodes', depth);
  return { nodes, faults: parser.faults };
}
