/** What a credential looks like, as data. */
import type { Source } from './source.ts';
import type { Span } from './span.ts';

/** So many characters of a class, which is written as between the brackets of an expression. As many as there are are taken, and none is given back. */
export type Run = { of: string; least: number; most?: number };

/** Nothing in a rule goes back, so that its time grows with what it looks at, whatever the text is. */
export type Rule = {
  /** Stands in the mask: `[redacted:name]`. */
  name: string;
  /** Nothing else is done where none of these texts stands. At least three characters each, in exactly this case. */
  literals: readonly string[];
  /** The literal stands in the middle of a token, behind these. Without it a token must begin with the literal. */
  before?: Run;
  /** What follows the literal. */
  after: readonly Run[];
  /** The literal is a name, and only what follows is masked. It may stand behind a letter. */
  isName?: boolean;
  /** Something that must be found. */
  example: string;
};

/** A rule whose surroundings decide: written by hand, because it is tried on ordinary lines all the time. */
export type ContextRule = {
  name: string;
  literals: readonly string[];
  /** In: where the literal begins and ends. Out: what to mask, null when it is nothing. Looks at a bounded number of characters before it says no. */
  find: (source: Source, from: number, to: number) => Span | null;
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

/** Tokens that begin with what their maker chose for them. In: prefixes separated by spaces, the characters behind, how many at least. */
export function prefixed(name: string, prefixes: string, characters: string, least: number): Rule {
  const literals = prefixes.split(' ');
  return { name, literals, after: [{ of: characters, least }], example: `${literals[0]}${sample(characters, least)}` };
}
