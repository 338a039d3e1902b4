/** Many commands in few words: those that differ in a value only count as one, and what stands alone comes first. Pure. */
import { INTERPRETERS } from './interpreters.ts';
import { known } from './names.ts';
import type { Command } from './reading.ts';
import { isDangerous } from '../findings/danger.ts';
import { plural } from '../plural.ts';

/** A script with no more than this is read where it is decided about. */
const SCRIPT_LINES = 5;
const SCRIPT_CHARS = 400;
const MANY_GROUPS = 12;
const VALUE_CHARS = 60;

type Group = { commands: Command[]; count: number; isDangerous: boolean };

/** In: how long one may be. Out: `1 × \`rm -rf src docs\``, `39 × \`git log …\``: dangerous ones first, then the rarest. */
export function commandGroups(commands: readonly Command[], chars: number, quote = (text: string): string => `\`${text}\``): string[] {
  const fine = groupsBy(commands, shapeOf);
  const groups = fine.length <= MANY_GROUPS ? fine : regroup(fine);
  const sorted = groups.toSorted((a, b) => Number(b.isDangerous) - Number(a.isDangerous) || a.count - b.count);
  const isPlain = groups.every(({ count }) => count === 1);
  return sorted.map((group) => `${isPlain ? '' : `${group.count.toLocaleString('en')} × `}${quote(nameOf(group, chars))}`);
}

function groupsBy(commands: readonly Command[], keyOf: (command: Command) => string): Group[] {
  const groups = new Map<string, Group>();
  const danger = new Map<string, boolean>();
  for (const command of commands) {
    const text = JSON.stringify([command.argv, command.cwd, command.env, command.stdin]);
    const dangerous = danger.get(text) ?? isDangerous(command);
    danger.set(text, dangerous);
    // What is dangerous is never one of many.
    const key = dangerous ? text : keyOf(command);
    const group = groups.get(key) ?? { commands: [], count: 0, isDangerous: dangerous };
    group.commands.push(command);
    group.count++;
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Too many to read: those that are alike in program and first word are one, but for what stands out. */
function regroup(groups: readonly Group[]): Group[] {
  const dangerous = groups.filter((group) => group.isDangerous);
  const others = groups.filter((group) => !group.isDangerous).flatMap(({ commands }) => commands);
  return [...dangerous, ...groupsBy(others, headOf)];
}

/** Two scripts are never alike. */
const headOf = ({ argv }: Command): string => JSON.stringify(isRunner(argv) ? argv : argv.slice(0, isOption(argv[1]) ? 1 : 2));
const isRunner = ([program = '']: readonly string[]): boolean => known(program, INTERPRETERS)?.operand === 'file';
const isOption = (word: string | undefined): boolean => word === undefined || word.startsWith('-');

/** Program, first word and the names of its options: what is left are values. */
function shapeOf({ argv, cwd, env = {}, stdin }: Command): string {
  const options = argv.slice(1).filter((word) => word.startsWith('-'));
  const names = options.map((word) => word.replace(/=.*$/s, '').replaceAll(/\d+/g, '0'));
  return JSON.stringify([headOf({ argv }), [...new Set(names)].sort(), Object.keys(env).sort(), cwd, stdin !== undefined]);
}

function nameOf({ commands }: Group, chars: number): string {
  const texts = new Set(commands.map((command) => shownCommand(command, chars)));
  const [only = ''] = texts;
  if (texts.size === 1) return only;
  const { argv } = commands[0] ?? { argv: [] };
  return [...argv.slice(0, isOption(argv[1]) ? 1 : 2), '…'].join(' ');
}

/**
 * In: how many characters there is room for. Out: the command in one line, with its variables and what it is fed. A script that is longer is
 * counted instead of cut, since half of it would say nothing, and what it is called with says nothing without it.
 */
export function shownCommand({ argv, cwd, env = {}, stdin }: Command, chars: number, shown = (word: string): string => word): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${clip(oneLine(value), VALUE_CHARS)}`);
  const around = [...(cwd === undefined ? [] : ['-C', cwd]), ...variables];
  const isShell = isRunner(argv);
  const at = isShell ? argv.findIndex((word) => isLong(word, chars)) : -1;
  const words = at === -1 ? argv.map(shown) : [...argv.slice(0, at).map(shown), scriptMark(argv[at] ?? '')];
  const fed = stdin === undefined || !isShell ? [] : ['<<<', isLong(stdin, chars) ? scriptMark(stdin) : stdin];
  return clip(oneLine([...(around.length === 0 ? [] : ['env', ...around]), ...words, ...fed].join(' ')), chars * 2);
}

function isLong(script: string, chars: number): boolean {
  const text = script.trim();
  const isWhole = chars >= SCRIPT_CHARS;
  return text.length > chars || text.split('\n').length > (isWhole ? SCRIPT_LINES : 1);
}

/** For a place with room: scripts of few lines are whole. */
export const ROOMY_CHARS = SCRIPT_CHARS;

const scriptMark = (code: string): string => `‹script of ${plural(code.trim().split('\n').length, 'line')}›`;
const oneLine = (text: string): string =>
  text
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ⏎ ')
    .replaceAll(/\s+/g, ' ');
const clip = (text: string, chars: number): string => (text.length > chars ? `${text.slice(0, chars - 1)}…` : text);
