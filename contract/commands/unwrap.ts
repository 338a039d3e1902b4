/** The program that is meant, behind variables and what only says how it is run. Pure. */
import { baseName, known } from './names.ts';
import { INPUT_WORD, readOptions } from './options.ts';
import { WRAPPERS, XARGS } from './programs.ts';
import { placeOfInput } from './reading.ts';
import { shellCommands } from './shell-parse.ts';

/** What stands before a program in a shell. */
const KEYWORDS = new Set([
  'if',
  'then',
  'else',
  'elif',
  'do',
  'while',
  'until',
  '!',
  '{',
  'exec',
  'builtin',
  'export',
  'local',
  'readonly',
  'declare',
  'typeset',
]);
const KEYWORD_OPTIONS = { flags: [], values: ['a'] };
/** Of `env`: a command in one word. */
const SPLITS = /^(?:S|split-string)$/;
const ASSIGNMENT = /^([A-Za-z_]\w*)\+?=(.*)$/s;

/** Steps over variables and what only says how a program is run. */
export function unwrap(given: readonly string[]): { words: string[]; env: Record<string, string> } {
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
