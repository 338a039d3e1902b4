/**
 * Adding and removing one server in the text of a settings file. Everything else stays as it is, byte by byte: comments, order,
 * indentation, line ends, a byte order mark. A file that cannot be read as what it is is refused, never repaired.
 */
import { parse as parseToml, stringify as stringifyToml } from 'smol-toml';
import { isJsonObject } from '#contract/json.ts';
import { jsonEditor } from './edit-json.ts';
import { BEGIN, blockIn, END, NAME, Unreadable, withoutBlock, type Editor } from './edit-text.ts';
import { yamlEditor } from './edit-yaml.ts';

const BOM = '\uFEFF';

/** The entry in the table of servers. */
function entryIn(servers: unknown): object | null {
  const entry = isJsonObject(servers) && Object.hasOwn(servers, NAME) ? servers[NAME] : undefined;
  return isJsonObject(entry) ? entry : null;
}

function readToml(text: string): Record<string, unknown> {
  try {
    return parseToml(text);
  } catch (error) {
    throw new Unreadable(error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'it is not TOML');
  }
}

const tomlEditor: Editor = {
  read: (text, key) => (blockIn(text) === null ? null : entryIn(readToml(text)[key])),
  add: (text, key, entry) => {
    readToml(text);
    const rest = withoutBlock(text, true);
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
    return withoutBlock(text, true);
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

export const EDITORS = {
  json: behindMark(jsonEditor),
  toml: behindMark(tomlEditor),
  yaml: behindMark(yamlEditor('map')),
  'yaml-list': behindMark(yamlEditor('list')),
} as const;
