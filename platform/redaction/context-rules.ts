/** Credentials that are known by what stands around them: headers, addresses, blocks. */
import { ASSIGNMENTS } from './assignment.ts';
import { looksLikePassword, looksRandom } from './random-looking.ts';
import { sample, SLUG, type ContextRule } from './rule.ts';
import { isAlnum, isTokenStart, tokenEnd, type Span } from './span.ts';

const ADDRESS_CHARS = 400;
const HEADER_CHARS = 4096;
const LEAST_BEARER = 8;
const LEAST_USER = 16;
const LEAST_HEADER = 14;
const TOKEN_CHARS = 32_768;

const AT_SIGN = 64;
const COLON = 58;
const SLASH = 47;
const DOT = 46;
/** 1: an address ends there; 2: so does its host. */
const ENDS = new Uint8Array(128);
for (const sign of ' \t\n\r"\'<>\\`') ENDS[sign.charCodeAt(0)] = 1;
for (const sign of '/?#') ENDS[sign.charCodeAt(0)] = 2;

/** `scheme://user:password@host`, or a token in the place of the user. */
function findUserInfo(text: string, _from: number, to: number): Span | null {
  const limit = Math.min(text.length, to + ADDRESS_CHARS);
  let colon = -1;
  for (let at = to; at < limit; at += 1) {
    const code = text.charCodeAt(at);
    if (code === AT_SIGN) {
      if (colon >= 0) return at - colon > 1 ? { from: colon + 1, to: at } : null;
      return at - to >= LEAST_USER && looksRandom(text.slice(to, at)) ? { from: to, to: at } : null;
    }
    if (code === COLON && colon < 0) colon = at;
    const end = ENDS[code] ?? 0;
    if (end === 1) return null;
    // Behind a port or a host begins the path; a password may hold these signs.
    if (end === 2 && (colon < 0 || (code === SLASH && text.charCodeAt(at - 1) === COLON) || /^\d*$/.test(text.slice(colon + 1, at))))
      return null;
  }
  return null;
}

const isTokenPart = (character: string): boolean => isAlnum(character.charCodeAt(0)) || character === '_' || character === '-';

/** A JSON web token: two to five parts of base64, the first of which is an object. */
function findJwt(text: string, from: number, to: number): Span | null {
  // First of all: so only the beginning of a long run is followed to its end.
  if (!isTokenStart(text, from)) return null;
  let end = skip(text, to, isTokenPart, TOKEN_CHARS);
  if (end - to < LEAST_HEADER || text.charCodeAt(end) !== DOT) return null;
  for (let parts = 1; parts < 5 && text.charCodeAt(end) === DOT; parts += 1) end = skip(text, end + 1, isTokenPart, TOKEN_CHARS);
  return { from, to: end };
}

function skip(text: string, from: number, isSkipped: (character: string) => boolean, most: number): number {
  let at = from;
  while (at < from + most && at < text.length && isSkipped(text.charAt(at))) at += 1;
  return at;
}

/** `Authorization: <scheme> <credentials>`; whatever the scheme is. */
function findAuthorization(text: string, _from: number, to: number): Span | null {
  const signs = skip(text, to, (character) => ' "\'\\:='.includes(character), 12);
  if (!/[:=]/.test(text.slice(to, signs))) return null;
  const scheme = skip(text, signs, (character) => isAlnum(character.charCodeAt(0)) || character === '-', 20);
  const begin = text.charAt(scheme) === ' ' ? scheme + 1 : signs;
  const end = skip(text, begin, (character) => !' "\'\\\n\r\t,;'.includes(character), HEADER_CHARS);
  return end - begin >= LEAST_BEARER ? { from: begin, to: end } : null;
}

/** `Bearer <token>` without the name of its header. */
function findBearer(text: string, _from: number, to: number): Span | null {
  const end = tokenEnd(text, to, HEADER_CHARS);
  const value = text.slice(to, Math.min(end, to + 512));
  return end - to >= LEAST_BEARER && (looksLikePassword(value) || looksRandom(value)) ? { from: to, to: end } : null;
}

/** The value of a `Cookie` or `Set-Cookie` header, as a whole. */
function findCookie(text: string, _from: number, to: number): Span | null {
  const begin = skip(text, to, (character) => ' "\'\\'.includes(character), 6);
  const end = skip(text, begin, (character) => !'"\'\\\n\r'.includes(character), HEADER_CHARS);
  return text.slice(begin, Math.min(end, begin + 128)).includes('=') ? { from: begin, to: end } : null;
}

const KEY_HEAD = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
const KEY_FOOT = /-----END [A-Z0-9 ]{0,40}-----/y;
const KEY_CHARS = 32_768;
const BACKSLASH = 92;
const DASH = 45;
const IN_KEY = new Uint8Array(128);
for (const sign of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=:,. \t\r\n') IN_KEY[sign.charCodeAt(0)] = 1;

/** A private key with its block, or as much of it as there is. Headers inside of it hold single dashes, JSON escapes its line ends. */
function findPrivateKey(text: string, from: number): Span | null {
  KEY_HEAD.lastIndex = from;
  if (!KEY_HEAD.test(text)) return null;
  const limit = Math.min(text.length, from + KEY_CHARS);
  let at = KEY_HEAD.lastIndex;
  for (let size = keyPart(text, at); size > 0 && at < limit; size = keyPart(text, at)) at += size;
  KEY_FOOT.lastIndex = at;
  return { from, to: KEY_FOOT.test(text) ? KEY_FOOT.lastIndex : at };
}

/** How many characters of a key's body stand here together; 0 when it has ended. */
function keyPart(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code < 128 && IN_KEY[code] === 1) return 1;
  const next = text.charCodeAt(at + 1);
  if (code === BACKSLASH) return 'nrt'.includes(text.charAt(at + 1)) && !Number.isNaN(next) ? 2 : 0;
  return code === DASH && (isAlnum(next) || next === 32) ? 2 : 0;
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
