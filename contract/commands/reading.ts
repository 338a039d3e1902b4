/**
 * What of a command says what is run, rather than what that is given: the program behind all that only starts another one, the text of a shell or
 * of an interpreter, the file of it, its input where that is read as text, where it stands, and variables that name programs. Where a word
 * could be one of these it is. Pure.
 */
import { choosesPrograms } from './environment.ts';
import { baseName, isIn, known } from './names.ts';
import { INPUT_WORD, isOpenWord, isOption, OPEN_START, readOptions, type Option, type WordsRead } from './options.ts';
import { INTERPRETERS, type Interpreter } from './interpreters.ts';
import { ANY_TEXT, ANY_WORD, GIT, GIT_RUNS, PLAIN, WRAPPERS, XARGS, type Wrapper } from './programs.ts';
import { runningWords } from './running-options.ts';

/** `code`: texts that are run; `chosen`: other words that say what is run; `input`: its input is such a text. */
export type CommandReading = { code: string[]; chosen: string[]; input: boolean };
export type Command = {
  argv: readonly string[];
  env?: Record<string, string> | undefined;
  cwd?: string | undefined;
  stdin?: string | undefined;
};

/** How many words of commands inside of commands are looked at; what is beyond counts as a whole. */
const MAX_WORDS = 4000;
type Budget = { left: number };

const NOTHING: CommandReading = { code: [], chosen: [], input: false };
const INPUT_FILE = /^(?:-|\/dev\/stdin|\/dev\/fd\/0|\/proc\/(?:self|thread-self)\/fd\/0)$/;

const isInput = (word: string | undefined): boolean => word === undefined || INPUT_FILE.test(word) || isOpenWord(word);
const all = (words: readonly string[], input: boolean): CommandReading => ({ code: [], chosen: [...words], input });

function together(readings: readonly CommandReading[]): CommandReading {
  return {
    code: unique(readings.flatMap(({ code }) => code)),
    chosen: unique(readings.flatMap(({ chosen }) => chosen)),
    input: readings.some(({ input }) => input),
  };
}

const unique = (words: readonly string[]): string[] => [...new Set(words)];

/** In: the words of a command; whatever in them is known only at run time is a reference, or the `*` of a pattern. */
export function readCommand(words: readonly string[], budget: Budget = { left: MAX_WORDS }): CommandReading {
  const [program, ...rest] = words;
  if (program === undefined) return NOTHING;
  // Nobody knows what the other words are to a program that nobody knows.
  budget.left -= words.length;
  if (isOpenWord(program) || budget.left < 0) return all(words, true);
  const head = all([program], false);
  const interpreter = known(program, INTERPRETERS);
  if (interpreter) return together([head, readInterpreter(interpreter, rest)]);
  if (isIn(program, XARGS_NAMES)) return together([head, readXargs(rest, budget)]);
  if (isIn(program, FIND_NAMES)) return together([head, readFind(rest, budget)]);
  const wrapper = known(program, WRAPPERS);
  if (wrapper) return together([head, readWrapper(wrapper, rest, budget)]);
  if (isIn(program, ANY_TEXT)) return all(words, true);
  if (isIn(program, ANY_WORD)) return together([all(words, rest.some(mayNameInput)), readInner(rest, budget)]);
  if (baseName(program) === 'git') return together([head, readGit(rest)]);
  const options = all(runningWords(program, rest), false);
  return together(isIn(program, PLAIN) ? [head, options] : [head, options, readInner(rest, budget)]);
}

const XARGS_NAMES = new Set(['xargs']);
const FIND_NAMES = new Set(['find']);
/** As in `-f-` and `--file=/dev/stdin`. */
const mayNameInput = (word: string): boolean => isOpenWord(word) || INPUT_FILE.test(word.replace(/^--?[\w-]*?=?(?=-$|\/)/, ''));

function readInterpreter(spec: Interpreter, words: readonly string[]): CommandReading {
  const read = readOptions(words, spec);
  if (read.isOpen) return all(words, true);
  const { options, operands, doubts } = read;
  const has = (names: readonly string[] | undefined): boolean => options.some(({ name }) => names?.includes(name));
  const valuesOf = (names: readonly string[]): string[] =>
    options.flatMap(({ name, value }) => (names.includes(name) ? (value ?? []) : []));
  const code = valuesOf(spec.code);
  const files = valuesOf(spec.files ?? []);
  const chosen = wordsOf(options.filter(({ name }) => !spec.data?.includes(name)));
  const [operand = ''] = operands;
  if (files.some((file) => spec.running?.includes(file))) return all(words, true);
  const input = has(spec.asks) || files.some(isInput);
  const before = operands.length > 0 && spec.before?.includes(operand) ? 1 : 0;
  const first = operands.slice(0, 1 + before + doubts);
  const opens = spec.opensCommands !== undefined && (has(spec.opensCommands) || code.some((text) => text.includes('<>')));
  const opened = opens ? operands : [];
  // It may begin with `+`, and then it is an option.
  const mayBeOption = spec.plus === true && OPEN_START.test(operand);
  if (has(spec.announces)) return { code: first, chosen: [...chosen, ...(mayBeOption ? operands : [])], input };
  if (mayBeOption) return all(words, true);
  const isGiven = code.length > 0 || files.length > 0;
  if (isGiven) return { code, chosen: [...chosen, ...opened, ...(doubts > 0 ? first : [])], input };
  if (spec.operand === 'text') return { code: first, chosen, input };
  return { code, chosen: [...chosen, ...first, ...opened], input: input || isInput(operands[before]) };
}

const wordsOf = (options: readonly Option[]): string[] =>
  options.flatMap(({ word, value }) => (value === undefined ? [word] : [word, value]));

