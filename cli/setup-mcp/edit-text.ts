/** What the editors of all formats share: the name of the entry, refusals, and the block of lines between two marks. */

export const NAME = 'gimo';
export const BEGIN = '# gimo: begin (gimo setup-mcp)';
export const END = '# gimo: end';

/** Why a file is left alone. */
export class Unreadable extends Error {}

export type Editor = {
  /** Out: the entry of the server, null when it is not there. Throws: Unreadable. */
  read: (text: string, key: string) => object | null;
  /** Out: the text with the server in it. Throws: Unreadable. */
  add: (text: string, key: string, entry: object) => string;
  /** Out: the text without it; the same text when it was not there. Throws: Unreadable. */
  remove: (text: string, key: string) => string;
};

/** The block between our marks; `before`: the line break in front of it. */
export function blockIn(text: string): { start: number; end: number; before: number } | null {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END, begin);
  if (begin === -1 || end === -1) return null;
  const before = /(?:\r?\n)$/.exec(text.slice(0, begin))?.[0].length ?? 0;
  const after = /^\r?\n/.exec(text.slice(end + END.length))?.[0].length ?? 0;
  return { start: begin, end: end + END.length + after, before };
}

/** `isSpaced`: with the line break before it. */
export function withoutBlock(text: string, isSpaced = false): string {
  const block = blockIn(text);
  return block === null ? text : text.slice(0, block.start - (isSpaced ? block.before : 0)) + text.slice(block.end);
}
