/** Programs by what they are called, without folder, version and ending. Pure. */
export const baseName = (word: string): string => (word.split(/[/\\]/).at(-1) ?? '').replace(/\.(?:exe|cmd|bat)$/i, '');

export function known<T>(word: string, table: { get: (name: string) => T | undefined }): T | undefined {
  const name = baseName(word);
  // `gtimeout` and the like are how others call those of GNU.
  return table.get(name) ?? table.get(name.replace(/[-.\d]+$/, '')) ?? table.get(name.replace(/^g/, ''));
}

export const isIn = (word: string, set: ReadonlySet<string>): boolean =>
  known(word, { get: (name) => (set.has(name) ? true : undefined) }) ?? false;
