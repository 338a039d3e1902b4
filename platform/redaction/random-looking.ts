/** Whether a value looks as if a machine had drawn it, and not like a word, a name, a path or a number. */
import { isDigit, isLower, isUpper } from './span.ts';

const LEAST_BITS = 2.6;
/** In drawn text about half of the neighbouring letters change their case; in camelCase every second word's length. */
const LEAST_CASE_CHANGES = 0.36;

type Counts = { digits: number; lower: number; upper: number; caseChanges: number };

function countsOf(value: string): Counts {
  const counts: Counts = { digits: 0, lower: 0, upper: 0, caseChanges: 0 };
  let before = 0;
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    const kind = isDigit(code) ? 0 : isLower(code) ? 1 : isUpper(code) ? 2 : 3;
    if (kind === 0) counts.digits += 1;
    if (kind === 1) counts.lower += 1;
    if (kind === 2) counts.upper += 1;
    if ((kind === 1 || kind === 2) && before !== 0 && before !== kind) counts.caseChanges += 1;
    if (kind === 1 || kind === 2) before = kind;
  }
  return counts;
}

/** How often each character was seen: one table for all calls, as this is asked for every second line. */
const SEEN = new Uint16Array(128);

/** Shannon entropy in bits for each character. In: printable ASCII. */
function entropyOf(value: string): number {
  SEEN.fill(0);
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at) & 127;
    SEEN[code] = (SEEN[code] ?? 0) + 1;
  }
  let bits = 0;
  for (let code = 32; code < 128; code += 1) {
    const share = (SEEN[code] ?? 0) / value.length;
    if (share > 0) bits -= share * Math.log2(share);
  }
  return bits;
}

/** For values whose name says that they are secret. In: at most a few hundred characters. */
export function looksRandom(value: string): boolean {
  const { digits, lower, upper, caseChanges } = countsOf(value);
  const letters = lower + upper;
  if (letters === 0) return false;
  const isMixed = digits > 0 || caseChanges >= (letters - 1) * LEAST_CASE_CHANGES;
  return isMixed && entropyOf(value) >= LEAST_BITS && !looksLikeName(value);
}

/** Words joined by signs, as in `src/tokens/token-refresh-v2.test.ts`, or an absolute path. */
function looksLikeName(value: string): boolean {
  const words = value.split(/[-_./~+]/);
  return words.length > 1 && (words.every(isWord) || (/^~?\.{0,2}\//.test(value) && words.filter(isWord).length * 2 > words.length));
}

function isWord(text: string): boolean {
  return /^(?:[A-Za-z]?[a-z]{0,15}\d{0,2}|[A-Z]{1,12}\d{0,2}|v?\d{1,4})$/.test(text);
}

/** A password is chosen by a person: anything with letters and something else that is no placeholder. */
export function looksLikePassword(value: string): boolean {
  const { digits, lower, upper } = countsOf(value);
  const others = value.length - digits - lower - upper;
  return lower + upper > 0 && (digits > 0 || others > 0 || (lower > 0 && upper > 1)) && !looksLikeName(value);
}
