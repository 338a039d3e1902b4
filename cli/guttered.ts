/** Texts of others in a terminal: behind a mark on every line, so that no line of theirs can pass for one of ours. */
import type { TextGroup } from '#contract/plan-texts.ts';
import { printable, type Paint } from './terminal.ts';

const MARK = '│ ';
const INDENT = '  ';
/** Narrower than this a terminal wraps by itself. */
const LEAST_WIDTH = 20;
const TAB_WIDTH = 8;
/** From here on characters may take two columns. */
const WIDE = 0x1100;

/** The whole text, broken where the terminal would break it: what it breaks itself would begin without the mark. */
export function guttered(text: string, width: number, paint: Paint): string[] {
  const room = Math.max(LEAST_WIDTH, width - INDENT.length - MARK.length - 1);
  return printable(text)
    .replace(/\n$/, '')
    .split('\n')
    .flatMap((line) => broken(line, room))
    .map((line) => `${INDENT}${paint.dim(MARK)}${line}`.trimEnd());
}

function broken(line: string, room: number): string[] {
  if (line.length * 2 <= room && !line.includes('\t')) return [line];
  const lines = [''];
  let used = 0;
  for (const char of line) {
    const columns = char === '\t' ? TAB_WIDTH : (char.codePointAt(0) ?? 0) < WIDE ? 1 : 2;
    if (used + columns > room && used > 0) {
      lines.push('');
      used = 0;
    }
    lines[lines.length - 1] += char;
    used += columns;
  }
  return lines;
}

/** Every text of every group, whole. */
export function groupLines(groups: readonly TextGroup[], width: number, paint: Paint): string[] {
  return groups.flatMap(({ id, kind, settings, parts }) => [
    paint.bold(printable(kind === null ? id : `${id} (${kind})`)),
    ...(settings === '' ? [] : guttered(settings, width, paint)),
    ...parts.flatMap(({ name, text }) => [`${INDENT}${printable(name)}:`, ...guttered(text, width, paint)]),
  ]);
}
