import { parseExpression } from '#contract/expression.ts';
import type { Json } from '#contract/json.ts';
import { stripMarks } from '#contract/plan-check.ts';
import type { PlanNode } from '#contract/plan.ts';
import type { NodeStatus } from '#contract/run-state.ts';
import { referencedNodes } from './references.ts';
import type { Live } from './reopen.ts';
import type { RunContext } from './run-context.ts';

type Parts = {
  prefix: string;
  outer: ScopeView | null;
  variables: Record<string, Json>;
  live: ReadonlyMap<string, Live>;
  statuses: ReadonlyMap<string, NodeStatus>;
  /** What is seen instead, where the nodes themselves are not there any more. */
  frozen?: Record<string, unknown>;
};

/** What expressions in a scope see: its nodes, those around it, and the variables of the containers. */
export class ScopeView {
  readonly #run: RunContext;
  readonly #parts: Parts;

  constructor(run: RunContext, parts: Parts) {
    this.#run = run;
    this.#parts = parts;
  }

  variableNames(): string[] {
    return Object.keys(this.#variables());
  }

  /** Ids that expressions of this node may name: what is above it here, and above the nodes that it stands in. */
  visibleFrom(id: string): Set<string> {
    const { prefix, outer, live } = this.#parts;
    // The prefix of a scope ends with the id of its container, as in `m[3].` or `s.`.
    const container = /^[a-z0-9_]+/.exec(prefix.slice(outer === null ? 0 : outer.#parts.prefix.length))?.[0] ?? '';
    const seen = outer?.visibleFrom(container) ?? new Set<string>();
    const found = [id];
    for (let at = found.pop(); at !== undefined; at = found.pop()) {
      for (const need of live.get(at)?.node.needs ?? []) {
        if (seen.has(need)) continue;
        seen.add(need);
        found.push(need);
      }
    }
    return seen;
  }

  /** What expressions of a node see. Only the nodes that it names are looked up. */
  context(node: PlanNode): Record<string, unknown> {
    return this.#contextOf(referencedNodes(node));
  }

  evaluate(source: string): Json {
    const bare = stripMarks(source);
    const expression = parseExpression(bare);
    return expression.evaluate(this.#contextOf([...expression.reads.nodes]));
  }

  #contextOf(ids: readonly string[]): Record<string, unknown> {
    const { frozen } = this.#parts;
    if (frozen) return frozen;
    const nodes = Object.fromEntries(ids.map((id) => [id, this.#lookUp(id)]));
    return { ...this.#variables(), inputs: this.#run.approved.inputs, nodes, run: { id: this.#run.input.run_id } };
  }

  #variables(): Record<string, Json> {
    const { outer, variables } = this.#parts;
    return outer === null ? variables : { ...outer.#variables(), ...variables };
  }

  #lookUp(id: string): { output: Json; status: NodeStatus } {
    const { prefix, outer, live, statuses } = this.#parts;
    if (!live.has(id) && outer) return outer.#lookUp(id);
    return { output: this.#run.outputs.get(`${prefix}${id}`) ?? null, status: statuses.get(id) ?? 'pending' };
  }
}
