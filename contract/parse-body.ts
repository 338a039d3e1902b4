/**
 * One bounded parser per content type, before any schema: what two readers could understand differently is refused,
 * because hashes and signatures are made of what comes out. Refused: duplicate keys, integers beyond 2^53, numbers that are
 * not finite, unpaired surrogates, `__proto__`, nesting deeper than BODY_LIMITS.depth, and in YAML aliases, tags and several documents.
 */
import { parseDocument } from 'yaml';
import { GimoError } from './errors.ts';
import type { Json } from './json.ts';

export const BODY_LIMITS = { bytes: 8 * 1024 * 1024, depth: 100 } as const;

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function refuse(message: string): never {
  throw new GimoError('BAD_JSON', { message: `The body could not be read: ${message.replace(/[\s.:]+$/, '')}.` });
}

/** Walks over JSON text once. On text that is no JSON it only has to end; `JSON.parse` refuses that afterwards. */
class Scanner {
  readonly #text: string;
  /** For each open bracket: the keys seen in an object, null for a list. */
  readonly #open: (Set<string> | null)[] = [];
  #isKeyNext = false;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): void {
    for (let at = 0; at < this.#text.length;) at = this.#step(at);
  }

  #step(at: number): number {
    const char = this.#text.charCodeAt(at);
    if (char === QUOTE) return this.#string(at);
    if (char === 0x7b || char === 0x5b) this.#enter(char === 0x7b);
    else if (char === 0x7d || char === 0x5d) this.#leave();
    else if (char === 0x2c) this.#isKeyNext = this.#keys() !== null;
    else if (char === 0x3a) this.#isKeyNext = false;
    else if (char === 0x2d || (char >= 0x30 && char <= 0x39)) return this.#number(at);
    return at + 1;
  }

  #keys(): Set<string> | null {
    return this.#open.at(-1) ?? null;
  }

  #enter(isObject: boolean): void {
    this.#open.push(isObject ? new Set() : null);
    this.#isKeyNext = isObject;
    if (this.#open.length > BODY_LIMITS.depth) refuse(`it is nested deeper than ${BODY_LIMITS.depth}`);
  }

  #leave(): void {
    this.#open.pop();
    this.#isKeyNext = false;
  }

  #string(from: number): number {
    let at = from + 1;
    let isEscaped = false;
    for (; at < this.#text.length && this.#text.charCodeAt(at) !== QUOTE; at++) {
      if (this.#text.charCodeAt(at) !== BACKSLASH) continue;
      isEscaped = true;
      at++;
    }
    const raw = this.#text.slice(from, at + 1);
    const value = isEscaped ? unescape(raw) : raw.slice(1, -1);
    if (!value.isWellFormed()) refuse('a string holds half of a surrogate pair');
    if (this.#isKeyNext) this.#key(value);
    return at + 1;
  }

  #key(key: string): void {
    const keys = this.#keys();
    this.#isKeyNext = false;
    if (key === '__proto__') refuse('`__proto__` is not allowed as a key');
    if (keys?.has(key)) refuse(`the key \`${key.slice(0, 100)}\` stands twice in one object`);
    keys?.add(key);
  }

  #number(from: number): number {
    NUMBER.lastIndex = from;
    const found = NUMBER.exec(this.#text);
    if (!found) return from + 1;
    checkNumber(Number(found[0]), found[0]);
    return from + found[0].length;
  }
}

function checkNumber(value: number, text: string): void {
  if (!Number.isFinite(value)) refuse(`the number ${text.slice(0, 40)} is not finite`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) refuse(`the integer ${text.slice(0, 40)} is beyond 2^53`);
}

function parseText(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : 'it is not JSON');
  }
}

function unescape(raw: string): string {
  const value = parseText(raw);
  return typeof value === 'string' ? value : refuse('a string is not well-formed');
}

/** In: JSON text. Out: its value. Throws: BAD_JSON with what is wrong. Takes time linear in the text. */
export function parseJsonBody(text: string): Json {
  new Scanner(text).scan();
  return parseText(text);
}

/** YAML 1.2 (core schema) that has a JSON meaning. Throws: BAD_JSON. Some 50 times slower than JSON. */
export function parseYamlBody(text: string): Json {
  let value: unknown;
  try {
    const document = parseDocument(text, { uniqueKeys: true, stringKeys: true, intAsBigInt: true, schema: 'core', prettyErrors: true });
    const [fault] = [...document.errors, ...document.warnings];
    if (fault) refuse(fault.message.split('\n')[0] ?? '');
    value = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    if (error instanceof GimoError) throw error;
    refuse(error instanceof Error ? error.message : 'it is not YAML');
  }
  return plainJson(value, 1);
}

function plainJson(value: unknown, depth: number): Json {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.isWellFormed() ? value : refuse('a string holds half of a surrogate pair');
  if (typeof value === 'bigint' || typeof value === 'number') {
    checkNumber(Number(value), String(value));
    return Number(value);
  }
  if (depth > BODY_LIMITS.depth) refuse(`it is nested deeper than ${BODY_LIMITS.depth}`);
  if (Array.isArray(value)) return value.map((item) => plainJson(item, depth + 1));
  if (typeof value !== 'object') return refuse('it holds something that JSON cannot hold');
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [plainKey(key), plainJson(item, depth + 1)]));
}

function plainKey(key: string): string {
  return key === '__proto__' ? refuse('`__proto__` is not allowed as a key') : key;
}
