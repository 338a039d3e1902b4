/** Which words of a command say what it does, rather than what it does it with: the program, and the text that a shell or an interpreter runs. */
import { plural } from './plural.ts';

const SHELLS = /(?:^|\/)(?:sh|bash|dash|zsh|ksh|ash|fish|python[\d.]*|node|perl|ruby)$/;
const CODE_OPTION = /^-[a-z]*[ce]$|^--(?:eval|command|print)$/;

/** Words of a command that are a program text. */
export function codeWords(argv: readonly string[]): string[] {
  const isShell = SHELLS.test(argv[0] ?? '') || (argv[0] === 'env' && SHELLS.test(argv[1] ?? ''));
  return isShell ? argv.filter((_word, index) => CODE_OPTION.test(argv[index - 1] ?? '')) : [];
}

/** Words that choose what is run. */
export function choosingWords(argv: readonly string[]): string[] {
  return [argv[0] ?? '', ...codeWords(argv)];
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
