/** Names in the headers of a diff: only forms that have one reading, whoever reads them. Pure. */
import { GimoError } from './errors.ts';
import { hasReference, parseTemplate } from './template.ts';

const REMEDY =
  'Give the diff as `git diff` prints it (`--- a/path`, `+++ b/path`, `/dev/null` for a side that is not there), or whole files in `files`.';

/** Throws: DIFF_REFUSED. `line` counts from 1. */
export function refuseDiff(line: number, why: string, remedy = REMEDY): never {
  throw new GimoError('DIFF_REFUSED', { message: `Line ${line} of the diff: ${why}.`, hint: remedy });
}

/** What follows a name behind a tab: nothing, or a time as `diff -u` writes it. Git looks for a date by itself and may find it elsewhere. */
const AFTER_NAME = /^(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: [+-]\d\d:?\d\d)?|[^-]*)$/;
const DATE_AT_END = /\s\d{2,4}-\d\d-\d\d.*\d$/;
const EPOCH = /^(?:1970-01-01|1969-12-31) /;
const QUOTED = /^"((?:[^"\\]|\\["\\abfnrtv]|\\[0-3][0-7]{2})*)"/;
const CONTROL = /\p{Cc}/u;

type SideName = { path: string | null; isEpoch: boolean };

/** The name behind `--- ` or `+++ `; null: that side is not there. */
export function sideName(text: string, prefix: 'a/' | 'b/', line: number): SideName {
  const [name, after] = cutName(text, line);
  if (!AFTER_NAME.test(after)) refuseDiff(line, 'what follows the name could belong to it');
  if (name === '/dev/null') return { path: null, isEpoch: false };
  return { path: withoutPrefix(name, prefix, line), isEpoch: EPOCH.test(after) };
}

function cutName(text: string, line: number): [name: string, after: string] {
  if (text.startsWith('"')) {
    const [name, after] = unquoted(text, line);
    if (after !== '' && !after.startsWith('\t')) refuseDiff(line, 'something follows the quoted name');
    return [name, after.slice(1)];
  }
  const tab = text.indexOf('\t');
  if (tab >= 0) return [text.slice(0, tab), text.slice(tab + 1)];
  if (DATE_AT_END.test(text)) refuseDiff(line, 'the name ends in what git takes for a date');
  return [text, ''];
}

/** The name behind `rename from ` and the like, which has no prefix. */
export function bareName(text: string, line: number): string {
  if (!text.startsWith('"')) return checked(text, line);
  const [name, after] = unquoted(text, line);
  if (after !== '') refuseDiff(line, 'something follows the quoted name');
  return checked(name, line);
}

function withoutPrefix(name: string, prefix: string, line: number): string {
  if (!name.startsWith(prefix)) {
    const shown = JSON.stringify(name);
    refuseDiff(line, `the name ${shown} does not begin with ${prefix}, and git would cut off its first folder all the same`);
  }
  return checked(name.slice(prefix.length), line);
}

/** Whether the line `diff --git a/x b/y` is about these two paths. Between names without quotes any blank could be the gap. */
export function isHeaderOf(text: string, old: string, now: string, line: number): boolean {
  return pairsIn(text, line).some(([first, second]) => first === `a/${old}` && second === `b/${now}`);
}

/** The path that both names of `diff --git a/x b/x` have. There is at most one such reading. */
export function commonName(text: string, line: number): string | null {
  const pair = pairsIn(text, line).find(([first, second]) => first.startsWith('a/') && second === `b/${first.slice(2)}`);
  return pair === undefined ? null : checked(pair[0].slice(2), line);
}

function pairsIn(text: string, line: number): [string, string][] {
  if (text.startsWith('"')) {
    const [first, rest] = unquoted(text, line);
    if (!rest.startsWith(' ')) refuseDiff(line, 'its two names cannot be told apart');
    return [[first, wholeName(rest.slice(1), line)]];
  }
  const quote = text.indexOf(' "');
  if (quote >= 0 && text.endsWith('"')) return [[text.slice(0, quote), wholeName(text.slice(quote + 1), line)]];
  const pairs: [string, string][] = [];
  for (let at = text.indexOf(' b/'); at >= 0; at = text.indexOf(' b/', at + 1)) pairs.push([text.slice(0, at), text.slice(at + 1)]);
  return pairs;
}

function wholeName(text: string, line: number): string {
  if (!text.startsWith('"')) return text;
  const [name, after] = unquoted(text, line);
  if (after !== '') refuseDiff(line, 'something follows the quoted name');
  return name;
}

const BYTE = /\\([0-3][0-7]{2})|\\(["\\abfnrtv])|[^\\]+/g;

function unquoted(text: string, line: number): [name: string, after: string] {
  const found = QUOTED.exec(text);
  if (found === null) return refuseDiff(line, 'its quoted name is not one that git writes');
  if (hasReference(text)) refuseDiff(line, 'a reference stands in a quoted name');
  const bytes = [...(found[1] ?? '').matchAll(BYTE)].map(([plain, octal, escape]) => {
    if (octal !== undefined) {
      const byte = Number.parseInt(octal, 8);
      // Git writes letters of other scripts as their bytes. Whatever else is written as a number is hidden from a reader.
      if (byte < 0x80) refuseDiff(line, `the name hides a character as \\${octal}`);
      return `%${byte.toString(16)}`;
    }
    if (escape !== undefined && escape !== '"') refuseDiff(line, `the name holds \\${escape}, which no path here may hold`);
    return escape === '"' ? '%22' : plain.isWellFormed() ? encodeURIComponent(plain) : '%ff';
  });
  try {
    return [decodeURIComponent(bytes.join('')), text.slice(found[0].length)];
  } catch {
    return refuseDiff(line, 'the bytes of its name are no text');
  }
}

/** Out: the path as it was given. References are left as they are; what they become is checked when it is known. */
function checked(path: string, line: number): string {
  const known = withoutReferences(path, line);
  const shown = JSON.stringify(path);
  if (!known.isWellFormed() || CONTROL.test(known)) refuseDiff(line, `the path ${shown} holds a character that cannot be seen`);
  if (known.includes('\\')) refuseDiff(line, `the path ${shown} holds a backslash`);
  const parts = known.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..'))
    refuseDiff(line, `the path ${shown} is not a plain one inside of the workspace`);
  if (parts.some((part) => part.toLowerCase() === '.git')) refuseDiff(line, `the path ${shown} lies in the repository itself`);
  return path;
}

function withoutReferences(path: string, line: number): string {
  if (!hasReference(path)) return path;
  try {
    return parseTemplate(path)
      .map((part) => ('text' in part ? part.text : '_'))
      .join('');
  } catch {
    return refuseDiff(line, 'a reference in it does not end in its line');
  }
}
