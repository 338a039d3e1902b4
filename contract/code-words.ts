/** Which words of a command say what it does, rather than what it does it with: the program, and the text that a shell or an interpreter runs. */
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
