/** Tables and plain values for people. */
import { stringify } from 'yaml';
import { printable, type Paint } from './terminal.ts';

type Row = Record<string, unknown>;

/** Columns that people look for first; others are left to --json. */
const COLUMNS = [
  'id',
  'seq',
  'at',
  'label',
  'role',
  'class',
  'actor',
  'action',
  'object',
  'outcome',
  'status',
  'priority',
  'kind',
  'node',
  'title',
  'prompt',
  'risk',
  'level',
  'text',
  'attempt_count',
];
const LATE_COLUMNS = [
  'run_id',
  'approved_id',
  'draft_id',
  'branch',
  'created_at',
  'approved_at',
  'opened_at',
  'started_at',
  'finished_at',
  'cost_usd',
  'expires_at',
  'last_used_at',
  'revoked_at',
  'path',
  'fault',
  'hash',
];
/** Columns that may be cut; of any other half would be worth nothing. */
const TEXTS = new Set(['title', 'prompt', 'text', 'node']);
const GAP = '  ';
const LEAST_WIDTH = 8;

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return printable(text.replaceAll(/\s+/g, ' '));
}

function columnsOf(rows: Row[]): string[] {
  const known = [...COLUMNS, ...LATE_COLUMNS].filter((name) => rows.some((row) => cell(row[name]) !== ''));
  return known.filter((name) => name !== 'run_id' || rows.some((row) => row['run_id'] !== row['id']));
}

/** In: rows, the width in characters. Out: header and rows, cut to the width; columns that do not fit are left out. */
export function tableLines(rows: Row[], width: number, paint: Paint): string[] {
  const columns: { name: string; width: number }[] = [];
  let left = width;
  for (const name of columnsOf(rows)) {
    const wanted = Math.max(name.length, ...rows.map((row) => cell(row[name]).length));
    const given = columns.length === 0 ? wanted : Math.min(wanted, left);
    if (given < wanted && (!TEXTS.has(name) || given < LEAST_WIDTH)) continue;
    columns.push({ name, width: given });
    left -= given + GAP.length;
  }
  const line = (cells: string[]): string =>
    cells
      .map((text, at) => fit(text, columns[at]?.width ?? 0))
      .join(GAP)
      .trimEnd();
  return [paint.dim(line(columns.map(({ name }) => name))), ...rows.map((row) => line(columns.map(({ name }) => cell(row[name]))))];
}

export function fit(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text.padEnd(width);
}

/** Any answer for people: a list of objects as a table, everything else as YAML. */
export function answerLines(data: unknown, width: number, paint: Paint): string[] {
  if (Array.isArray(data)) {
    if (data.length === 0) return ['none'];
    if (data.every((item) => typeof item === 'object' && item !== null && columnsOf([item as Row]).length > 0))
      return tableLines(data as Row[], width, paint);
  }
  if (typeof data === 'string') return [printable(data).trimEnd()];
  return [printable(stringify(data, { lineWidth: width })).trimEnd()];
}
