/** Every command that a node names: its own, those that check a patch, and those that its model may choose. Pure. */
import type { Command } from './reading.ts';
import { validations } from '../nodes/patch.ts';
import { readableWord } from '../pattern.ts';
import type { PlanNode } from '../plan.ts';
import { plannedEffects } from '../plan-envelope.ts';

export function plannedCommands(node: PlanNode): Command[] {
  if (node.kind === 'process') {
    const { argv, cwd, env, stdin } = node.with;
    return [{ argv, cwd, env, stdin }];
  }
  if (node.kind === 'patch') return validations(node.with.validate).map((argv) => ({ argv }));
  if (node.kind !== 'agent') return [];
  return plannedEffects(node).commands.map((argv) => ({ argv: argv.map(readableWord) }));
}