/** All of its own words count: they say where the command begins. Without one most start a shell. */
function readWrapper(spec: Wrapper, words: readonly string[], budget: Budget): CommandReading {
  const read = readOptions(words, spec);
  if (read.isOpen) return all(words, true);
  const split = read.options.find(({ name }) => spec.assigns && (name === 'S' || name === 'split-string'))?.value;
  if (split !== undefined) {
    const parts = split.split(/\s+/).filter((part) => part !== '');
    const inner = /["'\\$]/.test(split) ? all(words, true) : readCommand(['env', ...parts, ...read.operands], budget);
    return together([{ ...NOTHING, code: [split] }, inner]);
  }
  const { assigned, command } = assignments(spec, read);
  const before = command.slice(0, spec.operands);
  const starts = Array.from({ length: read.doubts + 1 }, (_none, more) => command.slice(spec.operands + more));
  // As in `flock FILE -c TEXT`.
  const inner = starts.map((start) => (isOption(start[0] ?? '') ? all(start, true) : readCommand(start, budget)));
  return together([all([...wordsOf(read.options), ...assigned, ...before], command.length <= spec.operands), ...inner]);
}

function assignments(spec: Wrapper, { operands }: WordsRead): { assigned: string[]; command: string[] } {
  const count = spec.assigns ? operands.findIndex((word) => word !== '-' && !/^[A-Za-z_]\w*=/.test(word)) : 0;
  const words = count === -1 ? operands : operands.slice(0, count);
  return { assigned: words.filter((word) => choosesPrograms(word.split('=')[0] ?? '')), command: operands.slice(words.length) };
}

/** What in the words behind xargs stands for its input; undefined: nothing does. */
export function placeOfInput(options: readonly Option[]): string | undefined {
  const named = options.find(({ name }) => name === 'I' || name === 'i' || name === 'replace');
  return named === undefined ? undefined : named.value || '{}';
}

/** Its input becomes words, which may begin with `-`, behind the command or where an option says. */
function readXargs(words: readonly string[], budget: Budget): CommandReading {
  const read = readOptions(words, XARGS);
  if (read.isOpen) return all(words, true);
  const place = placeOfInput(read.options);
  if (isOpenWord(place ?? '')) return all(words, true);
  const readings = ['', '-'].flatMap((dash) => {
    const mark = `${dash}${INPUT_WORD}`;
    const put = (word: string): string => (place === undefined ? word : word.replaceAll(place, mark));
    const restored = (found: string[]): string[] =>
      found
        .filter((word) => place !== undefined || word !== mark)
        .map((word) => (place === undefined ? word : word.replaceAll(mark, place)));
    return Array.from({ length: read.doubts + 1 }, (_none, skipped) => {
      const inner = [...read.operands.slice(skipped).map(put), ...(place === undefined ? [mark] : [])];
      const { code, chosen, input: isRead } = readCommand(inner, budget);
      const input = isRead || [...code, ...chosen].some((word) => word.includes(INPUT_WORD));
      return { code: restored(code), chosen: restored(chosen), input };
    });
  });
  return together([all(wordsOf(read.options), false), ...readings]);
}

const FIND_RUNS = new Set(['-exec', '-execdir', '-ok', '-okdir']);

function readFind(words: readonly string[], budget: Budget): CommandReading {
  const open = words.filter((word) => isOption(word) && isOpenWord(word));
  const commands: CommandReading[] = [];
  for (let at = 0; at < words.length; at++) {
    if (!FIND_RUNS.has(words[at] ?? '')) continue;
    const end = words.findIndex((item, index) => index > at && (item === ';' || (item === '+' && words[index - 1] === '{}')));
    commands.push(readCommand(words.slice(at + 1, end === -1 ? undefined : end), budget));
    at = end === -1 ? words.length : end;
  }
  return together([all(open, false), ...commands]);
}

function readGit(words: readonly string[]): CommandReading {
  const read = readOptions(words, GIT);
  const [sub = '', ...rest] = read.operands;
  if (read.isOpen || read.doubts > 0 || isOpenWord(sub) || GIT_RUNS.has(sub)) return all(words, false);
  return together([all([...wordsOf(read.options), sub], false), all(runningWords(`git ${sub}`, rest), false)]);
}

/** A shell or an interpreter among the words of a program that may run it. */
function readInner(words: readonly string[], budget: Budget): CommandReading {
  const inner: CommandReading[] = [];
  for (const [at, word] of words.entries()) {
    if (budget.left < 0) return all(words, true);
    if (isOpenWord(word) || isOption(word) || !startsPrograms(word)) continue;
    // `-s sh` is the value of an option as often as a program; what follows says which.
    const isValue = isOption(words[at - 1] ?? '') && words[at - 1] !== '--';
    if (!isValue || isOption(words[at + 1] ?? '')) inner.push(readCommand(words.slice(at), budget));
  }
  return together(inner);
}

function startsPrograms(word: string): boolean {
  const name = baseName(word);
  return (
    name.length > 1 &&
    (known(word, INTERPRETERS) !== undefined || known(word, WRAPPERS) !== undefined || XARGS_NAMES.has(name) || FIND_NAMES.has(name))
  );
}

/** Texts that are run. */
export function programTexts({ argv, env = {}, stdin }: Command): string[] {
  const { code, input } = readCommand(argv);
  const variables = Object.entries(env).flatMap(([name, value]) => (choosesPrograms(name) ? value : []));
  return [...code, ...(input && stdin !== undefined ? [stdin] : []), ...variables];
}

/** All texts that say what is run. */
export function choosingTexts(command: Command): string[] {
  const { chosen } = readCommand(command.argv);
  return [...chosen, ...programTexts(command), ...(command.cwd === undefined ? [] : [command.cwd])];
}
