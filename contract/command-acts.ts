/** What a command of a plan comes to: itself, and each command inside of the scripts that it gives to a shell. Pure. */
import { argvText } from './shell-words.ts';
import { shellCommands, type ShellCommand } from './shell-parse.ts';
import { hasReference } from './template.ts';

/** What a node states of a command. Words that are only known at run time hold a reference or a `*`. */
export type PlannedCommand = {
  argv: readonly string[];
  cwd?: string | undefined;
  env?: Record<string, string> | undefined;
  stdin?: string | undefined;
};

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

const SHELL = /^(?:ba|da|z|k|mk|c|tc|a|fi)?sh$/;
const INTERPRETER = /^(?:python[\d.]*|node|deno|bun|perl|ruby|php)$/;
/** What may stand before the program that is meant. */
const WRAPPERS =
  /^(?:if|then|else|elif|do|while|until|!|\{|time|exec|command|builtin|nohup|sudo|doas|nice|ionice|setsid|stdbuf|timeout|xargs|busybox)$/;
const WITH_VALUE = /^-(?:n|u|C|I|P|L|d|s|k|c|S)$/;
const ASSIGNMENT = /^([A-Za-z_]\w*)\+?=(.*)$/s;
const FETCHERS = /^(?:curl|wget|fetch|base64|base32|xxd|openssl|nc|ncat|gunzip|printf)$/;
const MAX_DEPTH = 4;

export const baseName = (word: string): string => word.slice(word.lastIndexOf('/') + 1);

export function actsOf({ argv, env = {}, stdin = '' }: PlannedCommand): Act[] {
  const isRunner = SHELL.test(baseName(argv[0] ?? '')) || INTERPRETER.test(baseName(argv[0] ?? ''));
  const text = isRunner && stdin !== '' ? `${argvText(argv)} <<< ${stdin}` : argvText(argv);
  const command = { words: [...argv], reads: [], writes: [], stdin, text, pipeline: text, isPiped: false, nested: [] };
  return expand(command, env, 0);
}

function expand(command: ShellCommand, given: Record<string, string>, depth: number): Act[] {
  const { words, env } = unwrap(command.words);
  const [first = '', ...args] = words;
  const program = baseName(first);
  const act = { program, args, env: { ...given, ...env }, reads: command.reads, writes: command.writes, text: command.text };
  const scripts = [...(SHELL.test(program) ? shellScripts(args, command) : []), ...(program === 'find' ? executedBy(args) : [])];
  const code = INTERPRETER.test(program) ? codeOf(args) : '';
  const inner = depth >= MAX_DEPTH ? [] : scripts.flatMap((script) => shellCommands(script).flatMap((one) => expand(one, {}, depth + 1)));
  return [{ ...act, code, unseen: runsUnseen(act, command), text: isFed(act, command) ? command.pipeline : command.text }, ...inner];
}

/** Steps over variables, `env` and what only says how a program is run. */
function unwrap(words: readonly string[]): { words: string[]; env: Record<string, string> } {
  const env: Record<string, string> = {};
  let at = 0;
  while (at < words.length) {
    const word = words[at] ?? '';
    const [, name, value = ''] = ASSIGNMENT.exec(word) ?? [];
    const isWrapper = word === 'env' || word === 'export' || WRAPPERS.test(baseName(word));
    if (name !== undefined) env[name] = value;
    else if (!isWrapper) break;
    else if (at + 1 < words.length) at = skipOptions(words, at);
    at++;
  }
  return { words: at < words.length ? words.slice(at) : words.slice(-1), env };
}

/** Out: the place of the last option of a wrapper, with its value. */
function skipOptions(words: readonly string[], from: number): number {
  let at = from;
  while (words[at + 1]?.startsWith('-') === true) at += WITH_VALUE.test(words[at + 1] ?? '') ? 2 : 1;
  const isTime = baseName(words[from] ?? '') === 'timeout';
  return isTime && /^\d/.test(words[at + 1] ?? '') ? at + 1 : at;
}

/** Words after `-c`, and what a shell without a script reads. */
function shellScripts(args: string[], { stdin, isPiped }: ShellCommand): string[] {
  const at = args.findIndex((word) => /^-[a-z]*c$/.test(word));
  if (at !== -1) return args[at + 1] === undefined ? [] : [args[at + 1] ?? ''];
  return takesStdin(args) && !isPiped && stdin !== '' ? [stdin] : [];
}

function executedBy(args: string[]): string[] {
  const at = args.findIndex((word) => /^-(?:exec|execdir|ok|okdir)$/.test(word));
  return at === -1 ? [] : [argvText(args.slice(at + 1).filter((word) => word !== ';' && word !== '+'))];
}

const CODE = /^-[a-zA-Z]*[cep]$|^--(?:eval|print)$/;
function codeOf(args: string[]): string {
  return args.filter((_word, index) => CODE.test(args[index - 1] ?? '')).join('\n');
}

/** No script is named, so that what comes in is the program. */
const takesStdin = (args: string[]): boolean =>
  args.includes('-s') || args.every((word) => word === '-' || word === '/dev/stdin' || (/^-[a-z]*$/.test(word) && !/[cempn]$/.test(word)));

type Fed = Pick<Act, 'program' | 'args'>;
const isFed = ({ program, args }: Fed, { isPiped }: ShellCommand): boolean =>
  isPiped && (SHELL.test(program) || INTERPRETER.test(program)) && takesStdin(args);

function runsUnseen(act: Fed, command: ShellCommand): boolean {
  const { program, args } = act;
  if (isFed(act, command)) return true;
  const isRunner = SHELL.test(program) || INTERPRETER.test(program);
  if (isRunner && takesStdin(args) && hasReference(command.stdin)) return true;
  const runsWords = SHELL.test(program) || program === 'eval' || program === 'source' || program === '.';
  return runsWords && command.nested.some(({ words }) => FETCHERS.test(baseName(unwrap(words).words[0] ?? '')));
}
