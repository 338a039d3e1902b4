/** Credentials that are known by what stands around them: headers, addresses, blocks. */
import { ASSIGNMENTS } from './assignment.ts';
import { looksLikePassword, looksRandom } from './random-looking.ts';
import { sample, SLUG, type ContextRule } from './rule.ts';
import type { Source } from './source.ts';
import {
  classOf,
  codeOf,
  isAlnum,
  isDigit,
  isIn,
  isTokenStart,
  runEnd,
  TOKEN,
  wholeRunEnd,
  type CharacterClass,
  type Span,
} from './span.ts';

const ADDRESS_CHARS = 400;
const HEADER_CHARS = 4096;
const COOKIE_NAME_CHARS = 128;
const LEAST_BEARER = 8;
const LEAST_USER = 16;
const LEAST_HEADER = 14;

const AT_SIGN = codeOf('@');
const COLON = codeOf(':');
const SLASH = codeOf('/');
const DOT = codeOf('.');
const EQUALS = codeOf('=');
const SPACE = codeOf(' ');
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ADDRESS_ENDS = classOf(' \t\n\r"\'<>\\`');
/** Here the host of an address ends. */
const HOST_ENDS = classOf('/?#');

/** `scheme://user:password@host`, or a token in the place of the user. */
function findUserInfo(source: Source, _from: number, to: number): Span | null {
  const { codes, size } = source;
  const limit = Math.min(size, to + ADDRESS_CHARS);
  let colon = -1;
  // Whether so far only a number stands behind the colon, which would be a port.
  let isPort = true;
  for (let at = to; at < limit; at += 1) {
    const code = codes[at] ?? 0;
    if (code === AT_SIGN) {
      if (colon >= 0) return at - colon > 1 ? { from: colon + 1, to: at } : null;
      return at - to >= LEAST_USER && looksRandom(source, to, at) ? { from: to, to: at } : null;
    }
    if (isIn(ADDRESS_ENDS, code)) return null;
    // Behind a port or a host begins the path; a password may hold these signs.
    if (isIn(HOST_ENDS, code) && (colon < 0 || isPort || (code === SLASH && codes[at - 1] === COLON))) return null;
    if (code === COLON && colon < 0) colon = at;
    else if (colon >= 0 && !isDigit(code)) isPort = false;
  }
  return null;
}

const TOKEN_PART = classOf(`${LETTERS}0123456789_-`);

/** A JSON web token: two to five parts of base64, the first of which is an object. */
function findJwt(source: Source, from: number, to: number): Span | null {
  if (!isTokenStart(source, from)) return null;
  let end = wholeRunEnd(source, TOKEN_PART, to);
  if (end - to < LEAST_HEADER || source.codes[end] !== DOT) return null;
  for (let parts = 1; parts < 5 && source.codes[end] === DOT; parts += 1) end = wholeRunEnd(source, TOKEN_PART, end + 1);
  return { from, to: end };
}

function allBut(signs: string): CharacterClass {
  return Uint8Array.from(classOf(signs), (isOne) => 1 - isOne);
}

/** End of a value that goes on to one of a few signs; characters of other scripts are part of it. */
function openEnd(source: Source, table: CharacterClass, from: number): number {
  const { codes, size } = source;
  const limit = Math.min(size, from + HEADER_CHARS);
  let at = from;
  while (at < limit && ((codes[at] ?? 0) > 127 || isIn(table, codes[at] ?? 0))) at += 1;
  return at;
}

const SIGNS = classOf(' "\'\\:=');
const SIGN_CHARS = 12;
const SCHEME = classOf(`${LETTERS}0123456789-`);
const SCHEME_CHARS = 20;
const IN_HEADER = allBut(' "\'\\\n\r\t,;');

/** `Authorization: <scheme> <credentials>`; whatever the scheme is. */
function findAuthorization(source: Source, _from: number, to: number): Span | null {
  const { codes } = source;
  const signs = runEnd(source, SIGNS, to, SIGN_CHARS);
  let isNamed = false;
  for (let at = to; at < signs; at += 1) if (codes[at] === COLON || codes[at] === EQUALS) isNamed = true;
  if (!isNamed) return null;
  const scheme = runEnd(source, SCHEME, signs, SCHEME_CHARS);
  const begin = codes[scheme] === SPACE ? scheme + 1 : signs;
  const end = openEnd(source, IN_HEADER, begin);
  return end - begin >= LEAST_BEARER ? { from: begin, to: end } : null;
}

