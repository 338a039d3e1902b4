/** What is known of programs that run others, or texts. A list is never complete: docs/plan.md says what is in it, and what follows from that. */
import type { OptionGrammar } from './command-options.ts';

const names = (text: string): string[] => text.split(' ').filter((name) => name !== '');

type Grammar = Pick<OptionGrammar, 'flags' | 'values'>;
const grammar = (flags: string, values = ''): Grammar => ({ flags: names(flags), values: names(values) });

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
  /** Options with which the names of files are opened as commands. */
  opensCommands?: readonly string[];
};

const SHELL: Interpreter = {
  ...grammar('c e u x s i l n v f a b h k m p t r B C E H P login norc noprofile posix restricted verbose', 'o O rcfile init-file'),
  isLoose: true,
  plus: true,
  code: [],
  announces: ['c'],
  asks: ['s', 'i'],
  operand: 'file',
};
const PYTHON: Interpreter = {
  ...grammar('B E I O OO P R S b bb d i q s u v x', 'c m W X check-hash-based-pycs'),
  last: ['c', 'm'],
  code: ['c'],
  files: ['m'],
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

/** A program that runs another one, which begins after its options and `operands` words of its own. */
export type Wrapper = OptionGrammar & { operands: number; assigns?: true };

const wrapper = (flags: string, values = '', operands = 0): Wrapper => ({ ...grammar(flags, values), operands });

export const WRAPPERS: ReadonlyMap<string, Wrapper> = new Map(
  Object.entries({
    env: { ...wrapper('i 0 v ignore-environment null debug', 'u C S unset chdir split-string'), assigns: true },
    sudo: {
      ...wrapper(
        'A b E e H i K k l n P S s v preserve-env login shell non-interactive stdin',
        'u g h p C c r t T U D R user group host prompt',
      ),
      assigns: true,
    },
    doas: wrapper('L n s', 'a C u'),
    nice: wrapper('', 'n adjustment'),
    ionice: wrapper('t', 'c n p P u class classdata'),
    chrt: wrapper('a b d f i m o r R v batch fifo idle other rr', 'T P D p', 1),
    taskset: wrapper('a c cpu-list', 'p', 1),
    timeout: wrapper('f p v foreground preserve-status verbose', 's k signal kill-after', 1),
    setsid: wrapper('c f w ctty fork wait'),
    nohup: wrapper(''),
    stdbuf: wrapper('', 'i o e input output error'),
    time: wrapper('p v a l', 'o f output format'),
    gtime: wrapper('p v a', 'o f'),
    busybox: wrapper(''),
    toybox: wrapper(''),
    flock: wrapper('s x n u o e F shared exclusive nonblock nb', 'w E timeout conflict-exit-code', 1),
    unshare: wrapper(
      'm u i n p U C T f r c mount uts ipc net pid user cgroup time fork map-root-user map-current-user keep-caps kill-child',
      'R w S G wd root setuid setgid propagation setgroups',
    ),
    nsenter: wrapper('m u i n p U C T a F e r w mount uts ipc net pid user all', 't S G target'),
    chroot: wrapper('', 'userspec groups', 1),
    setpriv: wrapper(
      'no-new-privs reset-env clear-groups keep-groups init-groups',
      'reuid regid groups ambient-caps inh-caps bounding-set pdeathsig',
    ),
    prlimit: wrapper(''),
    setarch: wrapper('R 3 X Z addr-no-randomize', '', 1),
    linux32: wrapper('R'),
    linux64: wrapper('R'),
    strace: wrapper('f ff c C q qq t tt T v y yy d', 'o e p s u a b I O S E P'),
    ltrace: wrapper('f c C S i', 'o e p s u n l a'),
    valgrind: wrapper('q v'),
    catchsegv: wrapper(''),
    fakeroot: wrapper('u', 'l s i b'),
    tini: wrapper('s g v w', 'p e'),
    'dumb-init': wrapper('c v'),
    unbuffer: wrapper('p'),
    rlwrap: wrapper('a c r R'),
    chronic: wrapper('v e'),
    ifne: wrapper('n'),
    torsocks: wrapper('i'),
    proxychains: wrapper('q', 'f'),
    'xvfb-run': wrapper('a l', 'e f n p s w'),
    'dbus-run-session': wrapper('', 'config-file'),
    'systemd-run': wrapper('G P S d q r t scope user pty wait collect pipe', 'p E u M H property setenv unit'),
    npx: wrapper('y q n yes no quiet', 'p c package call w workspace'),
    pnpx: wrapper('c'),
    bunx: wrapper('', 'p package'),
    uvx: wrapper('', 'p from with python'),
  } satisfies Record<string, Wrapper>),
);

/** Of xargs: what it puts words of its input behind. */
export const XARGS: OptionGrammar = {
  ...grammar(
    '0 r t p x o null no-run-if-empty interactive verbose exit open-tty',
    'I n P d L s a E J R S arg-file delimiter max-args max-procs max-lines max-chars',
  ),
  tails: ['i', 'e', 'l'],
};

/** All words count, and so does the input: shells of databases, editors, programs that run what they read. */
export const ANY_TEXT = new Set(
  names(
    'su runuser sg newgrp script watch parallel sem ssh ed red ex vi vim view nvim rvim vimdiff emacs nano gdb lldb sqlite3 psql mysql mariadb duckdb clickhouse-client sqlcmd ' +
      'tclsh wish expect pwsh powershell cmd osascript ghci runghc irb iex erl elixir jshell clojure groovy scala kotlin swift ocaml gnuplot octave m4 dc at batch crontab nsh ' +
      'screen tmux entr hyperfine nix-shell xonsh socat nc ncat netcat telnet deno bun',
  ),
);

/** All words count: what is built or fetched by a name. Its input does where one of them says so. */
export const ANY_WORD = new Set(
  names(
    'make gmake bmake ninja cmake just task rake gradle gradlew mvn mvnw ant bazel scons meson tox nox go cargo dotnet java javaw npm pnpm yarn pip pipx uv poetry bundle gem composer docker ' +
      'podman kubectl helm terraform ansible ansible-playbook nix pre-commit lerna nx turbo',
  ),
);

/** They run nothing that their words name, so that a word among these is what it is. */
export const PLAIN = new Set(
  names(
    'cat echo printf grep egrep fgrep rg wc head tail ls jq sort uniq cut tr test [ diff cmp cp mv mkdir rmdir touch rm basename dirname realpath readlink stat file ' +
      'sha256sum sha1sum md5sum base64 date true false sleep seq tee fold nl paste join comm expr od xxd du df pwd id whoami uname which shellcheck',
  ),
);

/** What an option is called whose value is a command, whatever program it is of. */
export const RUNS_ITS_VALUE =
  /^(?:[a-z]+-)*(?:exec|execute|command|cmd|eval|rsh|shell|pager|editor|plugin|hook|compress-program|checkpoint-action)$/i;
/** Others of that kind, by their programs. */
export const RUNNING_OPTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['tar', ['I', 'F', 'info-script', 'new-volume-script']],
  ['rsync', ['e', 'rsync-path']],
  ['scp', ['S', 'o', 'F']],
  ['sftp', ['S', 'o', 'F', 'b']],
  ['zip', ['T', 'unzip-command']],
  ['split', ['filter']],
  ['rg', ['pre', 'hostname-bin']],
  ['man', ['P', 'H']],
  ['curl', ['K', 'config']],
  ['git grep', ['O', 'open-files-in-pager']],
  ['git rebase', ['x', 's', 'strategy']],
  ['git merge', ['s', 'strategy']],
  ['git pull', ['s', 'strategy', 'upload-pack']],
  ['git fetch', ['upload-pack']],
  ['git ls-remote', ['upload-pack']],
  ['git push', ['receive-pack']],
  ['git clone', ['c', 'u', 'config', 'upload-pack', 'template']],
  ['git init', ['template']],
]);

/** Of git: what runs programs that its words, or the configuration that they set, name. */
export const GIT_RUNS = new Set(
  names(
    'config submodule bisect filter-branch difftool mergetool send-email credential daemon instaweb hook for-each-repo upload-pack receive-pack p4 svn web--browse',
  ),
);
export const GIT: OptionGrammar = {
  ...grammar(
    'p P v bare no-pager paginate no-replace-objects literal-pathspecs glob-pathspecs no-optional-locks',
    'c C git-dir work-tree namespace config-env super-prefix attr-source',
  ),
  isLoose: true,
};
