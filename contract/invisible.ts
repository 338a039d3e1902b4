/** Characters that a reader does not see: zero-width, bidirectional, tag, filler and control characters. */

/**
 * A joiner between two pictographs is part of an emoji; a variation selector chooses the form of the symbol before it, and anywhere else, or
 * behind another one, it only carries data; tabs and line ends are layout.
 */
const INVISIBLE =
  /(?![\t\n\r]|\u{200D}|[\u{FE00}-\u{FE0F}])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]|(?<!\p{Extended_Pictographic}\u{FE0F}?\p{Emoji_Modifier}?)\u{200D}|(?<![\p{Emoji}\p{Script=Han}\p{Sm}])[\u{FE00}-\u{FE0F}]/gu;

/** Makes every character visible: `<U+202E>`. */
export function showInvisible(text: string): string {
  return text.replace(INVISIBLE, (char) => `<U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`);
}

export function withoutInvisible(text: string): string {
  return text.replace(INVISIBLE, '');
}

/** Index of the first invisible character, -1 when there is none. */
export function firstInvisible(text: string): number {
  return text.search(INVISIBLE);
}

/** Where in a JSON value a string or a key holds characters that a reader does not see. */
export function* invisibleIn(value: unknown, path: string): Generator<{ path: string; text: string }> {
  if (typeof value === 'string') {
    if (firstInvisible(value) !== -1) yield { path, text: value };
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* invisibleIn(item, `${path}[${index}]`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (firstInvisible(key) !== -1) yield { path, text: key };
      yield* invisibleIn(item, path === '' ? key : `${path}.${key}`);
    }
  }
}
