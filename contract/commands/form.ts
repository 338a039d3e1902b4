/**
 * A whole command as one list of words: what is run, in which folder, with which variables and which input. It is the form of env(1), with the
 * input behind `<<<`, as a shell writes it: `env -C src CI=1 npm test <<< text`. With nothing around them its words are just the arguments.
 */
import { sha256Hex } from '../canonical.ts';
import { isDynamic, readableWord, textCovers, wordCovers, wordsCover } from '../pattern.ts';

export const INPUT_MARK = '<<<';
export const HERE = '.';

/** Words of an envelope are bounded; an input of more characters stands there by its hash. */
const INPUT_CHARS = 90_000;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*=/;
const HASHED = /^sha256:[0-9a-f]{64}$/;

export type Called = { argv: readonly string[]; cwd?: string; env?: Readonly<Record<string, string>>; stdin?: string };

/** In: a command, and how one of its texts becomes a pattern. */
export function commandForm({ argv, cwd = HERE, env = {}, stdin = '' }: Called, toPattern: (text: string) => string): string[] {
  const folder = cwd === HERE ? [] : ['-C', toPattern(cwd)];
  const variables = Object.entries(env)
    .map(([name, value]) => `${name}=${toPattern(value)}`)
    .sort();
  const before = folder.length + variables.length === 0 ? [] : ['env', ...folder, ...variables];
  // No input is an empty one.
  return [...before, ...argv.map(toPattern), ...(stdin === '' ? [] : [INPUT_MARK, inputPattern(toPattern(stdin))])];
}

/** A text that looks like the hash of one stands for itself. */
function inputPattern(pattern: string): string {
  return HASHED.test(pattern) ? `\\${pattern}` : pattern;
}

/** As an envelope holds it: a long input by its hash, or as any text when that is only known at run time. */
export function storedCommand(command: string[]): string[] {
  const { called, input } = withoutInput(command);
  if (input.length <= INPUT_CHARS) return command;
  return [...called, INPUT_MARK, isDynamic(input) ? '*' : hashOfInput(input)];
}

/** In the order of their texts, each once. */
export function uniqueCommands(commands: readonly string[][]): string[][] {
  const byText = new Map(commands.map(storedCommand).map((command) => [JSON.stringify(command), command]));
  return [...byText.keys()].sort().flatMap((key) => [byText.get(key) ?? []]);
}

function hashOfInput(pattern: string): string {
  return `sha256:${sha256Hex(readableWord(pattern))}`;
}

/** Out: the command without its input, and the input, '' when there is none. */
export function withoutInput(command: readonly string[]): { called: readonly string[]; input: string } {
  const has = command.length > 2 && command.at(-2) === INPUT_MARK;
  return has ? { called: command.slice(0, -2), input: command.at(-1) ?? '' } : { called: command, input: '' };
}

type Around = { folder: string; variables: readonly string[]; words: readonly string[] };

/** Takes one `env` off; null when there is none that says what its program gets. */
function unwrapped(words: readonly string[]): Around | null {
  if (words[0] !== 'env') return null;
  const hasFolder = words[1] === '-C' && words.length > 3;
  const from = hasFolder ? 3 : 1;
  const rest = words.slice(from);
  const end = rest.findIndex((word) => !VARIABLE.test(word));
  if (end === -1 || (end === 0 && !hasFolder)) return null;
  return { folder: hasFolder ? (words[2] ?? HERE) : HERE, variables: rest.slice(0, end), words: rest.slice(end) };
}

/** Out: the arguments, the program first; the folders and variables around them; the input, '' when there is none. */
export function commandParts(command: readonly string[]): { words: readonly string[]; around: readonly string[]; input: string } {
  const { called, input } = withoutInput(command);
  const around: string[] = [];
  let words = called;
  for (let next = unwrapped(words); next !== null; next = unwrapped(words)) {
    around.push(next.folder, ...next.variables);
    words = next.words;
  }
  return { words, around, input };
}

export function programOf(command: readonly string[]): string {
  return commandParts(command).words[0] ?? '*';
}

/**
 * Whether one pattern of a command covers another one. What is around the arguments is covered only where it is named, variable by variable:
 * neither a `*` nor a last `**` of the arguments ever reaches it.
 */
export function commandCovers(outer: readonly string[], inner: readonly string[]): boolean {
  const [wide, narrow] = [withoutInput(outer), withoutInput(inner)];
  return calledCovers(wide.called, narrow.called) && inputCovers(wide.input, narrow.input);
}

function calledCovers(outer: readonly string[], inner: readonly string[]): boolean {
  const [wide, narrow] = [unwrapped(outer), unwrapped(inner)];
  if (wide === null && narrow === null) return wordsCover(outer, inner);
  const { folder, variables, words } = wide ?? { folder: HERE, variables: [], words: outer };
  const given: Around = narrow ?? { folder: HERE, variables: [], words: inner };
  return (
    wordCovers(folder, given.folder) &&
    variables.length === given.variables.length &&
    variables.every((variable, index) => wordCovers(variable, given.variables[index] ?? '')) &&
    calledCovers(words, given.words)
  );
}

/** An input is no argument: what it begins with makes no option of it. */
function inputCovers(outer: string, inner: string): boolean {
  if (outer === inner) return true;
  if (HASHED.test(outer)) return inner.length > INPUT_CHARS && !isDynamic(inner) && hashOfInput(inner) === outer;
  return HASHED.test(inner) ? /^\*+$/.test(outer) : textCovers(outer, inner);
}
