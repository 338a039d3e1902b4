/** What is known of programs that run a text. A list is never complete: docs/plan.md says what is in it, and what follows from that. */
import type { OptionGrammar } from './options.ts';

export const names = (text: string): string[] => text.split(' ').filter((name) => name !== '');

type Grammar = Pick<OptionGrammar, 'flags' | 'values'>;
export const grammar = (flags: string, values = ''): Grammar => ({ flags: names(flags), values: names(values) });

/** A program that runs a text: which options hold one, or a file of it. All of its words count up to the text or the file, those of `data` excepted. */
export type Interpreter = OptionGrammar & {
  code: readonly string[];
  /** Options that name the file of a text. */
  files?: readonly string[];
  data?: readonly string[];
  /** Options after which it reads its input as text. */
  asks?: readonly string[];
  /** What its first operand is when no option gave a text: a file, or the text itself. */
  operand: 'file' | 'text';
  /** Options that are no text, and say that the first operand is one. */
  announces?: readonly string[];
  /** Words that may stand before a file. */
  before?: readonly string[];
  /** Files that run what they are given. */
  running?: readonly string[];
  /** Options with which the names of files are opened as commands; a text that reads all files, as `<>`, does so too. */
  opensCommands?: readonly string[];
};

const SHELL: Interpreter = {
  ...grammar('c e u x s i l n v f a b h k m p t r B C E H P login norc noprofile posix restricted verbose', 'o O rcfile init-file'),
  isLoose: true,
  plus: true,
  code: [],
  announces: ['c'],
  asks: ['s', 'i'],
  before: ['-'],
  operand: 'file',
};
const PYTHON: Interpreter = {
  ...grammar('B E I O OO P R S b bb d i q s u v x', 'c m W X check-hash-based-pycs'),
  last: ['c', 'm'],
  code: ['c'],
  files: ['m'],
  running: names('timeit pdb runpy cProfile profile trace code asyncio idlelib doctest pip ensurepip pytest unittest'),
  asks: ['i'],
  operand: 'file',
};
const NODE: Interpreter = {
  ...grammar(
    'i interactive c check test watch no-warnings enable-source-maps inspect trace-warnings',
    'e p r eval print require import loader experimental-loader env-file C conditions input-type max-old-space-size run',
  ),
  isLoose: true,
  code: ['e', 'p', 'eval', 'print'],
  files: ['run'],
  before: names('inspect debug watch run test'),
  asks: ['i', 'interactive'],
  operand: 'file',
};
const PERL: Interpreter = {
  ...grammar('a c f n p l s S t T u U v w W X', 'e E I'),
  tails: ['M', 'm', 'F', 'i', 'x', 'C', 'D', 'd'],
  code: ['e', 'E'],
  operand: 'file',
  opensCommands: ['n', 'p'],
};
const RUBY: Interpreter = { ...PERL, ...grammar('a c l n p s S v w W y h', 'e r I E C'), tails: ['F', 'i', 'x', 'K', 'T'], code: ['e'] };
const LUA: Interpreter = { ...grammar('i v E W', 'e l'), code: ['e'], asks: ['i'], operand: 'file' };
const PHP: Interpreter = {
  ...grammar('a n q s w v i', 'r B R E F f c d z t S'),
  code: ['r', 'B', 'R', 'E'],
  files: ['f', 'F'],
  asks: ['a'],
  operand: 'file',
};
const AWK: Interpreter = {
  ...grammar('S P c M N O b posix traditional sandbox re-interval', 'f v F e i l E W file assign field-separator source include load exec'),
  code: ['e', 'source'],
  files: ['f', 'file', 'E', 'exec'],
  data: ['v', 'assign', 'F', 'field-separator'],
  operand: 'text',
};
const SED: Interpreter = {
  ...grammar(
    'n E r s z u b quiet silent regexp-extended separate null-data unbuffered in-place posix debug sandbox follow-symlinks',
    'e f l expression file line-length',
  ),
  tails: ['i'],
  permutes: true,
  // Behind `-i` of BSD.
  before: [''],
  code: ['e', 'expression'],
  files: ['f', 'file'],
  operand: 'text',
};
const R: Interpreter = { ...grammar('q s vanilla slave no-save interactive', 'e f g'), code: ['e'], files: ['f'], operand: 'file' };
const JULIA: Interpreter = {
  ...grammar('q i', 'e E L p t eval print load project'),
  code: ['e', 'E', 'eval', 'print'],
  asks: ['i'],
  operand: 'file',
};

const of = (spec: Interpreter, programs: string): [string, Interpreter][] => names(programs).map((name) => [name, spec]);

export const INTERPRETERS: ReadonlyMap<string, Interpreter> = new Map([
  ...of(SHELL, 'sh bash dash zsh ksh mksh lksh pdksh ash rbash rksh yash fish csh tcsh rc es elvish xonsh nu osh'),
  ...of(PYTHON, 'python pypy ipython jython micropython'),
  ...of(NODE, 'node nodejs tsx ts-node electron'),
  ...of(PERL, 'perl raku'),
  ...of(RUBY, 'ruby jruby'),
  ...of(LUA, 'lua luajit luau texlua'),
  ...of(PHP, 'php php-cgi'),
  ...of(AWK, 'awk gawk mawk nawk original-awk'),
  ...of(SED, 'sed gsed'),
  ...of(R, 'Rscript R r'),
  ...of(JULIA, 'julia'),
]);
