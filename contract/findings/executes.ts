/** What is run, in as few words as it takes to see what stands out. Pure. */
import { commandLine } from '../commands/code-words.ts';
import { commandCovers, programOf, storedCommand, withoutInput } from '../commands/form.ts';
import { commandGroups, ROOMY_CHARS } from '../commands/groups.ts';
import type { Envelope } from '../envelope.ts';
import { finding, quoteAll } from './finding.ts';
import type { Effects } from '../nodes/kind.ts';
import { showInvisible } from '../invisible.ts';
import type { Finding } from '../objects.ts';
import { isDynamic, readableWord } from '../pattern.ts';
import { growthOf, type PlanNode } from '../plan.ts';
import { plannedEffects } from '../plan-envelope.ts';
import { plannedCommands } from '../commands/planned.ts';
import { choosingTexts } from '../commands/reading.ts';
import { plural } from '../plural.ts';

const GROUPS_SHOWN = 12;

/** Of commands that were asked for as patterns, beyond what was approved. */
export function grantedCommandFindings(nodes: readonly PlanNode[], envelope: Pick<Envelope, 'commands'>): Finding[] {
  if (envelope.commands.length === 0) return [];
  const lines = envelope.commands.map((argv) => commandLine(argv.map(readableWord)));
  return [
    finding({
      rule: 'EXECUTES_COMMANDS',
      severity: 'medium',
      message: `It runs ${lines.length === 1 ? 'a command' : `${lines.length} different commands`} on this machine.`,
      evidence: quoteAll(lines),
      remedy: 'Read each command; remove the nodes that you do not want.',
    }),
    ...wideFindings(nodes, envelope),
  ];
}

/** Whether what the stars of a granted command stand for can say what is run. */
export function isWideCommand(argv: readonly string[]): boolean {
  const { called, input } = withoutInput(argv);
  return argv.includes('**') || isDynamic(programOf(argv)) || choosingTexts({ argv: called, stdin: input }).some(isDynamic);
}

/** More pairs than these are not compared; then more is said than there is. */
const MAX_PAIRS = 1_000_000;

/** What is granted and not done. Most of it is done in just these words. */
export function beyond<T>(granted: readonly T[], done: readonly T[], covers: (outer: T, inner: T) => boolean): T[] {
  const byText = new Map(done.map((item) => [JSON.stringify(item), item]));
  const rest = granted.filter((item) => !byText.has(JSON.stringify(item)));
  if (rest.length * byText.size > MAX_PAIRS) return rest;
  const own = [...byText.values()];
  return rest.filter((item) => !own.some((one) => covers(one, item)));
}

export const commandsBeyond = (commands: readonly string[][], own: readonly Pick<Effects, 'commands'>[]): string[][] =>
  beyond(
    commands,
    own.flatMap((one) => one.commands.map(storedCommand)),
    commandCovers,
  );

/** A value that a node of the plan fills in is named with the node; what a model, or a node that is added, fills in nobody has written. */
function wideFindings(nodes: readonly PlanNode[], { commands }: Pick<Envelope, 'commands'>): Finding[] {
  const own = nodes.filter((node) => growthOf(node) === null).map(plannedEffects);
  const wide = commands.filter(isWideCommand);
  const isOpen = (argv: readonly string[]): boolean => argv.includes('**') || isDynamic(programOf(argv));
  const shown = [...wide.filter(isOpen), ...commandsBeyond(wide, own).filter((argv) => !isOpen(argv))];
  if (shown.length === 0) return [];
  return [
    finding({
      rule: 'WIDE_COMMAND',
      severity: 'high',
      message: 'Its envelope grants commands that are not known in full.',
      evidence: quoteAll(shown.map((argv) => argv.join(' '))),
      remedy: 'State the exact commands in `envelope.commands`.',
    }),
  ];
}

/** Of a plan: what its nodes run, those that stand out first, and what it is granted beyond them. */
export function commandFindings(nodes: readonly PlanNode[], envelope: Pick<Envelope, 'commands'>): Finding[] {
  if (envelope.commands.length === 0) return [];
  const own = nodes.flatMap(plannedCommands);
  const known = new Set(nodes.flatMap((node) => plannedEffects(node).commands.map((command) => JSON.stringify(storedCommand(command)))));
  const more = envelope.commands.filter((argv) => !known.has(JSON.stringify(argv))).slice(0, GROUPS_SHOWN * 10);
  const granted = more.filter((argv) => !own.some((command) => commandCovers([...command.argv], argv)));
  const groups = commandGroups([...own, ...granted.map((argv) => ({ argv: argv.map(readableWord) }))], ROOMY_CHARS);
  const rest = groups.length - GROUPS_SHOWN;
  const count = new Set([...own.map((command) => JSON.stringify(command)), ...granted.map((argv) => JSON.stringify(argv))]).size;
  const executes = finding({
    rule: 'EXECUTES_COMMANDS',
    severity: 'medium',
    message: `It runs ${count === 1 ? 'a command' : plural(count, 'different command')} on this machine.`,
    evidence: '',
    remedy: 'Read each command; remove the nodes that you do not want.',
  });
  const evidence = showInvisible(groups.slice(0, GROUPS_SHOWN).join(', ')) + (rest > 0 ? ` and ${rest} more` : '');
  return [{ ...executes, evidence }, ...wideFindings(nodes, envelope)];
}
