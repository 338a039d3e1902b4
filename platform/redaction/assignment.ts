/**
 * `name = value` in all its spellings (JSON, YAML, environment, query, header, prose), where the name says that the value is secret.
 * Written by hand and in one pass: words like "token" stand in every second log line, so a no must be cheap.
 */
import { countedClass, isPassword, isRandom, NOT_IN_CLASS } from './random-looking.ts';
import type { ContextRule } from './rule.ts';
import { isDrawn, isHarmless, nameEnd } from './setting-name.ts';
import type { Source } from './source.ts';
import { classOf, codeOf, isIn, isLower, isUpper, tokenEnd, wholeRunEnd, type CharacterClass, type Span } from './span.ts';
import { EMPTY_HASH, grownHash, WordSet } from './word-set.ts';

const GAP_CHARS = 48;
/** A value is judged by so much of it. */
const VALUE_CHARS = 128;
const LEAST_RANDOM = 14;
const MOST_FILLERS = 3;
const LONGEST_FILLER = 8;
const LEAST_PASSWORD = 6;
const EQUALS = codeOf('=');
const BACKSLASH = codeOf('\\');
/** Makes a capital letter small. */
const SMALL = 32;
const LETTERS = classOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');

/** What may stand between the name and the value besides signs: `token is …`, `[]byte("…")`. No names: a value belongs to the nearest one. */
const FILLERS = new WordSet(
  'is was are be been has set to of value provided given invalid using used found rejected with byte string str bytes default new old the an this current supplied b r f u',
);