/** `Bearer <token>` without the name of its header. */
function findBearer(source: Source, _from: number, to: number): Span | null {
  const end = runEnd(source, TOKEN, to, HEADER_CHARS);
  return end - to >= LEAST_BEARER && (looksLikePassword(source, to, end) || looksRandom(source, to, end)) ? { from: to, to: end } : null;
}

const COOKIE_SIGNS = classOf(' "\'\\');
const COOKIE_SIGN_CHARS = 6;
const IN_COOKIE = allBut('"\'\\\n\r');
const IN_COOKIE_NAME = allBut('"\'\\\n\r=');

/** The value of a `Cookie` or `Set-Cookie` header, as a whole. */
function findCookie(source: Source, _from: number, to: number): Span | null {
  const begin = runEnd(source, COOKIE_SIGNS, to, COOKIE_SIGN_CHARS);
  const name = runEnd(source, IN_COOKIE_NAME, begin, COOKIE_NAME_CHARS);
  return source.codes[name] === EQUALS ? { from: begin, to: openEnd(source, IN_COOKIE, name) } : null;
}

const KEY_HEAD = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
const KEY_FOOT = /-----END [A-Z0-9 ]{0,40}-----/y;
const KEY_CHARS = 32_768;
const BACKSLASH = codeOf('\\');
const DASH = codeOf('-');
const IN_KEY = classOf(`${LETTERS}0123456789+/=:,. \t\r\n`);
const ESCAPED = classOf('nrt');

/** A private key with its block, or as much of it as there is. Headers inside of it hold single dashes, JSON escapes its line ends. */
function findPrivateKey(source: Source, from: number): Span | null {
  const { text, size } = source;
  KEY_HEAD.lastIndex = from;
  if (!KEY_HEAD.test(text)) return null;
  const limit = Math.min(size, from + KEY_CHARS);
  let at = KEY_HEAD.lastIndex;
  for (let part = keyPart(source, at); part > 0 && at < limit; part = keyPart(source, at)) at += part;
  if (source.codes[at] !== DASH) return { from, to: at };
  KEY_FOOT.lastIndex = at;
  return { from, to: KEY_FOOT.test(text) ? KEY_FOOT.lastIndex : at };
}

/** How many characters of a key's body stand here together; 0 when it has ended. */
function keyPart({ codes, size }: Source, at: number): number {
  if (at >= size) return 0;
  const code = codes[at] ?? 0;
  if (isIn(IN_KEY, code)) return 1;
  const next = codes[at + 1] ?? 0;
  if (code === BACKSLASH) return isIn(ESCAPED, next) ? 2 : 0;
  return code === DASH && (isAlnum(next) || next === SPACE) ? 2 : 0;
}

export const CONTEXT_RULES: readonly ContextRule[] = [
  ...ASSIGNMENTS,
  {
    name: 'private-key',
    literals: ['-----BEGIN '],
    find: findPrivateKey,
    example: `-----BEGIN RSA PRIVATE KEY-----\n${sample(SLUG, 60).replaceAll(/[_-]/g, 'A')}\n-----END RSA PRIVATE KEY-----`,
  },
  { name: 'url-password', literals: ['://'], find: findUserInfo, example: 'postgres://app:s3cr3t@db.example/app' },
  {
    name: 'authorization',
    literals: ['uthorization', 'UTHORIZATION'],
    find: findAuthorization,
    example: 'Authorization: Basic dXNlcjpwYXNz',
  },
  {
    name: 'jwt',
    literals: ['eyJ'],
    find: findJwt,
    example: `eyJ${sample(SLUG, 17)}.eyJ${sample(SLUG, 30)}.${sample(SLUG, 43)}`,
  },
  { name: 'bearer-token', literals: ['earer ', 'EARER '], find: findBearer, example: `Bearer ${sample(SLUG, 24)}` },
  { name: 'cookie', literals: ['ookie: ', 'ookie":"', 'ookie\\":\\"', 'ookie": "'], find: findCookie, example: 'Cookie: sid=a0Bc1dE2fG3h' },
];
