import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstInvisible } from './invisible.ts';
import type { Json } from './json.ts';
import { sanitise } from './sanitise.ts';

/** Zero-width, bidi, tag, filler, selector and control characters, among letters, emoji and scripts that need marks. */
const ODD = [
  '\u200B',
  '\u200D',
  '\u202E',
  '\u2066',
  '\u00AD',
  '\uFEFF',
  '\u{E0041}',
  '\u{E0100}',
  '\u3164',
  '\u0007',
  '\uFE0F',
  '\uFE01',
  '\u180B',
];
const PLAIN = ['a', 'B', ' ', '\n', '\t', '👩', '💻', '❤', '🏽', 'é', 'क', '्', '漢', '1', '#', '=', '<U+200B>'];
const text = fc.array(fc.constantFrom(...ODD, ...PLAIN), { maxLength: 12 }).map((parts) => parts.join(''));
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(text, tie('json'), { maxKeys: 4 }),
  ),
}));

describe('sanitising', () => {
  // verifies: ARC-6
  it('done twice is the same as done once, and leaves a text that holds nothing unseen', () => {
    fc.assert(
      fc.property(json, (value) => {
        const once = sanitise(value);
        const twice = sanitise(once.value);
        expect(twice.value).toEqual(once.value);
        expect((once.removed.length === 0) === (JSON.stringify(once.value) === JSON.stringify(value))).toBe(true);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(text, (value) => firstInvisible(JSON.stringify(sanitise(value).value)) === -1),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['zero-width', 'rm\u200B -rf', 'rm -rf', 'rm<U+200B> -rf'],
    ['turned around', 'safe\u202Edangerous', 'safedangerous', 'safe<U+202E>dangerous'],
    ['isolated', 'a\u2067b\u2069c', 'abc', 'a<U+2067>b<U+2069>c'],
    ['a tag', 'hi\u{E0049}\u{E0067}', 'hi', 'hi<U+E0049><U+E0067>'],
    ['selectors that carry data', 'x\uFE01\uFE02', 'x', 'x<U+FE01><U+FE02>'],
    ['a blank letter', 'a\u3164b', 'ab', 'a<U+3164>b'],
    ['an escape', 'a\u001B[2Kb', 'a[2Kb', 'a<U+001B>[2Kb'],
  ])('takes out and shows what is %s', (_what, given, clean, shown) => {
    expect(sanitise({ nodes: [given] })).toEqual({ value: { nodes: [clean] }, removed: [{ path: 'nodes[0]', shown }] });
  });

  it('leaves writing and emoji as they are', () => {
    for (const plain of ['naïve Straße', '日本語', 'हिन्दी', '👩‍💻 👩🏽‍🚀 ❤️‍🔥', '1️⃣', 'a\tb\r\nc'])
      expect(sanitise(plain)).toEqual({ value: plain, removed: [] });
  });

  it('cleans names too, but never lets two of them become one', () => {
    expect(sanitise({ 'a\u200B': 1 }).value).toEqual({ a: 1 });
    expect(sanitise({ a: 1, 'a\u200B': 2 }).value).toEqual({ a: 1, 'a\u200B': 2 });
  });
});
