/** What is known of programs that run others. */
import { grammar, names } from './interpreters.ts';
import type { OptionGrammar } from './options.ts';

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
    command: wrapper('p v V'),
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
    choom: wrapper('', 'n p adjust pid'),
    uclampset: wrapper('a s R all-tasks system reset-on-fork', 'm M p util-min util-max pid'),
    numactl: wrapper('a l b all localalloc balancing', 'i p P m N C interleave preferred membind cpunodebind physcpubind'),
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
      'tclsh wish expect pwsh powershell cmd osascript ghci runghc irb iex erl elixir jshell clojure groovy scala kotlin kotlinc swift ocaml gnuplot octave m4 dc at batch crontab nsh ' +
      'tex latex pdftex pdflatex xetex xelatex luatex lualatex sftp lftp ftp pee mispipe screen tmux redis-cli gs entr hyperfine nix-shell xonsh socat nc ncat netcat telnet deno bun',
  ),
);

/** Of those: what takes its input elsewhere as it is. */
export const CARRIERS = new Set(names('nc ncat netcat socat telnet ftp lftp sftp ssh script tmux screen pee tee'));

/** Their own files of options: `@` before the name of one. */
export const READS_OPTIONS = new Set(names('gcc cc g++ c++ clang clang++ ld ar rustc java javac javadoc kotlinc swiftc ghc'));

/** All words count: what is built or fetched by a name. Its input does where one of them says so. */
export const ANY_WORD = new Set(
  names(
    'make gmake bmake ninja cmake just task rake gradle gradlew mvn mvnw ant bazel scons meson tox nox go cargo dotnet java javaw npm pnpm yarn pip pipx uv poetry bundle gem composer docker ' +
      'podman kubectl helm terraform ansible ansible-playbook nix pre-commit lerna nx turbo bwrap firejail perf proot runcon systemd-nspawn machinectl chpst setuidgid softlimit envdir eatmydata faketime cpulimit ' +
      'cgexec runc crun capsh pkexec gosu su-exec dotenv cross-env concurrently nodemon foreman direnv mise asdf volta fnm rbenv pyenv conda mamba pixi hatch pdm rye pipenv xcrun ' +
      'caffeinate run-parts start-stop-daemon openvt systemd-inhibit dpkg apt apt-get rpm yum dnf apk brew ld.so ld-linux ld-linux-x86-64.so ld-linux-aarch64.so ld-musl-x86_64.so ' +
      'eslint vitest jest webpack rollup vite esbuild parcel prettier mocha ava tap pytest py.test rspec phpunit tsc babel stylelint',
  ),
);

/** They run nothing that their words name, so that a word among these is what it is. */
export const PLAIN = new Set(
  names(
    'cat echo printf grep egrep fgrep rg wc head tail ls jq sort uniq cut tr test [ diff cmp cp mv mkdir rmdir touch rm basename dirname realpath readlink stat file ' +
      'sha256sum sha1sum md5sum base64 date true false sleep seq tee fold nl paste join comm expr od xxd du df pwd id whoami uname which shellcheck',
  ),
);

/** What an option is called whose value is a command or a file of a program, whatever program it is of; other words may stand before it. */
export const RUNS_ITS_VALUE: readonly string[] = names(
  'exec execute command cmd eval rsh shell pager editor plugin hook compress-program checkpoint-action config config-file require preload loader rcfile init-file askpass script',
);
/** Others of that kind, by their programs. */
export const RUNNING_OPTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['tar', ['I', 'F', 'info-script', 'new-volume-script', 'use-compress-program', 'checkpoint-action']],
  ['wget', ['e', 'execute']],
  ['rustc', ['C', 'codegen']],
  ['fzf', ['preview', 'bind']],
  ['openssl', ['engine', 'provider', 'provider-path']],
  ['rsync', ['e', 'rsync-path']],
  ['scp', ['S', 'o', 'F']],
  ['sftp', ['S', 'o', 'F', 'b']],
  ['zip', ['T', 'unzip-command']],
  ['split', ['filter']],
  ['rg', ['pre', 'hostname-bin']],
  ['man', ['P', 'H']],
  ['fd', ['x', 'X', 'exec-batch']],
  ['fdfind', ['x', 'X', 'exec-batch']],
  ['pandoc', ['F', 'L', 'filter', 'lua-filter']],
  ['gcc', ['wrapper', 'fplugin', 'specs', 'B']],
  ['cc', ['wrapper', 'fplugin', 'specs', 'B']],
  ['clang', ['fplugin', 'B']],
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
