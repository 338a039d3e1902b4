import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstInvisible } from '#contract/invisible.ts';
import { markInvisible } from './visible.ts';

const shown = (text: string): string =>
  markInvisible(text)
    .map((piece) => piece.text)
    .join('');
const isMarked = (text: string): boolean => markInvisible(text).some((piece) => piece.isMark);

describe('characters that would not be seen', () => {
  test.each([
    ['rm -rf /\u{202E}cod.txt', 'rm -rf /<U+202E>cod.txt'],
    ['a\u{200B}b', 'a<U+200B>b'],
    ['a\u{A0}b', 'a<U+00A0>b'],
    ['\u{1B}[31mred', '<U+001B>[31mred'],
    ['tag\u{E0041}', 'tag<U+E0041>'],
    ['carriage\rreturn', 'carriage<U+000D>return'],
    ['half \u{D800} pair', 'half <U+D800> pair'],
  ])('%j is shown as %j', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  test('plain text, line ends, tabs, accents and emoji are left alone', () => {
    const text = 'año\t漢字\nline two 👩‍💻 ⚠️';
    expect(markInvisible(text)).toEqual([{ text, isMark: false }]);
  });

  test('everything that the findings call invisible is marked here as well', () => {
    const missed = Array.from({ length: 0x110000 }, (_item, code) => code)
      .map((code) => String.fromCodePoint(code))
      .filter((char) => firstInvisible(char) !== -1 && !isMarked(char));
    expect(missed).toEqual([]);
  });

  test('nothing is lost: without the marks the text is the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const back = markInvisible(text).map((piece) =>
          piece.isMark ? String.fromCodePoint(Number.parseInt(piece.text.slice(3, -1), 16)) : piece.text,
        );
        expect(back.join('')).toBe(text);
      }),
    );
  });
});
