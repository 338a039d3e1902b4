/** Whether a value looks as if a machine had drawn it, and not like a word, a name, a path or a number. */
import type { Source } from './source.ts';
import { classOf, codeOf, isDigit, isIn, isLower, isUpper, type CharacterClass } from './span.ts';

const LEAST_BITS = 2.6;
/** In drawn text about half of the neighbouring letters change their case; in camelCase every second word's length. */
const LEAST_CASE_CHANGES = 0.36;
/** Longer values are judged by their beginning. */
const VALUE_CHARS = 512;

/** Three counts in one number. Drawn characters make every branch a guess, so there is none: a look-up for each character adds to all. */
const COUNT_BITS = 10;
const COUNT_MASK = (1 << COUNT_BITS) - 1;
const LOWER_SHIFT = COUNT_BITS;
const UPPER_SHIFT = 2 * COUNT_BITS;
const ONE_MORE = Int32Array.from({ length: 256 }, (_none, code) =>
  isDigit(code) ? 1 : isLower(code) ? 1 << LOWER_SHIFT : isUpper(code) ? 1 << UPPER_SHIFT : 0,
);

/** Stands in the table of a class for what is not in it. */
export const NOT_IN_CLASS = -1;

/** A class together with what each of its characters adds to the counts, for who looks for the end of a value and counts it in one pass. */
export function countedClass(table: CharacterClass): Int32Array {
  return ONE_MORE.map((one, code) => (isIn(table, code) ? one : NOT_IN_CLASS));
}

function countsIn({ codes }: Source, from: number, to: number): number {
  let counts = 0;
  for (let at = from; at < to; at += 1) counts += ONE_MORE[codes[at] ?? 0] ?? 0;
  return counts;
}

const digitsOf = (counts: number): number => counts & COUNT_MASK;
const lowerOf = (counts: number): number => (counts >> LOWER_SHIFT) & COUNT_MASK;
const upperOf = (counts: number): number => (counts >> UPPER_SHIFT) & COUNT_MASK;

/** How often neighbouring letters change their case. */
function caseChangesIn({ codes }: Source, from: number, to: number): number {
  let changes = 0;
  let before = 0;
  for (let at = from; at < to; at += 1) {
    const code = codes[at] ?? 0;
    if (!isLower(code) && !isUpper(code)) continue;
    if (before !== 0 && isLower(before) !== isLower(code)) changes += 1;
    before = code;
  }
  return changes;
}

const weightOf = (times: number): number => (times === 0 ? 0 : times * Math.log2(times));
/** Sums are of whole numbers, which are added sooner than fractions. */
const FINE = 1 << 16;
/** What one more of a character that was seen so many times adds to the sum of n·log2(n). */
const GROWTH = Int32Array.from({ length: VALUE_CHARS + 1 }, (_none, seen) => Math.round((weightOf(seen + 1) - weightOf(seen)) * FINE));
/** By the number of characters: n·log2(n) of it, and what of that must be left. */
const WEIGHT = Int32Array.from({ length: VALUE_CHARS + 1 }, (_none, chars) => Math.round(weightOf(chars) * FINE));
const LEAST = Int32Array.from({ length: VALUE_CHARS + 1 }, (_none, chars) => Math.round(chars * LEAST_BITS * FINE));
const BLOCK_CHARS = 12;
const SEEN = new Uint16Array(128);
/** The same memory, for emptying it in a few steps. */
const SEEN_WORDS = new Float64Array(SEEN.buffer);

/** Whether the Shannon entropy is high enough, in bits for each character. What its beginning has of it, the whole cannot have less of. */
function isDense({ codes }: Source, from: number, to: number): boolean {
  for (let index = 0; index < SEEN_WORDS.length; index += 1) SEEN_WORDS[index] = 0;
  const least = LEAST[to - from] ?? 0;
  let sum = 0;
  for (let at = from; at < to;) {
    const end = Math.min(to, at + BLOCK_CHARS);
    for (; at < end; at += 1) {
      const code = (codes[at] ?? 0) & 127;
      const seen = SEEN[code] ?? 0;
      sum += GROWTH[seen] ?? 0;
      SEEN[code] = seen + 1;
    }
    if ((WEIGHT[at - from] ?? 0) - sum >= least) return true;
  }
  return false;
}

