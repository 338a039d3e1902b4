/** Commands as a person writes them in a shell. */

/** Words with blanks are quoted, line breaks stay. */
export function argvText(argv: readonly string[] | undefined): string {
  return (argv ?? []).map(quoted).join(' ');
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  if (/^[\w@%+=:,./${}-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
