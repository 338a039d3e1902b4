import type { Capability } from './capability.ts';
import { storedCommand } from './commands/form.ts';
import type { Envelope } from './envelope.ts';
import { showInvisible } from './invisible.ts';
import type { Effects } from './nodes/kind.ts';
import { allNodes, type Plan } from './plan.ts';
import { readableWord } from './pattern.ts';
import { plannedEffects } from './plan-envelope.ts';

const NODES_SHOWN = 50;

const LISTS = ['hosts', 'requests', 'tools', 'models', 'secrets'] as const;

/**
 * What a plan may do, grouped: one entry for each command, path, host, request that changes something, tool, model and secret, with the nodes
 * that need it.
 * What the envelope grants beyond them stands there too, with no node.
 */
export function capabilitiesOf(plan: Plan, envelope: Envelope): Capability[] {
  const byKey = new Map<string, Capability>();
  const add = (type: string, words: string[], node: string | null): void => {
    const value = showInvisible(words.map(readableWord).join(' '));
    const key = `${type}\n${value}`;
    const entry = byKey.get(key) ?? { type, value, nodes: [] };
    if (node !== null && entry.nodes.length < NODES_SHOWN && !entry.nodes.includes(node)) entry.nodes.push(node);
    byKey.set(key, entry);
  };
  const addAll = (effects: Effects, node: string | null): void => {
    for (const command of effects.commands) add('command', storedCommand(command), node);
    for (const part of ['read', 'write', ...LISTS] as const)
      for (const value of effects[part] ?? []) add(part.replace(/s$/, ''), [value], node);
  };
  for (const { node } of allNodes(plan.nodes)) addAll(plannedEffects(node), node.id);
  addAll({ ...envelope, ...envelope.paths }, null);
  return [...byKey.values()];
}
