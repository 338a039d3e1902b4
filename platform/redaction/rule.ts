/** What a credential looks like, as data. */
import type { Span } from './span.ts';

export type Rule = {
  /** Stands in the mask: `[redacted:name]`. */
  name: string;
  /** Cheap filter: nothing else is done where none of these texts stands. At least three characters each, in exactly this case. */
  literals: readonly string[];
  /** Fewest characters of a token that must follow the literal. */
  least: number;
  /** What may follow the literal, when the rule says no more than that; then the expression need not be tried. */
  characters?: string;
  /** RE2 expression, matched where the literal begins; its first group, if it has one, is what is masked. */
  pattern: string;
  /** Something that must be found. */
  example: string;
  /** The literal may stand behind a letter or digit: a name, as in `apiToken`, or the middle of a token. */
  isInside?: boolean;
  /** The literal stands in the middle of a token, behind at least so many letters and digits; the expression is looked for around it. */
  behind?: number;
  /** How many characters the expression may look at (512). */
  window?: number;
};

/** A rule whose surroundings decide: written by hand, because it is tried on ordinary lines all the time. */
export type ContextRule = {
  name: string;
  literals: readonly string[];
  /** In: where the literal begins and ends. Out: what to mask, null when it is nothing. Looks at a bounded number of characters. */
  find: (text: string, from: number, to: number) => Span | null;
  /** What is found may be a part of something longer, which another rule knows. */
  isPart?: boolean;
  example: string;
};

export const ALNUM = 'A-Za-z0-9';
export const WORD = 'A-Za-z0-9_';
export const SLUG = String.raw`A-Za-z0-9_\-`;
export const DOTTED = String.raw`A-Za-z0-9_.\-`;
export const HEX = 'a-f0-9';
export const UPPER = 'A-Z0-9';
export const BASE64 = 'A-Za-z0-9+/=';

/** Some text of a character class, for examples. */
export function sample(characters: string, length: number): string {
  const fitting = 'a0Bc1dE2fG3hJ4kL5mN6pQ7rS8tU9v'
    .split('')
    .filter((character) => new RegExp(`[${characters}]`).test(character))
    .join('');
  return fitting.repeat(Math.ceil(length / fitting.length)).slice(0, length);
}

function escaped(literal: string): string {
  return literal.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}

/** Tokens that begin with what their maker chose for them. In: prefixes separated by spaces, the characters behind, how many at least. */
export function prefixed(name: string, prefixes: string, characters: string, least: number): Rule {
  const literals = prefixes.split(' ');
  return {
    name,
    literals,
    least,
    characters,
    pattern: `(?:${literals.map(escaped).join('|')})[${characters}]{${least},}`,
    example: `${literals[0]}${sample(characters, least)}`,
  };
}