/** What stands between a name and its value: 1 for signs, 2 for those that assign, 3 for a backslash, which a letter may belong to. */
const GAP = classOf(' \t"\'`,|.?!()[]{}<+@*~&;');
for (const sign of '=:>') GAP[codeOf(sign)] = 2;
GAP[BACKSLASH] = 3;
const ESCAPED = classOf('nrt');
const QUOTES = classOf('"\'`');
const SENTENCE_ENDS = classOf('.!?');
const PRINTABLE = String.fromCharCode(...Array.from({ length: 94 }, (_none, index) => 33 + index));
const VALUE = valueOf(PRINTABLE.replaceAll(/["'`,;&<>(){}[\]\\|=:]/g, ''));
const QUOTED_VALUE = valueOf(PRINTABLE.replaceAll(/["'`\\]/g, ''));

type ValueClass = { table: CharacterClass; counted: Int32Array };

function valueOf(signs: string): ValueClass {
  const table = classOf(signs);
  return { table, counted: countedClass(table) };
}

/** Of what the last value that was looked for consists. Not part of the answer, for the same reason as what follows. */
let counts = 0;
/** Whether the last gap that was skipped held a sign that assigns. Not part of the answer, so that none has to be made for each hit. */
let isAssigned = false;

const gapKind = (code: number): number => (code < 128 ? (GAP[code] ?? 0) : 0);

/** Skips signs and a few filler words behind the name. Out: where a value may begin; -1 when there is none nearby. Sets `isAssigned`. */
function skipGap({ codes, size }: Source, from: number): number {
  const limit = Math.min(size, from + GAP_CHARS);
  isAssigned = false;
  let at = from;
  for (let fillers = 0; fillers <= MOST_FILLERS; fillers += 1) {
    const before = at;
    for (let kind = gapKind(codes[at] ?? 0); at < limit && kind > 0; kind = gapKind(codes[at] ?? 0)) {
      if (kind === 2) isAssigned = true;
      at += kind === 3 && isIn(ESCAPED, codes[at + 1] ?? 0) ? 2 : 1;
    }
    if (at === before || at >= limit) return -1;
    const end = fillerEnd(codes, at);
    if (end === -1) return at;
    at = end;
  }
  return -1;
}

/** End of the filler word that stands here; -1 when it is none. */
function fillerEnd(codes: Uint8Array, from: number): number {
  let hash = EMPTY_HASH;
  let at = from;
  for (let code = codes[at] ?? 0; isLower(code) || isUpper(code); code = codes[at] ?? 0) {
    if (at === from + LONGEST_FILLER) return -1;
    hash = grownHash(hash, code);
    at += 1;
  }
  return at > from && gapKind(codes[at] ?? 0) > 0 && FILLERS.hasHash(hash) ? at : -1;
}

/** End of a value, or of what is looked at of it; a sentence's end is not part of it. Sets `counts`, to which signs add nothing. */
function valueEnd({ codes, size }: Source, from: number, { counted }: ValueClass): number {
  const limit = Math.min(size, from + VALUE_CHARS);
  let at = from;
  counts = 0;
  for (; at < limit; at += 1) {
    const more = counted[codes[at] ?? 0] ?? NOT_IN_CLASS;
    if (more === NOT_IN_CLASS) break;
    counts += more;
  }
  // Padding of base64; elsewhere an equals sign begins another value.
  while (at > from && at < limit && codes[at] === EQUALS) at += 1;
  if (at === from + VALUE_CHARS) return at;
  while (at > from && isIn(SENTENCE_ENDS, codes[at - 1] ?? 0)) at -= 1;
  return at;
}

/** Of a secret that is longer than what was looked at, nothing must be left. Not before it is known to be one: the way may be long. */
function secretSpan(source: Source, from: number, to: number, { table }: ValueClass): Span {
  return { from, to: to === from + VALUE_CHARS ? tokenEnd(source, wholeRunEnd(source, table, to)) : to };
}

const PLACEHOLDER_SIGNS = classOf('$*<{');
const PERCENT = codeOf('%');
/** By their first letter; most values begin with another one, or differ in the second. */
const PLACEHOLDERS = Array.from({ length: 128 }, (_none, code) =>
  'xxxx null undefined none true false your example changeme redacted'
    .split(' ')
    .concat(['process', 'env'].join('.'))
    .filter((word) => word.charCodeAt(0) === (code | SMALL) && isIn(LETTERS, code)),
);

/** Whether a value begins with what stands where one has to be filled in. */
function isPlaceholder({ codes }: Source, from: number): boolean {
  const first = codes[from] ?? 0;
  if (isIn(PLACEHOLDER_SIGNS, first)) return true;
  if (first === PERCENT) return isUpper(codes[from + 1] ?? 0);
  return (PLACEHOLDERS[first] ?? []).some((word) => startsWith(codes, from, word));
}

function startsWith(codes: Uint8Array, from: number, word: string): boolean {
  for (let at = 1; at < word.length; at += 1) if (((codes[from + at] ?? 0) | SMALL) !== word.charCodeAt(at)) return false;
  return true;
}

/** What is cheap comes first: most of what is called a token or a key has no value behind it that could be one. */
function findSecret(source: Source, from: number, to: number): Span | null {
  const end = nameEnd(source, to);
  const at = end < 0 ? -1 : skipGap(source, end);
  if (at < 0) return null;
  const last = valueEnd(source, at, VALUE);
  if (last - at < LEAST_RANDOM || isDrawn(source, from, to) || isHarmless(source, from)) return null;
  return isRandom(source, at, last, counts) && !isPlaceholder(source, at) ? secretSpan(source, at, last, VALUE) : null;
}

/** Passwords are chosen by people, so that less is asked of them; but only where one is assigned. */
function findPassword(source: Source, from: number, to: number): Span | null {
  const end = nameEnd(source, to);
  const at = end < 0 ? -1 : skipGap(source, end);
  if (at < 0) return null;
  const isAsked = isAssigned;
  const isQuoted = isAsked && isIn(QUOTES, source.codes[at - 1] ?? 0);
  const allowed = isQuoted ? QUOTED_VALUE : VALUE;
  const last = valueEnd(source, at, allowed);
  if (last - at < (isAsked ? LEAST_PASSWORD : LEAST_RANDOM) || isDrawn(source, from, to)) return null;
  const looksIt = isAsked ? isPassword(source, at, last, counts) : isRandom(source, at, last, counts);
  return looksIt && !isPlaceholder(source, at) ? secretSpan(source, at, last, allowed) : null;
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
