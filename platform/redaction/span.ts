/** Positions in a text: `from` is the first character, `to` the one behind the last. */
export type Span = { from: number; to: number };

const TOKEN = new Uint8Array(128);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~+/=%') TOKEN[character.charCodeAt(0)] = 1;

/** Characters that tokens are made of. */
export function isTokenCode(code: number): boolean {
  return code < 128 && TOKEN[code] === 1;
}

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
  return isDigit(code) || isUpper(code) || isLower(code);
}

/** End of the run of token characters that begins at `from`, looking at `most` of them. */
export function tokenEnd(text: string, from: number, most: number): number {
  const limit = Math.min(text.length, from + most);
  let at = from;
  while (at < limit && isTokenCode(text.charCodeAt(at))) at += 1;
  return at;
}

/** Beginning of the run of token characters around `at`, looking at `most` of them. */
export function tokenStart(text: string, at: number, most: number): number {
  const limit = Math.max(0, at - most);
  let from = at;
  while (from > limit && isTokenCode(text.charCodeAt(from - 1))) from -= 1;
  return from;
}

/** How many letters and digits stand directly before `at`, looking at `most` of them. */
export function alnumBefore(text: string, at: number, most: number): number {
  let from = at;
  while (from > 0 && from > at - most && isAlnum(text.charCodeAt(from - 1))) from -= 1;
  return at - from;
}

/**
 * Whether a token may begin at `at`: no letter or digit stands before it, unless that belongs to an escape
 * (`\n` in JSON, `%3D` in a URL, `ESC[32m` on a terminal).
 */
export function isTokenStart(text: string, at: number): boolean {
  if (at === 0 || !isAlnum(text.charCodeAt(at - 1))) return true;
  const before = text.slice(Math.max(0, at - 6), at);
  return /(?:\\[nrtbf]|\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}|\[[0-9;]{0,5}m)$/.test(before);
}
