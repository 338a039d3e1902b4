/**
 * `name = value` in all its spellings (JSON, YAML, environment, query, header, prose), where the name says that the value is secret.
 * Written by hand and in one pass: words like "token" stand in every second log line, so a no must be cheap.
 */
import { isAlnum, isDigit, isLower, isTokenCode, isUpper, tokenEnd, type Span } from './span.ts';
import { looksLikePassword, looksRandom } from './random-looking.ts';
import type { ContextRule } from './rule.ts';

const NAME_CHARS = 40;
const GAP_CHARS = 48;
const VALUE_CHARS = 512;
const LEAST_RANDOM = 14;
const MOST_FILLERS = 3;
const LONGEST_FILLER = 8;
const LEAST_PASSWORD = 6;
const codeOf = (sign: string): number => sign.charCodeAt(0);
const EQUALS = codeOf('=');
const COLON = codeOf(':');
const GREATER = codeOf('>');
const BACKSLASH = codeOf('\\');
const UNDERSCORE = codeOf('_');
const DASH = codeOf('-');
const QUESTION = codeOf('?');
const AMPERSAND = codeOf('&');
const SPACE = codeOf(' ');

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));
/** What a secret's name may end with. */
const ENDINGS = words(
  's prod production live test dev staging base value val string str raw b64 base64 primary secondary main text data bytes a b key token secret',
);
/** What makes `…_key` and `…_token` harmless. */
const HARMLESS = words(
  'cache public pub primary partition sort foreign idempotency routing object row group hash map lookup dedup unique node item file query state store build content page next continuation cursor sync resume pagination composite natural index config registry sha sha1 sha256 digest ledger verifying',
);
/** What makes a key a secret where words are separated by spaces: `the signing key`. */
const QUALIFIERS = words(
  'api access secret private signing encryption decryption master service account application app storage license client auth admin session shared subscription deploy webhook consumer team user root',
);
/** What may stand between the name and the value besides signs: `token is …`, `[]byte("…")`. */
const FILLERS = words(
  'is was are be been has set to of value provided given invalid using used found rejected with byte string str bytes secret token key default new old the an this current supplied b r f u',
);

