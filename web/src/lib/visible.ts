/** Text that could lie about itself: bidi overrides, zero-width characters, fillers. They are shown, never stripped. */

// Format, control and ignorable characters but tab and line feed, odd spaces and line breaks, blank letters, private use, lone surrogates.
const HIDDEN = [
  String.raw`\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}`,
  String.raw`\u{0}-\u{8}\u{B}-\u{1F}\u{7F}-\u{9F}`,
  String.raw`\u{A0}\u{1680}\u{2000}-\u{200A}\u{202F}\u{205F}\u{3000}\u{2800}`,
];
// Left as they are: U+FE0F behind a symbol, whose coloured form it chooses, and the joiner inside an emoji.
const EMOJI = String.raw`(?<=[\p{Emoji}\p{Script=Han}\p{Sm}])\u{FE0F}|(?<=\p{Extended_Pictographic}\u{FE0F}?\p{Emoji_Modifier}?)\u{200D}`;
const INVISIBLE = new RegExp(`(?!${EMOJI})[${HIDDEN.join('')}]`, 'gu');

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
