/** What a command of a plan comes to: itself, and each command inside of the scripts that it gives to a shell. Pure. */
import { escapePattern, readableWord } from '../pattern.ts';
import { hasReference } from '../template.ts';
import { INTERPRETERS } from './interpreters.ts';
import { makesText } from './makers.ts';
import { baseName, known } from './names.ts';
import { INPUT_WORD } from './options.ts';
import { CARRIERS } from './programs.ts';
import { readCommand, type Command, type CommandReading } from './reading.ts';
import { shellCommands, type ShellCommand } from './shell-parse.ts';
import { argvText } from './shell-words.ts';
import { traced } from './trace.ts';
import { unwrap } from './unwrap.ts';

/**
 * One program with its words. `before`: what stands in front of it; `called`: its first word as it is written. `code`: what an interpreter that is no shell is given to run. `unseen`: it runs
 * text that nobody can read yet. `runs`: words and texts that say what is run. `carries`: what is in a file, or was fetched, is among its words.
 */
export type Act = {
  before: string[];
  program: string;
  called: string;
  args: string[];
  env: Record<string, string>;
  reads: string[];
  writes: string[];
  code: string;
  runs: string[];
  unseen: boolean;
  carries: boolean;
  /** Commands whose output is among its words, and those whose output it reads. */
  nested: readonly ShellCommand[];
  from: readonly ShellCommand[];
  text: string;
};

const MAX_DEPTH = 4;
/** Options of searches, behind which the command stands that is run for what is found. */
const RUN_FOR_EACH: Readonly<Partial<Record<string, RegExp>>> = {
  find: /^-(?:exec|execdir|ok|okdir)$/,
  fd: /^(?:-[xX]|--exec(?:-batch)?)$/,
  fdfind: /^(?:-[xX]|--exec(?:-batch)?)$/,
};

export function actsOf({ argv, env = {}, stdin = '' }: Command): Act[] {
  const text = stdin !== '' && readWords(argv).input ? `${argvText(argv)} <<< ${stdin}` : argvText(argv);
  const command = { words: [...argv], reads: [], writes: [], stdin, text, pipeline: text, from: [], isPiped: false, nested: [] };
  return traced(expand(command, env, 0));
}

/** Words of a shell are no patterns: a star in them is a file that is there. */
function readWords(words: readonly string[]): CommandReading {
  const reading = readCommand(words.map(escapePattern));
  return { ...reading, code: reading.code.map(readableWord), chosen: reading.chosen.map(readableWord) };
}

function expand(command: ShellCommand, given: Record<string, string>, depth: number): Act[] {
  const { words, env } = unwrap(command.words);
  const [first = '', ...args] = words;
  const program = baseName(first);
  const { reads, writes, nested, from } = command;
  const before = command.words.slice(0, Math.max(0, command.words.length - words.length));
  const act = { before, program, called: first, args, env: { ...given, ...env }, reads, writes, nested, from, carries: false };
  const { code, chosen, input } = readWords(words);
  const runsInput = (input || code.some((text) => text.includes(INPUT_WORD))) && !hasReference(first) && !CARRIERS.has(program);
  const isFed = runsInput && command.isPiped;
  const isMade = runsWords(program) || /^(?:\$\(|`)/.test(first);
  const unseen = isFed || (runsInput && hasReference(command.stdin)) || (isMade && nested.some(makesText));
  const texts = [...code, ...(runsInput && !command.isPiped ? [command.stdin] : [])];
  const inner = [...(isShell(program) ? texts : []), ...executedBy(program, args)].flatMap((script) =>
    depth >= MAX_DEPTH ? [] : shellCommands(script),
  );
  const own = {
    code: isShell(program) ? '' : texts.join('\n'),
    runs: [...chosen, ...texts, ...(runsWords(program) ? [...args, ...reads] : []), ...(runsInput ? reads : [])],
  };
  return [{ ...act, ...own, unseen, text: isFed ? command.pipeline : command.text }, ...inner.flatMap((one) => expand(one, {}, depth + 1))];
}

const isShell = (program: string): boolean => known(program, INTERPRETERS)?.announces !== undefined;
const runsWords = (program: string): boolean => isShell(program) || /^(?:eval|source|\.)$/.test(program);

function executedBy(program: string, args: string[]): string[] {
  const option = RUN_FOR_EACH[program];
  const at = option === undefined ? -1 : args.findIndex((word) => option.test(word));
  return at === -1 ? [] : [argvText(args.slice(at + 1).filter((word) => word !== ';' && word !== '+'))];
}
