/** What a plan is granted beyond what its nodes do: nodes that are added, and models that work with tools, may use it. Pure. */
import { commandCovers } from './commands/form.ts';
import { commandGroups } from './commands/groups.ts';
import type { Envelope } from './envelope.ts';
import { showInvisible } from './invisible.ts';
import { beyond } from './findings/executes.ts';
import { actingCallersOf } from './findings/granted.ts';
import { NO_EFFECTS, type Effects } from './nodes/kind.ts';
import { pathCovers, readableWord, wordCovers } from './pattern.ts';
import { allNodes, growthOf, type Plan, type PlanNode } from './plan.ts';
import { plannedEffects } from './plan-envelope.ts';

const SHOWN = 3;
const CHARS = 160;
const WORDS = [
  ['hosts', 'send requests to'],
  ['tools', 'call'],
  ['models', 'use the model'],
  ['secrets', 'use the secret'],
] as const;

/** What is certain to be done: an agent chooses, and what a subplan adds nobody knows. */
function doneBy(node: PlanNode): Effects {
  const effects = plannedEffects(node);
  return growthOf(node) === null ? effects : { ...NO_EFFECTS, models: effects.models };
}

const named = (words: string[]): string => {
  const shown = words.slice(0, SHOWN).map((word) => `\`${showInvisible(word)}\``);
  return `${shown.join(', ')}${words.length > SHOWN ? ` and ${words.length - SHOWN} more` : ''}`;
};

/** Empty when every node is known and the envelope is no wider. */
export function alsoText(plan: Plan, envelope: Envelope): string {
  const nodes = [...allNodes(plan.nodes)].map(({ node }) => node);
  const done = nodes.map(doneBy);
  const commands = beyond(
    envelope.commands,
    done.flatMap((one) => one.commands),
    commandCovers,
  );
  const paths = (part: 'read' | 'write', own: readonly ('read' | 'write')[]): string[] =>
    beyond(
      envelope.paths[part],
      done.flatMap((one) => own.flatMap((from) => one[from])),
      pathCovers,
    );
  const parts = [
    ...(commands.length === 0 ? [] : [`run ${commandNames(commands)}`]),
    ...pathText(
      'write',
      paths('write', ['write']).filter((path) => !isSaid(path, done)),
    ),
    ...pathText('read', paths('read', ['read', 'write'])),
    ...WORDS.flatMap(([part, verb]) => {
      const words = beyond(
        envelope[part],
        done.flatMap((one) => one[part]),
        wordCovers,
      );
      return words.length === 0 ? [] : [`${verb} ${named(words)}`];
    }),
    ...growth(nodes, envelope),
  ];
  return parts.length === 0 ? '' : ` It may also ${joined(parts)}.`;
}

function growth(nodes: PlanNode[], envelope: Envelope): string[] {
  const callers = actingCallersOf(envelope);
  const who = callers.length === 0 ? '' : `let an agent (${named(callers)}) `;
  const isGrowing = nodes.some((node) => node.kind === 'subplan');
  return isGrowing || callers.length > 0 ? [`${isGrowing ? '' : who}add nodes while it runs that do any of this`] : [];
}

/** A change whose files are only known at run time was said to be of any file. */
const isSaid = (path: string, done: readonly Effects[]): boolean => path === '**' && done.some(({ write }) => write.some(isOpen));
const isOpen = (path: string): boolean => path.startsWith('*') && path !== '**';

function commandNames(commands: string[][]): string {
  const groups = commandGroups(
    commands.map((argv) => ({ argv: argv.map(readableWord) })),
    CHARS,
    (text) => `\`${showInvisible(text)}\``,
  );
  return `${groups.slice(0, SHOWN).join(', ')}${groups.length > SHOWN ? ` and ${groups.length - SHOWN} more` : ''}`;
}

function pathText(verb: string, paths: string[]): string[] {
  if (paths.length === 0) return [];
  return [`${verb} ${paths.includes('**') ? 'any file of the workspace' : named(paths)}`];
}

const joined = (parts: string[]): string => (parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')}, and ${parts.at(-1)}`);
