/** Letters that look like others: two names that a reader cannot tell apart count as one, and words that mix alphabets are named. */

/** Cyrillic, Greek and other letters that are drawn like a Latin one, after case folding. */
const LOOKALIKES: Record<string, string> = Object.fromEntries(
  [
    ['a', 'аαɑ'],
    ['b', 'ьβ'],
    ['c', 'сϲ'],
    ['d', 'ԁ'],
    ['e', 'еєε'],
    ['g', 'ɡ'],
    ['h', 'һн'],
    ['i', 'іιıӏl1|'],
    ['j', 'јϳ'],
    ['k', 'кκ'],
    ['m', 'м'],
    ['n', 'ոη'],
    ['o', 'оοσօ0'],
    ['p', 'рρ'],
    ['q', 'ԛ'],
    ['r', 'гꭇ'],
    ['s', 'ѕꜱ'],
    ['t', 'тτ'],
    ['u', 'υս'],
    ['v', 'ѵν'],
    ['w', 'ԝω'],
    ['x', 'хχ'],
    ['y', 'уүγ'],
    ['z', 'ᴢζ'],
  ].flatMap(([latin = '', others = '']) => Array.from(others, (other) => [other, latin])),
);

/** What a name looks like: without case, accents, width and spaces, in one alphabet. Equal for names that are taken for each other. */
export function skeleton(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}\s]/gu, '');
  return Array.from(plain, (char) => LOOKALIKES[char] ?? char).join('');
}

const WORD = /[\p{L}\p{M}\p{N}_]+/gu;
const LATIN = /\p{Script=Latin}/u;
const OTHERS = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;

/** The first word that mixes Latin letters with those of an alphabet that looks like it; null when there is none. */
export function mixedWord(text: string): string | null {
  if (!OTHERS.test(text)) return null;
  return text.match(WORD)?.find((word) => LATIN.test(word) && OTHERS.test(word)) ?? null;
}

const NAME = /[\p{L}\p{M}\p{N}_.-]+/gu;

/**
 * The first part of a path or host that has a whole word of another alphabet that could be read as Latin letters, beside Latin ones: `а.js`.
 * In a text with blanks it is a word of that language. Null when there is none.
 */
export function mixedName(text: string): string | null {
  if (!OTHERS.test(text) || /\s/.test(text)) return null;
  const isDisguised = (word: string): boolean => OTHERS.test(word) && /^[a-z0-9_]+$/.test(skeleton(word));
  return text.match(NAME)?.find((name) => LATIN.test(name) && (name.match(WORD) ?? []).some(isDisguised)) ?? null;
}