function signs(text: string): Uint8Array {
  const table = new Uint8Array(128);
  for (const sign of text) table[sign.charCodeAt(0)] = 1;
  return table;
}
const GAP = signs(' \t"\'`=:>,|.?!()[]{}<\\+@*~&;');
const PRINTABLE = String.fromCharCode(...Array.from({ length: 94 }, (_none, index) => 33 + index));
const VALUE = signs(PRINTABLE.replaceAll(/["'`,;&<>(){}[\]\\|=:]/g, ''));
const QUOTED_VALUE = signs(PRINTABLE.replaceAll(/["'`\\]/g, ''));

const isIn = (table: Uint8Array, code: number): boolean => code < 128 && table[code] === 1;
const isNameCode = (code: number): boolean => isAlnum(code) || code === UNDERSCORE || code === DASH;

/** Whether every word of the rest of a name, in camelCase or between signs, is one that the name of a secret may end with. */
function isEnding(rest: string): boolean {
  let from = 0;
  for (let at = 1; at <= rest.length; at += 1) {
    const code = rest.charCodeAt(at);
    const before = rest.charCodeAt(at - 1);
    const isSign = code === UNDERSCORE || code === DASH;
    const isHump = isUpper(code) && (isLower(before) || isDigit(before));
    if (at < rest.length && !isSign && !isHump) continue;
    const isBehindSign = rest.charCodeAt(from) === UNDERSCORE || rest.charCodeAt(from) === DASH;
    const word = rest.slice(isBehindSign ? from + 1 : from, at);
    if (word !== '' && !isEndingWord(word.toLowerCase())) return false;
    from = at;
  }
  return true;
}

function isEndingWord(word: string): boolean {
  return ENDINGS.has(word) || /^v?\d{1,4}$/.test(word);
}

/** End of the name that the literal belongs to; -1 when it goes on like another word (`tokenizer`, `keyboard`, `key_id`). */
function nameEnd(text: string, to: number): number {
  if (!isNameCode(text.charCodeAt(to - 1))) return to - 1;
  const next = text.charCodeAt(to);
  if (!isNameCode(next)) return to;
  // The plural, and nothing else, stands without a sign or a capital.
  const isPlural = (next === codeOf('s') || next === codeOf('S')) && !isNameCode(text.charCodeAt(to + 1));
  if (isPlural) return to + 1;
  if (isLower(next)) return -1;
  let end = to;
  while (end < to + NAME_CHARS && isNameCode(text.charCodeAt(end))) end += 1;
  return isEnding(text.slice(to, end)) ? end : -1;
}

/** Whether letters in capitals go back to a digit: no name of a setting, but the middle of an id. */
function isDrawn(text: string, from: number, to: number): boolean {
  if (!isUpper(text.charCodeAt(from)) || !isUpper(text.charCodeAt(to - 1))) return false;
  let at = from;
  while (at > 0 && at > from - NAME_CHARS && isUpper(text.charCodeAt(at - 1))) at -= 1;
  return isDigit(text.charCodeAt(at - 1));
}

/** Begins where `key` or `token` does; -1 when the literal is neither. */
function keyOrToken(text: string, from: number): number {
  const character = text.charAt(from);
  if (character === 'k' || character === 'K') return from;
  return (character === 'o' || character === 'O') && from > 0 ? from - 1 : -1;
}

/** `cache_key`, `publicKey`, `monkey`, and a key alone: the key of a map, unless it stands in a query or behind `the signing`. */
function isHarmless(text: string, from: number): boolean {
  const start = keyOrToken(text, from);
  if (start === -1) return false;
  const isKey = start === from;
  const before = text.charCodeAt(start - 1);
  const hasSign = before === UNDERSCORE || before === DASH;
  const end = hasSign ? start - 1 : start;
  const qualifier = lettersBefore(text, end);
  if (qualifier !== '') {
    // Grown together, as in `apikey` and `monkey`, only some words make a key a secret.
    const isOneWord = !hasSign && isLower(before) === isLower(text.charCodeAt(start));
    return isKey && isOneWord ? !QUALIFIERS.has(qualifier) : HARMLESS.has(qualifier);
  }
  if (!isKey || hasSign || isDigit(before)) return false;
  return before !== QUESTION && before !== AMPERSAND && !(before === SPACE && QUALIFIERS.has(wordBefore(text, start)));
}

/** The last word of a name before `end`, in small letters. */
function lettersBefore(text: string, end: number): string {
  let at = end;
  const isFirstUpper = isUpper(text.charCodeAt(end - 1));
  while (at > end - 16 && at > 0) {
    const code = text.charCodeAt(at - 1);
    if (isUpper(code) ? !isFirstUpper : !isLower(code)) break;
    at -= 1;
  }
  // The capital that a word of camelCase begins with.
  if (!isFirstUpper && at < end && at > 0 && isUpper(text.charCodeAt(at - 1))) at -= 1;
  return text.slice(at, end).toLowerCase();
}

/** The word before a space. */
function wordBefore(text: string, to: number): string {
  const found = /([A-Za-z]{1,16}) $/.exec(text.slice(Math.max(0, to - 18), to));
  return (found?.[1] ?? '').toLowerCase();
}

/** Whether the last gap that was skipped held a sign that assigns. Not part of the answer, so that none has to be made for each hit. */
let isAssigned = false;

/** Skips signs and a few filler words behind the name. Out: where a value may begin; -1 when there is none nearby. Sets `isAssigned`. */
function skipGap(text: string, from: number): number {
  const limit = Math.min(text.length, from + GAP_CHARS);
  isAssigned = false;
  let at = from;
  for (let fillers = 0; fillers <= MOST_FILLERS; fillers += 1) {
    const before = at;
    for (let code = text.charCodeAt(at); at < limit && isIn(GAP, code); code = text.charCodeAt(at)) {
      if (code === EQUALS || code === COLON || code === GREATER) isAssigned = true;
      at += code === BACKSLASH && 'nrt'.includes(text.charAt(at + 1)) ? 2 : 1;
    }
    if (at === before || at >= limit) return -1;
    const end = wordEnd(text, at);
    if (end === at || end - at > LONGEST_FILLER || !isIn(GAP, text.charCodeAt(end)) || !FILLERS.has(text.slice(at, end).toLowerCase()))
      return at;
    at = end;
  }
  return -1;
}

/** End of the letters from here on; no filler has more than ten. */
function wordEnd(text: string, from: number): number {
  let at = from;
  while (at < from + 10 && isAlnum(text.charCodeAt(at)) && !isDigit(text.charCodeAt(at))) at += 1;
  return at;
}

/** Of a value that is longer than what is looked at, nothing must be left; a sentence's end is not part of it. */
function valueEnd(text: string, from: number, allowed: Uint8Array): number {
  const limit = Math.min(text.length, from + VALUE_CHARS);
  let at = from;
  while (at < limit && isIn(allowed, text.charCodeAt(at))) at += 1;
  // Padding of base64; elsewhere an equals sign begins another value.
  while (at > from && at < limit && text.charCodeAt(at) === EQUALS) at += 1;
  if (at === limit && isTokenCode(text.charCodeAt(at))) return tokenEnd(text, at, text.length);
  while (at > from && '.!?'.includes(text.charAt(at - 1))) at -= 1;
  return at;
}

const PLACEHOLDER = /^(?:\$|%[A-Z]|\*|x{4}|<|\{|null|undefined|none|true|false|your|example|changeme|redacted|process\.env)/i;

function isSecret(text: string, from: number, to: number, looksIt: (value: string) => boolean): boolean {
  const value = text.slice(from, Math.min(to, from + VALUE_CHARS));
  return looksIt(value) && !PLACEHOLDER.test(value);
}

/** What is cheap comes first: most of what is called a token or a key has no value behind it that could be one. */
function findSecret(text: string, from: number, to: number): Span | null {
  const end = nameEnd(text, to);
  const at = end < 0 ? -1 : skipGap(text, end);
  if (at < 0) return null;
  const last = valueEnd(text, at, VALUE);
  if (last - at < LEAST_RANDOM || isDrawn(text, from, to) || isHarmless(text, from)) return null;
  return isSecret(text, at, last, looksRandom) ? { from: at, to: last } : null;
}

/** Passwords are chosen by people, so that less is asked of them; but only where one is assigned. */
function findPassword(text: string, from: number, to: number): Span | null {
  const end = nameEnd(text, to);
  const at = end < 0 ? -1 : skipGap(text, end);
  if (at < 0) return null;
  const isQuoted = isAssigned && /["'`]/.test(text.charAt(at - 1));
  const last = valueEnd(text, at, isQuoted ? QUOTED_VALUE : VALUE);
  if (last - at < (isAssigned ? LEAST_PASSWORD : LEAST_RANDOM) || isDrawn(text, from, to)) return null;
  return isSecret(text, at, last, isAssigned ? looksLikePassword : looksRandom) ? { from: at, to: last } : null;
}

const inBothCases = (text: string): string[] => text.split(' ').flatMap((word) => [word, word.toUpperCase()]);

export const ASSIGNMENTS: readonly ContextRule[] = [
  {
    name: 'secret',
    literals: [...inBothCases(`oken ecret key redential auth" auth= auth: auth' _pat`), 'Key', 'Pat', 'Auth=', 'Auth"'],
    find: findSecret,
    isPart: true,
    example: 'api_key = "a0Bc1dE2fG3hJ4kL5mN6"',
  },
  {
    name: 'password',
    literals: [...inBothCases('assword asswd assphrase asscode pwd pass= pass: pass"'), 'Pwd', 'Pass='],
    find: findPassword,
    example: 'DB_PASSWORD=tr0ub4dor',
  },
];
