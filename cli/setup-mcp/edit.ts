/**
 * Adding and removing one server in the text of a settings file. Everything else stays as it is, byte by byte: comments, order,
 * indentation, line ends, a byte order mark. A file that cannot be read as what it is is refused, never repaired.
 */
import * as jsonc from 'jsonc-parser';
import { parse as parseToml, stringify as stringifyToml } from 'smol-toml';
import { isJsonObject } from '#contract/json.ts';

const NAME = 'gimo';
const BOM = '\uFEFF';
const LENIENT = { allowTrailingComma: true, disallowComments: false, allowEmptyContent: true } as const;
const BEGIN = '# gimo: begin (gimo setup-mcp)';
const END = '# gimo: end';

/** Why a file is left alone. */
export class Unreadable extends Error {}

export type Editor = {
  /** Out: the entry of the server, null when it is not there. Throws: Unreadable. */
  read: (text: string, key: string) => object | null;
  /** Out: the text with the server in it. Throws: Unreadable. */
  add: (text: string, key: string, entry: object) => string;
  /** Out: the text without it; the same text when it was not there. Throws: Unreadable. */
  remove: (text: string, key: string) => string;
};

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

/** The file's own indentation and line ends. */
function formatOf(text: string): { eol: string; insertSpaces: boolean; tabSize: number } {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ';
  return {
    eol: text.includes('\r\n') ? '\r\n' : '\n',
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
  };
}

function editJson(text: string, path: string[], value: object | undefined): string {
  return jsonc.applyEdits(text, jsonc.modify(text, path, value, { formattingOptions: formatOf(text) }));
}

function entryIn(document: Record<string, unknown>, key: string): object | null {
  const servers = document[key];
  const entry = isJsonObject(servers) && Object.hasOwn(servers, NAME) ? servers[NAME] : undefined;
  return isJsonObject(entry) ? entry : null;
}

const jsonEditor: Editor = {
  read: (text, key) => entryIn(readJson(text), key),
  add: (text, key, entry) => {
    const servers = readJson(text)[key];
    if (servers !== undefined && !isJsonObject(servers)) throw new Unreadable(`\`${key}\` is no object`);
    if (text.trim() !== '') return editJson(text, [key, NAME], entry);
    return `${JSON.stringify({ [key]: { [NAME]: entry } }, null, 2)}\n`;
  },
  remove: (text, key) => {
    const servers = readJson(text)[key];
    return isJsonObject(servers) && Object.hasOwn(servers, NAME) ? editJson(text, [key, NAME], undefined) : text;
  },
};

function readToml(text: string): Record<string, unknown> {
  try {
    return parseToml(text);
  } catch (error) {
    throw new Unreadable(error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'it is not TOML');
  }
}

/** The block between our marks, with the empty line before it. */
function blockIn(text: string): { start: number; end: number } | null {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END, begin);
  if (begin === -1 || end === -1) return null;
  const before = /(?:\r?\n)$/.exec(text.slice(0, begin))?.[0].length ?? 0;
  const after = /^\r?\n/.exec(text.slice(end + END.length))?.[0].length ?? 0;
  return { start: begin - before, end: end + END.length + after };
}

function withoutBlock(text: string): string {
  const block = blockIn(text);
  return block === null ? text : text.slice(0, block.start) + text.slice(block.end);
}

const tomlEditor: Editor = {
  read: (text, key) => (blockIn(text) === null ? null : entryIn(readToml(text), key)),
  add: (text, key, entry) => {
    readToml(text);
    const rest = withoutBlock(text);
    const servers = readToml(rest)[key];
    if (isJsonObject(servers) && Object.hasOwn(servers, NAME)) throw new Unreadable(`[${key}.${NAME}] is there already, written by hand`);
    const eol = text.includes('\r\n') ? '\r\n' : '\n';
    const table = stringifyToml({ [key]: { [NAME]: entry } }).trim();
    const block = [BEGIN, ...table.split('\n'), END, ''].join(eol);
    const gap = rest === '' ? '' : rest.endsWith('\n') ? eol : `${eol}${eol}`;
    const added = `${rest}${gap}${block}`;
    readToml(added);
    return added;
  },
  remove: (text) => {
    readToml(text);
    return withoutBlock(text);
  },
};

/** The same work on the text behind a byte order mark. */
function behindMark(editor: Editor): Editor {
  const on = (text: string, work: (rest: string) => string): string => (text.startsWith(BOM) ? BOM + work(text.slice(1)) : work(text));
  return {
    read: (text, key) => editor.read(text.startsWith(BOM) ? text.slice(1) : text, key),
    add: (text, key, entry) => on(text, (rest) => editor.add(rest, key, entry)),
    remove: (text, key) => on(text, (rest) => editor.remove(rest, key)),
  };
}

export const EDITORS = { json: behindMark(jsonEditor), toml: behindMark(tomlEditor) } as const;
