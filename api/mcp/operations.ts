/** The rows of the route table as operations: found by words, described by their schemas, and sorted by who may call them through a model. */
import { commandName } from '#contract/routes/command.ts';
import { ROUTE_IDS, ROUTES, type RouteId } from '#contract/routes/index.ts';
import type { Route } from '#contract/routes/route.ts';
import { z } from '#contract/zod.ts';

/**
 * `read` and `write` can be called. `person`: what class `agent` may not do is left to a person, whatever the credential is,
 * because whoever calls through MCP is a model. `stream`: an endless answer, which no tool can give.
 */
export type Access = 'read' | 'write' | 'person' | 'stream';

export function rowOf(id: RouteId): Route {
  return ROUTES[id];
}

export function accessOf(id: RouteId): Access {
  const row = rowOf(id);
  if (row.isStream === true) return 'stream';
  if (row.role === 'session') return 'person';
  if (row.method === 'GET') return 'read';
  return row.classes.includes('agent') ? 'write' : 'person';
}

/** Where a person does what is left to them. */
export function doorOf(id: RouteId, url: string): string {
  const { method, path, role } = rowOf(id);
  if (role === 'session') return `It belongs to a browser that is signed in at ${url}.`;
  const { group, verb } = commandName(id);
  const command = ['gimo', ...(group === null ? [] : [group]), verb].join(' ');
  return `A person${role === 'public' ? '' : ` with the role ${role}`} does it with \`${command}\` or ${method} ${path}; the dashboard is at ${url}.`;
}

/** Also as it is called on the command line, with a dot, or in capitals. */
export function findOperation(name: string): RouteId | null {
  const wanted = name
    .trim()
    .toLowerCase()
    .replace(/^gimo\s+/, '')
    .replaceAll(/[\s.\-/]+/g, '_');
  return ROUTE_IDS.find((id) => id === wanted) ?? null;
}

export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
    override: nameFormat,
  });
  return JSON.parse(JSON.stringify(rest)) as Record<string, unknown>;
}

/** The name of a format says it; its pattern is longer than all else. */
function nameFormat({ jsonSchema: node }: { jsonSchema: { format?: unknown; pattern?: unknown } }): void {
  if (node.format !== undefined) delete node.pattern;
}

type Document = { id: RouteId; words: Map<string, number>; size: number };

/** Words of a name weigh more than words of the fields. */
const NAME_WEIGHT = 4;
/** The usual constants of BM25. */
const SATURATION = 1.2;
const LENGTH_WEIGHT = 0.75;

const stem = (word: string): string => (word.length > 3 ? word.replace(/(?:es|s|ing|ed)$/, '') : word);

function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).map(stem);
}

function documentOf(id: RouteId): Document {
  const row = rowOf(id);
  const fields = [row.params, row.query, row.body].flatMap((schema) =>
    schema === undefined ? [] : JSON.stringify(jsonSchema(schema, 'input')),
  );
  const words = new Map<string, number>();
  const add = (text: string, weight: number): void => {
    for (const word of wordsOf(text)) words.set(word, (words.get(word) ?? 0) + weight);
  };
  add(`${id} ${row.summary}`, NAME_WEIGHT);
  add(`${row.method} ${row.path}`, 1);
  add(fields.join(' '), 1 / NAME_WEIGHT);
  return { id, words, size: [...words.values()].reduce((sum, count) => sum + count, 0) };
}

const documents = ROUTE_IDS.map(documentOf);
const meanSize = documents.reduce((sum, { size }) => sum + size, 0) / documents.length;

function scoreOf({ words, size }: Document, query: string[]): number {
  return query.reduce((sum, word) => {
    const count = words.get(word) ?? 0;
    if (count === 0) return sum;
    const holders = documents.filter((document) => document.words.has(word)).length;
    const rarity = Math.log(1 + (documents.length - holders + 0.5) / (holders + 0.5));
    const length = 1 - LENGTH_WEIGHT + (LENGTH_WEIGHT * size) / meanSize;
    return sum + (rarity * count * (SATURATION + 1)) / (count + SATURATION * length);
  }, 0);
}

/** Best first; operations of the same score in the order of the table. Without words: the table. */
export function searchOperations(text: string, limit: number): RouteId[] {
  const query = [...new Set(wordsOf(text))];
  if (query.length === 0) return ROUTE_IDS.slice(0, limit);
  const scored = documents.map((document) => ({ id: document.id, score: scoreOf(document, query) }));
  const found = scored.filter(({ score }) => score > 0).toSorted((a, b) => b.score - a.score);
  return found.slice(0, limit).map(({ id }) => id);
}
