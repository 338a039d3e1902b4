/** Completion scripts for the three usual shells, written from what the program offers. They call nothing: completion stays instant. */
import type { Level } from './words.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Inside of single quotes, in every one of the three. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const fishQuote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

export function scriptOf(shell: Shell, levels: Level[]): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](levels);
}

/** The words typed so far without options, as far as they name commands, are the key of the next ones. */
function bashScript(levels: Level[]): string {
  const cases = levels.map(({ path, words, options }) => {
    const names = words.map(({ name }) => name).join(' ');
    return `    ${quote(path)}) words=${quote(names)}; options=${quote(options.join(' '))} ;;`;
  });
  const known = levels.map(({ path }) => quote(path)).join('|');
  return `# gimo completion for bash: gimo completion bash > ~/.local/share/bash-completion/completions/gimo
_gimo() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' next words='' options='' at
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "\${COMP_WORDS[at]}" in -*) continue ;; esac
    next="\${path:+$path }\${COMP_WORDS[at]}"
    case "$next" in ${known}) path="$next" ;; *) break ;; esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
  esac
}
complete -o default -F _gimo gimo
`;
}

function zshScript(levels: Level[]): string {
  const described = ({ name, says }: Level['words'][number]): string => quote(`${name}:${oneLine(says)}`);
  const cases = levels.map(
    ({ path, words, options }) =>
      `    ${quote(path)}) words_=(${words.map(described).join(' ')}); options_=(${options.map(quote).join(' ')}) ;;`,
  );
  const known = levels.map(({ path }) => quote(path)).join('|');
  return `#compdef gimo
# gimo completion for zsh: gimo completion zsh > a folder of your fpath, as _gimo
_gimo() {
  local path_='' next_ word_
  local -a words_ options_
  for word_ in "\${words[@]:1:$((CURRENT - 2))}"; do
    case "$word_" in -*) continue ;; esac
    next_="\${path_:+$path_ }$word_"
    case "$next_" in ${known}) path_="$next_" ;; *) break ;; esac
  done
  case "$path_" in
${cases.join('\n')}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    compadd -- "\${options_[@]}"
  elif (( \${#words_} )); then
    _describe command words_
  else
    _files
  fi
}
if [ "$funcstack[1]" = _gimo ]; then _gimo "$@"; else compdef _gimo gimo; fi
`;
}

/** At one level: its words were typed, and none of those below. */
function fishCondition({ path, words }: Level): string {
  const typed = path.split(' ').filter((word) => word !== '');
  const seen = typed.map((word) => `__fish_seen_subcommand_from ${word}`);
  const below = words.length === 0 ? [] : [`not __fish_seen_subcommand_from ${words.map(({ name }) => name).join(' ')}`];
  return [...seen, ...below].join('; and ');
}

function fishScript(levels: Level[]): string {
  const lines = levels.flatMap((level) => {
    const at = `-n ${fishQuote(fishCondition(level))}`;
    return [
      ...level.words.map(({ name, says }) => `complete -c gimo ${at} -f -a ${fishQuote(name)} -d ${fishQuote(oneLine(says))}`),
      ...level.options.map((option) => `complete -c gimo ${at} -l ${fishQuote(option.replace(/^--/, ''))}`),
    ];
  });
  return `# gimo completion for fish: gimo completion fish > ~/.config/fish/completions/gimo.fish\n${lines.join('\n')}\n`;
}
