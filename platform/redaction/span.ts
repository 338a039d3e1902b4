/** Positions in a text: `from` is the first character, `to` the one behind the last. */
import type { Source } from './source.ts';

export type Span = { from: number; to: number };

/** Which of the ASCII characters belong to it. */
export type CharacterClass = Uint8Array;

export function classOf(signs: string): CharacterClass {
  const table = new Uint8Array(128);
  for (const sign of signs) table[sign.charCodeAt(0)] = 1;
  return table;
}

export function isIn(table: CharacterClass, code: number): boolean {
  return code < 128 && table[code] === 1;
}

export const codeOf = (sign: string): number => sign.charCodeAt(0);

const PERCENT = codeOf('%');
const BACKSLASH = codeOf('\\');
const BRACKET = codeOf('[');
const SMALL_M = codeOf('m');
const SMALL_U = codeOf('u');
const ESCAPES = classOf('nrtbf');
const HEX = classOf('0123456789abcdefABCDEF');
const COLOUR = classOf('0123456789;');
const COLOUR_CHARS = 5;
const KEPT_CHARS = 256;

/** Characters that tokens are made of. */
export const TOKEN = classOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~+/=%');
export const ALNUM = classOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789');

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

export function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}

export function isLower(code: number): boolean {
  return code >= 97 && code <= 122;
}

export function isAlnum(code: number): boolean {
  return isIn(ALNUM, code);
}

/** End of the run of such characters that begins at `from`, looking at `most` of them. */
export function runEnd({ codes, size }: Source, table: CharacterClass, from: number, most: number): number {
  const limit = Math.min(size, from + most);
  let at = from;
  while (at < limit && isIn(table, codes[at] ?? 0)) at += 1;
  return at;
}

/** Beginning of the run of such characters that ends before `at`, looking at `most` of them. */
export function runStart({ codes }: Source, table: CharacterClass, at: number, most: number): number {
  const limit = Math.max(0, at - most);
  let from = at;
  while (from > limit && isIn(table, codes[from - 1] ?? 0)) from -= 1;
  return from;
}

/** The same to its very end. Time grows with the text only, however often it is asked for. */
export function wholeRunEnd(source: Source, table: CharacterClass, from: number): number {
  const last = source.runs?.get(table);
  if (last !== undefined && from >= last.from && from <= last.to) return last.to;
  const to = runEnd(source, table, from, source.size);
  // Short ones are followed again at less than what is kept of them costs.
  if (to - from > KEPT_CHARS) (source.runs ??= new Map()).set(table, { from, to });
  return to;
}

/** End of the token that goes on at `from`. */
export function tokenEnd(source: Source, from: number): number {
  return wholeRunEnd(source, TOKEN, from);
}

/**
 * Whether a token may begin at `at`: no letter or digit stands before it, unless that belongs to an escape
 * (`\n` in JSON, `%3D` in a URL, `ESC[32m` on a terminal).
 */
export function isTokenStart(source: Source, at: number): boolean {
  if (at === 0) return true;
  const { codes } = source;
  const before = codes[at - 1] ?? 0;
  if (!isAlnum(before)) return true;
  if (at === 1) return false;
  if (codes[at - 2] === BACKSLASH && isIn(ESCAPES, before)) return true;
  if (before === SMALL_M) {
    const start = runStart(source, COLOUR, at - 1, COLOUR_CHARS);
    if (start > 0 && codes[start - 1] === BRACKET) return true;
  }
  if (!isIn(HEX, before) || !isIn(HEX, codes[at - 2] ?? 0)) return false;
  return (at > 2 && codes[at - 3] === PERCENT) || isUnicodeEscape(source, at);
}

function isUnicodeEscape(source: Source, at: number): boolean {
  return at > 5 && source.codes[at - 5] === SMALL_U && source.codes[at - 6] === BACKSLASH && runStart(source, HEX, at, 4) === at - 4;
}
