/** Commands in sentences: a program text is told apart from what it is called with. */
import { readCommand } from './reading.ts';
import { plural } from '../plural.ts';

/** Words of a command that are a program text. */
export function codeWords(argv: readonly string[]): string[] {
  const { code } = readCommand(argv);
  return argv.filter((word) => code.includes(word));
}

/** Of a program text, more than this stands for itself elsewhere. */
const SHORT_CHARS = 60;

/**
 * A command in one line of a sentence. A program text that is long is only counted, since half of it would say nothing, and what it is
 * called with says nothing without it. `shown`: how a word is written.
 */
export function commandLine(argv: readonly string[], shown = (word: string): string => word): string {
  const codes = codeWords(argv);
  const at = argv.findIndex((word) => codes.includes(word) && !isShort(word));
  const words = at === -1 ? argv.map(shown) : [...argv.slice(0, at).map(shown), scriptMark(argv[at] ?? '')];
  return words.join(' ').replaceAll(/\s+/g, ' ');
}

const isShort = (code: string): boolean => code.length <= SHORT_CHARS && !code.trim().includes('\n');

function scriptMark(code: string): string {
  return `‹script of ${plural(code.trim().split('\n').length, 'line')}›`;
}
