/** Second pass: meaning. References, cycles, duplicates, envelope. Total: whatever comes in, the only throw is PLAN_INVALID. */
import { GimoError, type Fault } from './errors.ts';
import { canonicalJson } from './canonical.ts';
import { envelopeFaults } from './plan-envelope.ts';
import { NODE_KINDS } from './nodes/index.ts';
import type { KindSpec } from './nodes/kind.ts';
import {
  allNodes,
  bodyOf,
  bodyRules,
  compensationOf,
  isContainer,
  PLAN_LIMITS,
  type ContainerNode,
  type Plan,
  type PlanNode,
} from './plan.ts';
import { Ancestors, graphFaults } from './plan-graph.ts';
import { plural } from './plural.ts';
import { parsePlan, type PlanBody } from './plan-parse.ts';
import { findExpressions, inspectExpression } from './template.ts';

const MAX_FAULTS = 200;

/** What the expressions of a node may name: ids above it, and variables of the containers around it. */
type Scope = { inputs: Set<string>; variables: Set<string>; isVisible: (id: string) => boolean };

type Found = ReturnType<typeof inspectExpression>;

function referenceFaults(found: Found, node: string | null, scope: Scope): Fault[] {
  const fault = (code: string, message: string): Fault => ({ node, path: found.path, code, message });
  if (!found.reads) return [fault('EXPRESSION', `\`${found.source.slice(0, 200)}\` is not a valid expression: ${found.error ?? ''}`)];
  const faults: Fault[] = [];
  for (const root of found.reads.roots) {
    if (root !== 'run' && !scope.variables.has(root))
      faults.push(
        fault(
          'UNKNOWN_NAME',
          `there is nothing called \`${root}\` here; use inputs, nodes, run${[...scope.variables].map((name) => `, ${name}`).join('')}`,
        ),
      );
  }
  for (const input of found.reads.inputs)
    if (!scope.inputs.has(input)) faults.push(fault('UNKNOWN_INPUT', `the plan declares no input \`${input}\``));
  for (const id of found.reads.nodes) {
    if (!scope.isVisible(id)) faults.push(fault('REF_NOT_UPSTREAM', `\`nodes.${id}\` is not upstream of this node; add it to \`needs\``));
  }
  return faults;
}

/** What a node itself renders; bodies of containers are not looked into. */
export function* ownExpressions(node: PlanNode, path: string): Generator<Found> {
  const spec = NODE_KINDS[node.kind] as unknown as KindSpec<unknown>;
  const bare = spec.expressions?.(node.with) ?? [];
  for (const { path: at, source } of bare) yield inspectExpression(source, `${path}.with.${at}`);
  if (node.when !== undefined) yield inspectExpression(stripMarks(node.when), `${path}.when`);
  for (const [field, value] of Object.entries(node.with)) {
    if (!spec.ownScope?.includes(field) && !bare.some((item) => item.path === field))
      yield* findExpressions(value, `${path}.with.${field}`);
  }
}

export function stripMarks(source: string): string {
  const trimmed = source.trim();
  return trimmed.startsWith('${{') && trimmed.endsWith('}}') ? trimmed.slice(3, -2).trim() : trimmed;
}

function scopeFaults(nodes: PlanNode[], path: string, outer: Scope): Fault[] {
  const shape = graphFaults(nodes, path);
  if (shape.some((fault) => fault.code === 'CYCLE')) return shape;
  const ancestors = new Ancestors(nodes);
  const deeper = nodes.flatMap((node, index) => {
    const at = `${path}[${index}]`;
    const scope: Scope = { ...outer, isVisible: (id) => ancestors.has(node.id, id) || outer.isVisible(id) };
    const faults = [...ownExpressions(node, at)].flatMap((found) => referenceFaults(found, node.id, scope));
    faults.push(...compensationReferences(node, at, scope));
    return isContainer(node) ? [...faults, ...bodyFaults(node, at, scope)] : faults;
  });
  return [...shape, ...deeper];
}

/** A compensation sees what its node sees, and the node itself. */
function compensationReferences(node: PlanNode, path: string, scope: Scope): Fault[] {
  const compensation = compensationOf(node);
  if (compensation === null) return [];
  const own: Scope = { ...scope, isVisible: (id) => id === node.id || scope.isVisible(id) };
  return [...ownExpressions(compensation, `${path}.compensate`)].flatMap((found) => referenceFaults(found, node.id, own));
}

/** A compensation that nothing asks for never runs, and a failure that asks for one must find one. */
function compensationFaults(plan: Plan): Fault[] {
  const nodes = [...allNodes(plan.nodes)].map(({ node }) => node);
  const stated = nodes.find((node) => node.compensate !== undefined);
  const asking = nodes.find((node) => node.on_error === 'compensate');
  const fault = (node: PlanNode, message: string): Fault[] => [{ node: node.id, path: 'nodes', code: 'COMPENSATION', message }];
  if (stated && !asking) return fault(stated, 'its `compensate` never runs: no node says `on_error: compensate`');
  return asking && !stated ? fault(asking, '`on_error: compensate` finds nothing to undo: no node says `compensate`') : [];
}

