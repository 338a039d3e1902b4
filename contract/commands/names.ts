/** Programs by what they are called, without folder, version and ending. Pure. */
export function baseName(word: string): string {
  const name = word.slice(Math.max(word.lastIndexOf('/'), word.lastIndexOf('\\')) + 1);
  return name.includes('.') ? name.replace(/\.(?:exe|cmd|bat)$/i, '') : name;
}

const VERSIONED = /[-.\d]$/;

export function known<T>(word: string, table: { get: (name: string) => T | undefined }): T | undefined {
  const name = baseName(word);
  const found = table.get(name) ?? (VERSIONED.test(name) ? table.get(name.replace(/[-.\d]+$/, '')) : undefined);
  // `gtimeout` and the like are how others call those of GNU.
  return found ?? (name.startsWith('g') ? table.get(name.slice(1)) : undefined);
}

export const isIn = (word: string, set: ReadonlySet<string>): boolean =>
  known(word, { get: (name) => (set.has(name) ? true : undefined) }) ?? false;
