/** Of the options of a command, those that say what is run. Pure. */
import { isIn, known } from './names.ts';
import { isOpenWord, isOption, OPEN_START, optionName } from './options.ts';
import { PLAIN, READS_OPTIONS, RUNNING_OPTIONS, RUNS_ITS_VALUE } from './programs.ts';

/** Options whose value is a command, and options of which the name is not known. */
export function runningWords(program: string, words: readonly string[]): string[] {
  const running = known(program, RUNNING_OPTIONS) ?? [];
  const isPlain = isIn(program, PLAIN);
  const end = words.indexOf('--');
  const given = withBundle(program, end === -1 ? words : words.slice(0, end));
  return given.flatMap((word, at) => {
    if (word.startsWith('@') && isIn(program, READS_OPTIONS)) return [word];
    if (!isOption(word)) return [];
    const name = optionName(word);
    const letters = word.startsWith('--') ? [] : Array.from(name);
    if (letters.length === 0 ? isOpenWord(name) : OPEN_START.test(name)) return isPlain ? [] : [word];
    const isLetter = letters.some((letter) => running.includes(letter));
    if (!isLetter && !running.some((full) => isShortFor(name, full)) && !runsItsValue(name)) return [];
    // Of several letters each may take a word.
    return [word, ...(word.includes('=') ? [] : given.slice(at + 1, at + 1 + (isLetter ? letters.length : 1)))];
  });
}

/** The first word of tar is a bundle of letters also without its dash: `tar cfI FILE PROGRAM`. */
function withBundle(program: string, words: readonly string[]): readonly string[] {
  const [first = '', ...rest] = words;
  return isIn(program, BUNDLED) && /^\w+$/.test(first) ? [`-${first}`, ...rest] : words;
}
const BUNDLED = new Set(['tar', 'bsdtar']);

/** Programs take the beginning of a long name for the whole of it. */
const isShortFor = (name: string, full: string): boolean => name === full || (name.length > 1 && full.startsWith(name));

function runsItsValue(option: string): boolean {
  const name = option.toLowerCase();
  const tails = [name, ...Array.from(name.matchAll(/-/g), ({ index }) => name.slice(index + 1))];
  return RUNS_ITS_VALUE.some((full) => tails.some((tail) => isShortFor(tail, full)));
}
