/** One server in a JSON file that may hold comments and trailing commas: what is added are the bytes of our entry, a comma and line breaks. */
import * as jsonc from 'jsonc-parser';
import { isJsonObject } from '#contract/json.ts';
import { NAME, Unreadable, type Editor } from './edit-text.ts';

const LENIENT = { allowTrailingComma: true, disallowComments: false, allowEmptyContent: true } as const;

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function readJson(text: string): Record<string, unknown> {
  const errors: jsonc.ParseError[] = [];
  const value: unknown = jsonc.parse(text, errors, LENIENT);
  const [first] = errors;
  if (first !== undefined) throw new Unreadable(`line ${lineOf(text, first.offset)}: ${jsonc.printParseErrorCode(first.error)}`);
  if (value === undefined) return {};
  if (!isJsonObject(value)) throw new Unreadable('it holds no JSON object');
  return value;
}

/** The file's own line ends and indentation. */
function styleOf(text: string): { eol: string; unit: string } {
  return { eol: text.includes('\r\n') ? '\r\n' : '\n', unit: /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ' };
}

/** The white space that the line of an offset begins with. */
function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? '';
}

function textOf(value: unknown, indent: string, { eol, unit }: ReturnType<typeof styleOf>): string {
  return JSON.stringify(value, null, unit).replaceAll('\n', `${eol}${indent}`);
}

const endOf = ({ offset, length }: jsonc.Node): number => offset + length;

/** What stands behind the last property of an object: whether a comma, and where its line ends; a comment in that line belongs to it. */
function behind(text: string, from: number, to: number): { hasComma: boolean; lineEnd: number | null } {
  const scanner = jsonc.createScanner(text, false);
  scanner.setPosition(from);
  let hasComma = false;
  for (scanner.scan(); scanner.getTokenOffset() < to && scanner.getTokenLength() > 0; scanner.scan()) {
    const token = text.slice(scanner.getTokenOffset(), scanner.getTokenOffset() + scanner.getTokenLength());
    if (token === ',') hasComma = true;
    if (/^\r?\n/.test(token)) return { hasComma, lineEnd: scanner.getTokenOffset() };
  }
  return { hasComma, lineEnd: null };
}

/** Puts a property at the end of an object. */
function addProperty(text: string, object: jsonc.Node, name: string, value: unknown): string {
  const style = styleOf(text);
  const close = endOf(object) - 1;
  const outer = indentAt(text, object.offset);
  const last = object.children?.at(-1);
  if (last === undefined) {
    const inner = `${outer}${style.unit}`;
    const open = object.offset + 1;
    const breaks = /^[ \t]*\r?\n/.test(text.slice(open, close)) ? '' : `${style.eol}${outer}`;
    return `${text.slice(0, open)}${style.eol}${inner}${JSON.stringify(name)}: ${textOf(value, inner, style)}${breaks}${text.slice(open)}`;
  }
  const { hasComma, lineEnd } = behind(text, endOf(last), close);
  const comma = hasComma ? '' : ',';
  if (lineEnd === null) {
    const property = ` ${JSON.stringify(name)}: ${JSON.stringify(value)}`;
    const rest = text.slice(endOf(last), close);
    return `${text.slice(0, endOf(last))}${comma}${rest.trimEnd()}${property}${rest.slice(rest.trimEnd().length)}${text.slice(close)}`;
  }
  const inner = indentAt(text, last.offset);
  const property = `${style.eol}${inner}${JSON.stringify(name)}: ${textOf(value, inner, style)}`;
  return `${text.slice(0, endOf(last))}${comma}${text.slice(endOf(last), lineEnd)}${property}${text.slice(lineEnd)}`;
}

/** JSON has no place for our marks: each entry of ours starts our program or reads our variable. */
function isOurs(entry: unknown): entry is object {
  return isJsonObject(entry) && /gimo\.mjs|GIMO_TOKEN/.test(JSON.stringify(entry));
}

function ownEntry(text: string, key: string): object | null {
  const servers = readJson(text)[key];
  const entry = isJsonObject(servers) && Object.hasOwn(servers, NAME) ? servers[NAME] : undefined;
  return isOurs(entry) ? entry : null;
}

function add(text: string, key: string, entry: object): string {
  const servers = readJson(text)[key];
  if (servers !== undefined && !isJsonObject(servers)) throw new Unreadable(`\`${key}\` is no object`);
  const root = jsonc.parseTree(text, [], LENIENT);
  if (root === undefined) return `${text}${JSON.stringify({ [key]: { [NAME]: entry } }, null, 2)}\n`;
  const container = jsonc.findNodeAtLocation(root, [key]);
  if (container === undefined) return addProperty(text, root, key, { [NAME]: entry });
  const own = jsonc.findNodeAtLocation(container, [NAME]);
  if (own === undefined) return addProperty(text, container, NAME, entry);
  if (!isOurs(jsonc.getNodeValue(own))) throw new Unreadable(`\`${key}.${NAME}\` is there already, written by hand`);
  if (JSON.stringify(jsonc.getNodeValue(own)) === JSON.stringify(entry)) return text;
  return `${text.slice(0, own.offset)}${textOf(entry, indentAt(text, own.offset), styleOf(text))}${text.slice(endOf(own))}`;
}

export const jsonEditor: Editor = {
  read: ownEntry,
  add,
  remove: (text, key) => {
    if (ownEntry(text, key) === null) return text;
    const { eol, unit } = styleOf(text);
    const formattingOptions = { eol, insertSpaces: !unit.startsWith('\t'), tabSize: unit.startsWith('\t') ? 1 : unit.length };
    return jsonc.applyEdits(text, jsonc.modify(text, [key, NAME], undefined, { formattingOptions }));
  },
};
