import { showInvisible } from './invisible.ts';
import type { Capability } from './objects.ts';
import { allNodes, type Plan } from './plan.ts';
import { plannedEffects } from './plan-envelope.ts';

const NODES_SHOWN = 50;

/** What the nodes of a plan may do, grouped: one entry for each command, path, host, tool, model and secret. */
export function capabilitiesOf(plan: Plan): Capability[] {
  const byKey = new Map<string, Capability>();
  const add = (type: string, value: string, node: string): void => {
    const key = `${type}\n${value}`;
    const entry = byKey.get(key) ?? { type, value, nodes: [] };
    if (entry.nodes.length < NODES_SHOWN && !entry.nodes.includes(node)) entry.nodes.push(node);
    byKey.set(key, entry);
  };
  for (const { node } of allNodes(plan.nodes)) {
    const effects = plannedEffects(node);
    for (const argv of effects.commands) add('command', argv.join(' '), node.id);
    for (const part of ['read', 'write', 'hosts', 'tools', 'models', 'secrets'] as const) {
      for (const value of effects[part]) add(part.replace(/s$/, ''), value, node.id);
    }
  }
  return [...byKey.values()].map((item) => ({ ...item, value: showInvisible(item.value) }));
}