/** For values whose name says that they are secret. */
export function looksRandom(source: Source, from: number, end: number): boolean {
  const to = Math.min(end, from + VALUE_CHARS);
  return isRandom(source, from, to, countsIn(source, from, to));
}

/** The same for a value that was counted, and is no longer than is looked at. */
export function isRandom(source: Source, from: number, to: number, counts: number): boolean {
  const letters = lowerOf(counts) + upperOf(counts);
  if (letters === 0) return false;
  if (digitsOf(counts) === 0 && caseChangesIn(source, from, to) < (letters - 1) * LEAST_CASE_CHANGES) return false;
  return isDense(source, from, to) && !looksLikeName(source, from, to);
}

/** A password is chosen by a person: anything with letters and something else that is no placeholder. */
export function looksLikePassword(source: Source, from: number, end: number): boolean {
  const to = Math.min(end, from + VALUE_CHARS);
  return isPassword(source, from, to, countsIn(source, from, to));
}

export function isPassword(source: Source, from: number, to: number, counts: number): boolean {
  const [letters, lower] = [lowerOf(counts) + upperOf(counts), lowerOf(counts)];
  const isMixed = letters < to - from || (lower > 0 && letters - lower > 1);
  return letters > 0 && isMixed && !looksLikeName(source, from, to);
}

const SMALL_V = codeOf('v');
const BETWEEN_WORDS = classOf('-_./~+');

/** Words joined by signs, as in `src/tokens/token-refresh-v2.test.ts`, or an absolute path. */
function looksLikeName(source: Source, from: number, to: number): boolean {
  const isPath = isPathStart(source, from);
  let words = 0;
  let others = 0;
  for (let at = from; at <= to; at += 1) {
    const end = wordEnd(source, at, to);
    if (end !== -1) words += 1;
    else if (isPath) others += 1;
    // Most of what was drawn ends here, with its first part.
    else return false;
    at = end === -1 ? partEnd(source, at, to) : end;
  }
  return words + others > 1 && words > others;
}

function partEnd({ codes }: Source, from: number, to: number): number {
  let at = from;
  while (at < to && !isIn(BETWEEN_WORDS, codes[at] ?? 0)) at += 1;
  return at;
}

/** `/`, `./`, `../` and `~/`. */
function isPathStart({ codes }: Source, from: number): boolean {
  let at = codes[from] === codeOf('~') ? from + 1 : from;
  for (let dots = 0; dots < 2 && codes[at] === codeOf('.'); dots += 1) at += 1;
  return codes[at] === codeOf('/');
}

/** End of a part that is a word: letters of one case, which a capital may begin, with a short number behind; or a version. Or nothing at all. Else -1. */
function wordEnd({ codes }: Source, from: number, to: number): number {
  let at = from;
  let capitals = 0;
  for (let code = codes[at] ?? 0; at < to && (isLower(code) || isUpper(code)); code = codes[at] ?? 0) {
    if (isUpper(code)) capitals += 1;
    at += 1;
  }
  const letters = at - from;
  while (at < to && isDigit(codes[at] ?? 0)) at += 1;
  if (at < to && !isIn(BETWEEN_WORDS, codes[at] ?? 0)) return -1;
  return isWord(letters, capitals, at - from - letters, codes[from] ?? 0) ? at : -1;
}

function isWord(letters: number, capitals: number, digits: number, first: number): boolean {
  if (digits > 2) return digits <= 4 && (letters === 0 || (letters === 1 && first === SMALL_V));
  const isCapitalised = capitals === 0 || (capitals === 1 && isUpper(first));
  return (isCapitalised && letters <= 16) || (capitals === letters && letters <= 12);
}
