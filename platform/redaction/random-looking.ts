/** Whether a value looks as if a machine had drawn it, and not like a word, a name, a path or a number. */
import type { Source } from './source.ts';
import { classOf, codeOf, isDigit, isIn, isLower, isUpper } from './span.ts';

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
const ONE_MORE = Int32Array.from({ length: 128 }, (_none, code) =>
  isDigit(code) ? 1 : isLower(code) ? 1 << LOWER_SHIFT : isUpper(code) ? 1 << UPPER_SHIFT : 0,
);

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
/** What one more of a character that was seen so many times adds to the sum of n·log2(n). */
const GROWTH = Float64Array.from({ length: VALUE_CHARS + 1 }, (_none, seen) => weightOf(seen + 1) - weightOf(seen));
const SEEN = new Uint16Array(128);

/** Whether the Shannon entropy is high enough, in bits for each character. */
function isDense({ codes }: Source, from: number, to: number): boolean {
  SEEN.fill(0);
  let sum = 0;
  for (let at = from; at < to; at += 1) {
    const code = (codes[at] ?? 0) & 127;
    const seen = SEEN[code] ?? 0;
    sum += GROWTH[seen] ?? 0;
    SEEN[code] = seen + 1;
  }
  const length = to - from;
  return Math.log2(length) - sum / length >= LEAST_BITS;
}

/** For values whose name says that they are secret. */
export function looksRandom(source: Source, from: number, end: number): boolean {
  const to = Math.min(end, from + VALUE_CHARS);
  const counts = countsIn(source, from, to);
  const letters = lowerOf(counts) + upperOf(counts);
  if (letters === 0) return false;
  if (digitsOf(counts) === 0 && caseChangesIn(source, from, to) < (letters - 1) * LEAST_CASE_CHANGES) return false;
  return isDense(source, from, to) && !looksLikeName(source, from, to);
}

/** A password is chosen by a person: anything with letters and something else that is no placeholder. */
export function looksLikePassword(source: Source, from: number, end: number): boolean {
  const to = Math.min(end, from + VALUE_CHARS);
  const counts = countsIn(source, from, to);
  const [letters, lower] = [lowerOf(counts) + upperOf(counts), lowerOf(counts)];
  const isMixed = letters < to - from || (lower > 0 && letters - lower > 1);
  return letters > 0 && isMixed && !looksLikeName(source, from, to);
}

const BETWEEN_WORDS = classOf('-_./~+');

/** Words joined by signs, as in `src/tokens/token-refresh-v2.test.ts`, or an absolute path. */
function looksLikeName(source: Source, from: number, to: number): boolean {
  const isPath = isPathStart(source, from);
  let words = 0;
  let others = 0;
  for (let at = from; at <= to; at += 1) {
    const end = wordEnd(source, at, to);
    if (isWord(source, at, end)) words += 1;
    else if (isPath) others += 1;
    else return false;
    at = end;
  }
  return words + others > 1 && words > others;
}

function wordEnd({ codes }: Source, from: number, to: number): number {
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

/** Letters of one case, which a capital may begin, with a short number behind; or a version. Or nothing at all. */
function isWord({ codes }: Source, from: number, to: number): boolean {
  let at = from;
  let capitals = 0;
  for (let code = codes[at] ?? 0; at < to && (isLower(code) || isUpper(code)); code = codes[at] ?? 0) {
    if (isUpper(code)) capitals += 1;
    at += 1;
  }
  const letters = at - from;
  while (at < to && isDigit(codes[at] ?? 0)) at += 1;
  if (at < to) return false;
  const digits = to - from - letters;
  const first = codes[from] ?? 0;
  if (digits > 2) return digits <= 4 && (letters === 0 || (letters === 1 && first === codeOf('v')));
  const isCapitalised = capitals === 0 || (capitals === 1 && isUpper(first));
  return (isCapitalised && letters <= 16) || (capitals === letters && letters <= 12);
}
