/** Answers that a model can hold: a part of a large one is named by a JSON pointer (RFC 6901). */
import { isJsonObject } from '#contract/json.ts';

/** A larger answer would fill a model's window. */
const MAX_CHARS = 100_000;
const NAMED_PARTS = 40;

const lengthOf = (value: unknown): number => JSON.stringify(value)?.length ?? 0;
const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

function childrenOf(value: unknown): [string, unknown][] {
  if (Array.isArray(value)) return value.map((item, at) => [String(at), item]);
  return isJsonObject(value) ? Object.entries(value) : [];
}

/** Characters of a text, `0-50000`: the last part of a pointer into a long one. */
function piece(value: unknown, name: string): [string, unknown] | null {
  const [, from, to] = /^(\d{1,9})-(\d{1,9})$/.exec(name) ?? [];
  return typeof value !== 'string' || from === undefined ? null : [name, value.slice(Number(from), Number(to))];
}

/** In: '' for the whole. Throws: an error that names the parts that there are. */
export function partOf(body: unknown, pointer: string): unknown {
  if (pointer === '') return body;
  if (!pointer.startsWith('/')) throw new Error(`A part begins with /: ${parts(body, '')}`);
  let value = body;
  let at = '';
  for (const token of pointer.slice(1).split('/')) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    const child = piece(value, name) ?? childrenOf(value).find(([key]) => key === name);
    if (child === undefined) throw new Error(`There is no part ${at}/${token}. ${parts(value, at)}`);
    [, value] = child;
    at += `/${token}`;
  }
  return value;
}

/** Throws: an error that says how to ask for less, and what parts there are. */
export function bounded(body: unknown): unknown {
  const length = lengthOf(body);
  if (length <= MAX_CHARS) return body;
  if (typeof body === 'string')
    throw new Error(
      `The text has ${body.length} characters, more than ${MAX_CHARS} with its quotes. Read it in pieces: append /0-50000 to the part.`,
    );
  throw new Error(
    `The answer has ${length} characters, more than ${MAX_CHARS}. Ask for one part of it with part, or for less with limit and cursor where the operation has them. ${parts(body, '')}`,
  );
}

function parts(value: unknown, at: string): string {
  const children = childrenOf(value);
  if (children.length === 0) return `${at === '' ? 'The body' : at} has no parts.`;
  const named = children.slice(0, NAMED_PARTS).map(([name, child]) => `${at}/${escaped(name)} (${lengthOf(child)})`);
  const left = children.length > NAMED_PARTS ? `, and ${children.length - NAMED_PARTS} more` : '';
  return `Its parts, with their characters: ${named.join(', ')}${left}.`;
}
