/** What a command of a plan comes to: itself, and each command inside of the scripts that it gives to a shell. Pure. */
import { escapePattern, readableWord } from '../pattern.ts';
import { hasReference } from '../template.ts';
import { INTERPRETERS } from './interpreters.ts';
import { baseName, known } from './names.ts';
import { INPUT_WORD, readOptions } from './options.ts';
import { CARRIERS, WRAPPERS, XARGS } from './programs.ts';
import { placeOfInput, readCommand, type Command, type CommandReading } from './reading.ts';
import { shellCommands, type ShellCommand } from './shell-parse.ts';
import { argvText } from './shell-words.ts';

/** One program with its words. `code`: what an interpreter that is no shell is given to run. `unseen`: it runs text that nobody can read yet. */
export type Act = {
  program: string;
  args: string[];
  env: Record<string, string>;
  reads: string[];
  writes: string[];
  code: string;
  unseen: boolean;
  text: string;
};

/** What stands before a program in a shell. */
const KEYWORDS = new Set(['if', 'then', 'else', 'elif', 'do', 'while', 'until', '!', '{', 'exec', 'builtin', 'export']);
const KEYWORD_OPTIONS = { flags: [], values: ['a'] };
/** Of `env`: a command in one word. */
const SPLITS = /^(?:S|split-string)$/;
const ASSIGNMENT = /^([A-Za-z_]\w*)\+?=(.*)$/s;
const FETCHERS = /^(?:curl|wget|fetch|base64|base32|xxd|openssl|nc|ncat|gunzip|printf)$/;
const MAX_DEPTH = 4;

export function actsOf({ argv, env = {}, stdin = '' }: Command): Act[] {
  const text = stdin !== '' && readWords(argv).input ? `${argvText(argv)} <<< ${stdin}` : argvText(argv);
  const command = { words: [...argv], reads: [], writes: [], stdin, text, pipeline: text, isPiped: false, nested: [] };
  return expand(command, env, 0);
}

/** Words of a shell are no patterns: a star in them is a file that is there. */
function readWords(words: readonly string[]): CommandReading {
  const reading = readCommand(words.map(escapePattern));
  return { ...reading, code: reading.code.map(readableWord) };
}

function expand(command: ShellCommand, given: Record<string, string>, depth: number): Act[] {
  const { words, env } = unwrap(command.words);
  const [first = '', ...args] = words;
  const program = baseName(first);
  const act = { program, args, env: { ...given, ...env }, reads: command.reads, writes: command.writes };
  const { code, input } = readWords(words);
  const runsInput = (input || code.some((text) => text.includes(INPUT_WORD))) && !hasReference(first) && !CARRIERS.has(program);
  const isFed = runsInput && command.isPiped;
  const unseen = isFed || (runsInput && hasReference(command.stdin)) || (runsWords(program) && command.nested.some(fetches));
  const scripts = isShell(program) ? [...code, ...(runsInput && !command.isPiped ? [command.stdin] : [])] : [];
  const inner = [...scripts, ...executedBy(program, args)].flatMap((script) => (depth >= MAX_DEPTH ? [] : shellCommands(script)));
  return [
    { ...act, code: isShell(program) ? '' : code.join('\n'), unseen, text: isFed ? command.pipeline : command.text },
    ...inner.flatMap((one) => expand(one, {}, depth + 1)),
  ];
}

/** Steps over variables and what only says how a program is run. */
function unwrap(given: readonly string[]): { words: string[]; env: Record<string, string> } {
  const env: Record<string, string> = {};
  let words = [...given];
  for (;;) {
    const [word = '', ...rest] = words;
    const [, name, value = ''] = ASSIGNMENT.exec(word) ?? [];
    if (name !== undefined) env[name] = value;
    const behind = name === undefined ? behindWrapper(word, rest) : rest;
    if (behind === null || (behind.length === 0 && name === undefined)) return { words, env };
    words = behind;
  }
}

/** Null: the word is the program that is meant. */
function behindWrapper(word: string, rest: readonly string[]): string[] | null {
  if (KEYWORDS.has(word)) return readOptions(rest, KEYWORD_OPTIONS).operands;
  if (baseName(word) === 'xargs') return behindXargs(rest);
  const wrapper = known(word, WRAPPERS);
  if (wrapper === undefined) return null;
  const { options, operands } = readOptions(rest, wrapper);
  const split = wrapper === WRAPPERS.get('env') ? options.find(({ name }) => SPLITS.test(name))?.value : undefined;
  return [...shellCommands(split ?? '').flatMap(({ words }) => words), ...operands.slice(wrapper.operands)];
}

function behindXargs(rest: readonly string[]): string[] {
  const { options, operands } = readOptions(rest, XARGS);
  const place = placeOfInput(options);
  return place === undefined ? operands : operands.map((word) => word.replaceAll(place, INPUT_WORD));
}

const isShell = (program: string): boolean => known(program, INTERPRETERS)?.announces !== undefined;
const runsWords = (program: string): boolean => isShell(program) || /^(?:eval|source|\.)$/.test(program);
const fetches = ({ words }: ShellCommand): boolean => FETCHERS.test(baseName(unwrap(words).words[0] ?? ''));

function executedBy(program: string, args: string[]): string[] {
  const at = program === 'find' ? args.findIndex((word) => /^-(?:exec|execdir|ok|okdir)$/.test(word)) : -1;
  return at === -1 ? [] : [argvText(args.slice(at + 1).filter((word) => word !== ';' && word !== '+'))];
}
