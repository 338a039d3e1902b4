/** What a child may do, cut out of what its parent may: never more, in any part. Pure. */
import type { Agent, TrustLimits } from './agents.ts';
import { outsideOf, type BudgetLimit, type Envelope, type Outside } from './envelope.ts';
import type { Effects } from './nodes/kind.ts';

type Left = { usd: number; tokens: number; wall_ms: number };

function effectsOf({ commands, paths, hosts, tools, models, secrets, requests = [] }: Envelope): Effects {
  return { commands, read: paths.read, write: paths.write, hosts, tools, models, secrets, requests };
}

const NUMBERS = ['max_nodes', 'max_depth', 'max_parallel'] as const;

/** Every part of an envelope that another one does not cover; empty when it lies inside. */
export function outsideEnvelope(outer: Envelope, inner: Envelope): Outside[] {
  const kinds = inner.kinds
    .filter((kind) => !outer.kinds.includes(kind))
    .map((kind) => ({ part: 'kinds', pattern: kind, message: `the kind \`${kind}\` is not granted` }));
  const numbers = NUMBERS.filter((part) => inner[part] > outer[part]).map((part) => ({
    part,
    pattern: String(inner[part]),
    message: `${part} ${inner[part]} is more than ${outer[part]}`,
  }));
  return [...kinds, ...outsideOf(outer, effectsOf(inner)), ...numbers];
}

/** The least of what is asked for, what the agent and its level may have, and what the parent has left. */
export function carveBudget(left: Left, ...limits: BudgetLimit[]): BudgetLimit {
  const least = (part: keyof BudgetLimit): number => Math.min(left[part], ...limits.map((limit) => limit[part]));
  return {
    usd: Math.max(0, least('usd')),
    tokens: Math.max(0, Math.floor(least('tokens'))),
    wall_ms: Math.max(0, Math.floor(least('wall_ms'))),
  };
}

/** What a child needs, with what of its parent it gets. `depth` of the parent's places is not its own: it counts from its own top. */
export function carveEnvelope(parent: Envelope, needs: Envelope, budget: BudgetLimit): Envelope {
  const max_parallel = Math.min(needs.max_parallel, parent.max_parallel);
  // What may leave is said for nodes of the parent, and holds for none of its child.
  const { flows: _flows, ...own } = needs;
  return { ...own, budget, max_parallel, max_nodes: Math.min(needs.max_nodes, parent.max_nodes) };
}

export type Place = {
  /** 1 = called by a run that a person approved. */
  depth: number;
  /** Delegations to agents of this level that the run has made before. */
  children: number;
};

/** Why an agent of this level may not do it, each in a sentence; empty when it may. */
export function trustFaults(limits: TrustLimits, needs: Envelope, { depth, children }: Place): string[] {
  const faults: string[] = [];
  const kinds = limits.kinds === null ? [] : needs.kinds.filter((kind) => !limits.kinds?.includes(kind));
  if (kinds.length > 0) faults.push(`it may not use nodes of the kind ${kinds.join(', ')}`);
  if (!limits.writes && needs.paths.write.length > 0) faults.push('it may not write');
  if (!limits.hosts && needs.hosts.length > 0) faults.push('it may not send requests');
  if (!limits.secrets && needs.secrets.length > 0) faults.push('it may not use secrets');
  if (needs.max_nodes > limits.max_nodes) faults.push(`it may have ${limits.max_nodes} nodes and needs ${needs.max_nodes}`);
  if (depth > limits.max_depth) faults.push(`it may stand ${limits.max_depth} deep at most and would stand ${depth} deep`);
  if (children >= limits.max_children) faults.push(`a run may delegate ${limits.max_children} times to agents of its level`);
  return faults;
}

/** What the agent itself may not use, whoever delegates to it. */
export function agentFaults({ envelope: stated }: Pick<Agent, 'envelope'>, needs: Envelope): Outside[] {
  return outsideEnvelope({ ...needs, ...stated }, needs);
}