function bodyFaults(node: ContainerNode, path: string, scope: Scope): Fault[] {
  const body = bodyOf(node);
  const { variables = [], expressions = [] } = bodyRules(node) ?? {};
  const inner: Scope = { ...scope, variables: new Set([...scope.variables, ...variables]) };
  const faults = scopeFaults(body, `${path}.with.nodes`, inner);
  for (const { path: at, source } of expressions)
    faults.push(...referenceFaults(inspectExpression(source, `${path}.with.${at}`), node.id, inner));
  if (node.with.output === undefined) return faults;
  const ids = new Set(body.map((item) => item.id));
  const found = inspectExpression(node.with.output, `${path}.with.output`);
  return [...faults, ...referenceFaults(found, node.id, { ...inner, isVisible: (id) => ids.has(id) || scope.isVisible(id) })];
}

/** `taken`: ids that stand elsewhere in the run. */
function duplicateFaults(nodes: PlanNode[], taken: Iterable<string> = []): Fault[] {
  const seen = new Set<string>(taken);
  const faults: Fault[] = [];
  let edges = 0;
  for (const { node } of allNodes(nodes)) {
    edges += node.needs.length;
    if (seen.has(node.id))
      faults.push({ node: node.id, path: 'nodes', code: 'DUPLICATE_ID', message: `more than one node is called \`${node.id}\`` });
    seen.add(node.id);
  }
  if (edges > PLAN_LIMITS.edges)
    faults.push({ node: null, path: 'nodes', code: 'TOO_MANY_EDGES', message: `a plan holds at most ${PLAN_LIMITS.edges} edges` });
  return faults;
}

function outputFaults(plan: PlanBody, scope: Scope): Fault[] {
  const ids = new Set(plan.nodes.map((node) => node.id));
  return Object.entries(plan.outputs).flatMap(([name, source]) =>
    referenceFaults(inspectExpression(stripMarks(source), `outputs.${name}`), null, { ...scope, isVisible: (id) => ids.has(id) }),
  );
}

/** In: anything. Out: the faults, and the plan when there are none. Never throws. */
export function checkPlan(input: unknown): { plan: Plan | null; faults: Fault[] } {
  const { plan, body, faults } = parsePlan(input);
  const scope: Scope = { inputs: new Set(Object.keys(body.inputs)), variables: new Set(), isVisible: () => false };
  const found = [...faults, ...duplicateFaults(body.nodes), ...scopeFaults(body.nodes, 'nodes', scope), ...outputFaults(body, scope)];
  if (plan !== null && faults.length === 0) {
    const refused = refusals(plan.nodes);
    // What a node touches that is refused is not known.
    found.push(...refused, ...compensationFaults(plan), ...(refused.length > 0 ? [] : envelopeFaults(plan)), ...sizeFaults(plan));
  }
  return found.length > 0 ? { plan: null, faults: found.slice(0, MAX_FAULTS) } : { plan, faults: [] };
}

type Surroundings = { inputs: Iterable<string>; variables: Iterable<string>; visible: ReadonlySet<string>; taken: Iterable<string> };

/** The faults of nodes that join a run: what they may read and what they may not be called is given by where they come to stand. */
export function addedFaults(added: { nodes: PlanNode[]; output: string | undefined }, place: Surroundings): Fault[] {
  const { nodes, output } = added;
  const { visible } = place;
  const scope: Scope = { inputs: new Set(place.inputs), variables: new Set(place.variables), isVisible: (id) => visible.has(id) };
  const faults = [...duplicateFaults(nodes, place.taken), ...scopeFaults(nodes, 'nodes', scope)];
  if (output === undefined) return faults;
  const ids = new Set(nodes.map((node) => node.id));
  const isVisible = (id: string): boolean => ids.has(id) || visible.has(id);
  return [...faults, ...referenceFaults(inspectExpression(output, 'output'), null, { ...scope, isVisible })];
}

/** What no shape can say of a node. */
export function refusals(nodes: PlanNode[]): Fault[] {
  return [...allNodes(nodes)].flatMap(({ node }) => {
    const found = (NODE_KINDS[node.kind] as unknown as KindSpec<unknown>).refusal?.(node.with);
    if (!found) return [];
    const { code, message, hint } = found.error;
    return [{ node: node.id, path: `with.${found.path}`, code, message: `${message.replace(/\.$/, '')}. ${hint.replace(/\.$/, '')}` }];
  });
}

function sizeFaults(plan: Plan): Fault[] {
  if (canonicalJson(plan).length <= PLAN_LIMITS.planBytes) return [];
  return [{ node: null, path: '', code: 'TOO_LARGE', message: `a plan is at most ${PLAN_LIMITS.planBytes / 1024 / 1024} MiB` }];
}

/** Throws: PLAN_INVALID with every fault. Source: design §4. */
export function validatePlan(input: unknown): Plan {
  const { plan, faults } = checkPlan(input);
  if (plan) return plan;
  throw new GimoError('PLAN_INVALID', { message: faultsSentence(faults), faults });
}

/** `The plan has 2 faults. First: node `a`, nodes[0].needs: …` */
export function faultsSentence(faults: Fault[]): string {
  const [first] = faults;
  const place = first === undefined ? [] : [first.node === null ? '' : `node \`${first.node}\``, first.path].filter((part) => part !== '');
  const where = place.length === 0 ? '' : `${place.join(', ')}: `;
  return `The plan has ${plural(faults.length, 'fault')}.${first === undefined ? '' : ` First: ${where}${first.message}.`}`;
}
