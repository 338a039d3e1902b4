/**
 * One server in a YAML file, as a block of lines between two marks. Everything else stays as it is, byte by byte; a file that is
 * written in a way that no line can be put into is refused, never written anew.
 */
import { isMap, isScalar, isSeq, LineCounter, parseDocument, stringify, type Document, type Pair, type Scalar, type YAMLMap } from 'yaml';
import { isJsonObject } from '#contract/json.ts';
import { BEGIN, blockIn, END, NAME, Unreadable, withoutBlock, type Editor } from './edit-text.ts';

type Shape = 'map' | 'list';
/** Where lines go: before this offset, with so many spaces. */
type Place = { at: number; indent: string; header: string | null };

const INDENT = '  ';

/** Throws: Unreadable. */
function parse(text: string): Document {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, version: '1.2' });
  const [error] = document.errors;
  if (error !== undefined) throw new Unreadable(`line ${lines.linePos(error.pos[0]).line}: ${error.message.split('\n')[0] ?? ''}`);
  if (document.contents !== null && !isMap(document.contents)) throw new Unreadable('it holds no YAML mapping');
  return document;
}

function pairOf(document: Document, key: string): Pair<Scalar> | null {
  if (!isMap(document.contents)) return null;
  const { items } = document.contents as YAMLMap<Scalar>;
  return items.find((item) => isScalar(item.key) && item.key.value === key) ?? null;
}

/** The end of the line that an offset is in; a value may end behind its line break. */
function lineEnd(text: string, offset: number): number {
  if (offset > 0 && text[offset - 1] === '\n') return offset;
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end + 1;
}

const columnOf = (text: string, offset: number): number => offset - (text.lastIndexOf('\n', offset - 1) + 1);

/** Throws: Unreadable for what stands on one line, or holds something else. */
function placeIn(text: string, document: Document, key: string): Place {
  const pair = pairOf(document, key);
  if (pair === null) return { at: text.length, indent: INDENT, header: `${key}:` };
  const { value } = pair;
  const keyEnd = pair.key.range?.[1] ?? 0;
  if (isScalar(value) && value.value === null) return { at: lineEnd(text, keyEnd), indent: INDENT, header: null };
  if (!isMap(value) && !isSeq(value)) throw new Unreadable(`\`${key}\` is neither a mapping nor a list`);
  const start = value.range?.[0] ?? 0;
  if (value.flow === true) throw new Unreadable(`\`${key}\` is written in braces`);
  return { at: lineEnd(text, value.range?.[1] ?? text.length), indent: ' '.repeat(columnOf(text, start)), header: null };
}

function entriesIn(document: Document, key: string): unknown {
  const value: unknown = document.toJS();
  return isJsonObject(value) ? value[key] : undefined;
}

/** The entry of that name, also when a person wrote it. */
function found(document: Document, key: string, shape: Shape): object | null {
  const entries = entriesIn(document, key);
  const entry =
    shape === 'map'
      ? isJsonObject(entries) && Object.hasOwn(entries, NAME)
        ? entries[NAME]
        : undefined
      : Array.isArray(entries)
        ? (entries as unknown[]).find((item) => isJsonObject(item) && item['name'] === NAME)
        : undefined;
  return isJsonObject(entry) ? entry : null;
}

function add(text: string, key: string, entry: object, shape: Shape): string {
  parse(text);
  const rest = withoutBlock(text);
  const document = parse(rest);
  if (found(document, key, shape) !== null) throw new Unreadable(`${NAME} is there already, written by hand`);
  const entries = entriesIn(document, key);
  if (entries !== undefined && entries !== null && Array.isArray(entries) !== (shape === 'list'))
    throw new Unreadable(`\`${key}\` is no ${shape === 'map' ? 'mapping' : 'list'}`);
  const eol = rest.includes('\r\n') ? '\r\n' : '\n';
  const { at, indent, header } = placeIn(rest, document, key);
  const lines = stringify(shape === 'map' ? { [NAME]: entry } : [entry], { lineWidth: 0 })
    .trimEnd()
    .split('\n');
  const inner = [BEGIN, ...(header === null ? [] : [header]), ...lines.map((line) => indent + line), END];
  const before = rest.slice(0, at);
  const gap = before === '' || before.endsWith('\n') ? '' : eol;
  const added = `${before}${gap}${inner.join(eol)}${eol}${rest.slice(at)}`;
  const same = JSON.stringify(found(parse(added), key, shape)) === JSON.stringify(entry);
  if (!same) throw new Unreadable('no line can be put into it');
  return added;
}

export function yamlEditor(shape: Shape): Editor {
  return {
    read: (text, key) => (blockIn(text) === null ? null : found(parse(text), key, shape)),
    add: (text, key, entry) => add(text, key, entry, shape),
    remove: (text) => {
      parse(text);
      return withoutBlock(text);
    },
  };
}
