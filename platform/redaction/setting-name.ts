/** Whether the name of a setting says that what stands behind it is secret. */
import type { Source } from './source.ts';
import { codeOf, isAlnum, isDigit, isLower, isUpper } from './span.ts';
import { WordSet } from './word-set.ts';

const NAME_CHARS = 40;
const WORD_CHARS = 16;
const UNDERSCORE = codeOf('_');
const DASH = codeOf('-');
const QUESTION = codeOf('?');
const AMPERSAND = codeOf('&');
const SPACE = codeOf(' ');
const SMALL_K = codeOf('k');
const SMALL_O = codeOf('o');
const SMALL_S = codeOf('s');
const SMALL_V = codeOf('v');
/** Makes a capital letter small. */
const SMALL = 32;

/** What a secret's name may end with. */
const ENDINGS = new WordSet(
  's prod production live test dev staging base value val string str raw b64 base64 primary secondary main text data bytes a b key token secret',
);
/** What makes `…_key` and `…_token` harmless. */
const HARMLESS = new WordSet(
  'cache public pub primary partition sort foreign idempotency routing object row group hash map lookup dedup unique node item file query state store build content page next continuation cursor sync resume pagination composite natural index config registry sha sha1 sha256 digest ledger verifying',
);
/** What makes a key a secret where words are separated by spaces: `the signing key`. */
const QUALIFIERS = new WordSet(
  'api access secret private signing encryption decryption master service account application app storage license client auth admin session shared subscription deploy webhook consumer team user root token password passphrase credential',
);

const isSign = (code: number): boolean => code === UNDERSCORE || code === DASH;
const isNameCode = (code: number): boolean => isAlnum(code) || isSign(code);

/** Whether every word of the rest of a name, in camelCase or between signs, is one that the name of a secret may end with. */
function isEnding({ codes }: Source, from: number, to: number): boolean {
  let start = from;
  for (let at = from + 1; at <= to; at += 1) {
    const code = codes[at] ?? 0;
    const before = codes[at - 1] ?? 0;
    const isHump = isUpper(code) && (isLower(before) || isDigit(before));
    if (at < to && !isSign(code) && !isHump) continue;
    const wordStart = isSign(codes[start] ?? 0) ? start + 1 : start;
    if (wordStart < at && !ENDINGS.has(codes, wordStart, at) && !isVersion(codes, wordStart, at)) return false;
    start = at;
  }
  return true;
}

/** `2` and `v2`. */
function isVersion(codes: Uint8Array, from: number, to: number): boolean {
  const begin = ((codes[from] ?? 0) | SMALL) === SMALL_V ? from + 1 : from;
  for (let at = begin; at < to; at += 1) if (!isDigit(codes[at] ?? 0)) return false;
  return to > begin && to - begin <= 4;
}

/** End of the name that the literal before `to` belongs to; -1 when it goes on like another word (`tokenizer`, `keyboard`, `key_id`). */
export function nameEnd(source: Source, to: number): number {
  const { codes } = source;
  if (!isNameCode(codes[to - 1] ?? 0)) return to - 1;
  const next = codes[to] ?? 0;
  if (!isNameCode(next)) return to;
  // The plural, and nothing else, stands without a sign or a capital.
  if ((next | SMALL) === SMALL_S && !isNameCode(codes[to + 1] ?? 0)) return to + 1;
  if (isLower(next)) return -1;
  let end = to;
  while (end < to + NAME_CHARS && isNameCode(codes[end] ?? 0)) end += 1;
  return isEnding(source, to, end) ? end : -1;
}

/** Whether letters in capitals go back to a digit: no name of a setting, but the middle of an id. */
export function isDrawn({ codes }: Source, from: number, to: number): boolean {
  if (!isUpper(codes[from] ?? 0) || !isUpper(codes[to - 1] ?? 0)) return false;
  let at = from;
  while (at > 0 && at > from - NAME_CHARS && isUpper(codes[at - 1] ?? 0)) at -= 1;
  return at > 0 && isDigit(codes[at - 1] ?? 0);
}

/** Begins where `key` or `token` does; -1 when the literal is neither. */
function keyOrToken({ codes }: Source, from: number): number {
  const first = (codes[from] ?? 0) | SMALL;
  if (first === SMALL_K) return from;
  return first === SMALL_O && from > 0 ? from - 1 : -1;
}

/** `cache_key`, `publicKey`, `monkey`, and a key alone: the key of a map, unless it stands in a query or behind `the signing`. */
export function isHarmless(source: Source, from: number): boolean {
  const start = keyOrToken(source, from);
  if (start === -1) return false;
  const { codes } = source;
  const isKey = start === from;
  const before = start === 0 ? 0 : (codes[start - 1] ?? 0);
  const end = isSign(before) ? start - 1 : start;
  const wordStart = lettersStart(codes, end);
  if (wordStart < end) {
    // Grown together, as in `apikey` and `monkey`, only some words make a key a secret.
    const isOneWord = !isSign(before) && isLower(before) === isLower(codes[start] ?? 0);
    return isKey && isOneWord ? !QUALIFIERS.has(codes, wordStart, end) : HARMLESS.has(codes, wordStart, end);
  }
  if (!isKey || isSign(before) || isDigit(before)) return false;
  return before !== QUESTION && before !== AMPERSAND && !(before === SPACE && isQualified(codes, start - 1));
}

/** Where the last word of a name begins that ends before `end`. */
function lettersStart(codes: Uint8Array, end: number): number {
  if (end === 0) return end;
  const isFirstUpper = isUpper(codes[end - 1] ?? 0);
  let at = end;
  while (at > end - WORD_CHARS && at > 0) {
    const code = codes[at - 1] ?? 0;
    if (isUpper(code) ? !isFirstUpper : !isLower(code)) break;
    at -= 1;
  }
  // The capital that a word of camelCase begins with.
  return !isFirstUpper && at < end && at > 0 && isUpper(codes[at - 1] ?? 0) ? at - 1 : at;
}

/** Whether the word that ends before a space makes the key behind it a secret. */
function isQualified(codes: Uint8Array, end: number): boolean {
  let at = end;
  while (at > 0 && at > end - WORD_CHARS && (isLower(codes[at - 1] ?? 0) || isUpper(codes[at - 1] ?? 0))) at -= 1;
  return QUALIFIERS.has(codes, at, end);
}
