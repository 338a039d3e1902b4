/** Options of a command as its program reads them. Pure. */
import { isDynamic } from '../pattern.ts';
import { hasReference } from '../template.ts';

/** What a program reads of its input word by word, standing where it puts it. */
export const INPUT_WORD = '\u0000';

/** Names without dashes. What is in none of them is not known: whether it takes the word after it, nobody can say. */
export type OptionGrammar = {
  flags: readonly string[];
  /** Options with a value: behind `=`, or the next word; of single letters also the rest of their own. */
  values: readonly string[];
  /** Letters that end their word, whatever stands in its rest. */
  tails?: readonly string[];
  /** A letter with a value never has it in its own word. */
  isLoose?: true;
  /** A word that begins with `+` is an option as well. */
  plus?: true;
  /** Options may stand behind operands. */
  permutes?: true;
  /** Options that end all options. */
  last?: readonly string[];
};

export type Option = { name: string; word: string; value: string | undefined };
/** `doubts`: options of which nobody knows whether they took an operand. `isOpen`: the name of an option is not known before a run. */
export type WordsRead = { options: Option[]; operands: string[]; doubts: number; isOpen: boolean };

/** Whether a word, or what of it is given, is known only at run time. */
export const isOpenWord = (word: string): boolean => hasReference(word) || isDynamic(word) || word.includes(INPUT_WORD);

/** What a word that is open from its beginning begins with. */
export const OPEN_START = /^(?:\$\{\{|[*\0])/;

/** What is open as a whole never begins with `-`: the envelope does not cover that. */
export const isOption = (word: string): boolean => word.startsWith('-') && word.length > 1;

export const optionName = (word: string): string => (/^[^=]*/.exec(word)?.[0] ?? word).replace(/^(?:--?|\+)/, '');

/** In: the words after the program. */
export function readOptions(words: readonly string[], grammar: OptionGrammar): WordsRead {
  const read: WordsRead = { options: [], operands: [], doubts: 0, isOpen: false };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') return { ...read, operands: [...read.operands, ...words.slice(at + 1)] };
    if (!isOption(word) && !(grammar.plus && word.startsWith('+'))) {
      read.operands.push(word);
      if (!grammar.permutes) return { ...read, operands: words.slice(at) };
      continue;
    }
    if (isOpenWord(optionName(word))) return { ...read, isOpen: true };
    const found = word.startsWith('--') ? longOption(word, grammar) : letters(word, grammar);
    read.doubts += found.doubts;
    const value = found.takesNext ? words[++at] : undefined;
    read.options.push(
      ...found.options.map((option, index) => (index === found.options.length - 1 && value !== undefined ? { ...option, value } : option)),
    );
    if (found.options.some(({ name }) => grammar.last?.includes(name))) return { ...read, operands: words.slice(at + 1) };
  }
  return read;
}

type Found = { options: Option[]; takesNext: boolean; doubts: number };

function longOption(word: string, { flags, values }: OptionGrammar): Found {
  const name = optionName(word);
  const at = word.indexOf('=');
  const value = at === -1 ? undefined : word.slice(at + 1);
  const isKnown = value !== undefined || flags.includes(name) || values.includes(name);
  return {
    options: [{ name, word, value }],
    takesNext: value === undefined && values.includes(name),
    doubts: isKnown ? 0 : 1,
  };
}

function letters(word: string, grammar: OptionGrammar): Found {
  const whole = optionName(word);
  // Such as `-exec`: a word with one dash.
  if (whole.length > 1 && (grammar.flags.includes(whole) || grammar.values.includes(whole))) return longOption(word, grammar);
  const found: Found = { options: [], takesNext: false, doubts: 0 };
  for (let at = 1; at < word.length; at++) {
    const name = word[at] ?? '';
    const rest = word.slice(at + 1);
    const takes = grammar.values.includes(name);
    const ends = grammar.tails?.includes(name) === true || (takes && rest !== '' && !grammar.isLoose);
    found.options.push({ name, word, value: ends ? rest : undefined });
    if (ends) return found;
    found.takesNext ||= takes;
    if (!takes && !grammar.flags.includes(name) && !/\d/.test(name)) found.doubts = 1;
  }
  return found;
}
