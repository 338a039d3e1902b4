/** Text that could lie about itself: bidi overrides, zero-width characters, fillers. They are shown, never stripped. */

// Format and control characters but tab and line feed, odd spaces and line breaks, blank letters, variation selectors, private use,
// lone surrogates. U+FE0F alone is left: it only chooses the coloured form of a symbol.
const INVISIBLE =
  /[\p{Cf}\p{Co}\p{Cs}\u{0}-\u{8}\u{B}-\u{1F}\u{7F}-\u{9F}\u{A0}\u{1680}\u{2000}-\u{200A}\u{202F}\u{205F}\u{3000}\p{Zl}\p{Zp}\u{34F}\u{115F}\u{1160}\u{17B4}\u{17B5}\u{2800}\u{3164}\u{FFA0}\u{180B}-\u{180F}\u{FE00}-\u{FE0E}\u{E0100}-\u{E01EF}]/gu;

export type Piece = { text: string; isMark: boolean };

/** In: any text. Out: its pieces in order; a mark is `<U+202E>` in place of a character that would not be seen. */
export function markInvisible(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(INVISIBLE)) {
    if (match.index > at) pieces.push({ text: text.slice(at, match.index), isMark: false });
    pieces.push({ text: codePointMark(match[0]), isMark: true });
    at = match.index + match[0].length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), isMark: false });
  return pieces;
}

function codePointMark(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
