import type { Mutant } from './mutant.ts';

/** Out: the text with the first line that reads `old` replaced, whatever its indentation; null when there is none. */
export function breakLine(text: string, { old, new: changed }: Pick<Mutant, 'old' | 'new'>): string | null {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.trim() === old);
  return at < 0 ? null : lines.with(at, changed).join('\n');
}
