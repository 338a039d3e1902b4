import { GimoError } from '#contract/errors.ts';
import type { FileView } from '#contract/routes/repo.ts';
import { fault } from '../../plugins/problem.ts';
import type { Core } from '../../deps.ts';
import { readFileText } from './file-text.ts';
import { viewRepo, visibleParts } from './repo-view.ts';

const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** What one answer holds; `next_line` says where to go on. */
const MAX_LINES = 5000;
const MAX_CHARS = 1024 * 1024;

type FileQuery = { path: string; from_line: number; to_line?: number | undefined };

/** Throws: BAD_REQUEST, NOT_FOUND, PATH_REFUSED, FILE_TOO_LARGE. */
export async function readFile(core: Core, query: FileQuery, signal: AbortSignal): Promise<FileView> {
  if (query.to_line !== undefined && query.to_line < query.from_line)
    throw new GimoError('BAD_REQUEST', { faults: [fault('query.to_line', 'lies before from_line')] });
  const view = await viewRepo(core, signal);
  const parts = await visibleParts(view, query.path);
  const file = await readFileText(view.root, parts, MAX_FILE_BYTES);
  if (file === null) throw new GimoError('FILE_TOO_LARGE', { message: `${JSON.stringify(query.path)} is larger than 16 MiB.` });
  const { sha256, sizeBytes, text, redactions } = file;
  const about = { path: query.path, sha256, size_bytes: sizeBytes };
  if (text === null) return { ...about, is_binary: true, text: null, redactions: 0, from_line: 0, to_line: 0, lines: 0, next_line: null };
  return { ...about, is_binary: false, redactions, ...cutLines(text, query) };
}

type Lines = Pick<FileView, 'text' | 'from_line' | 'to_line' | 'lines' | 'next_line'>;

/** Lines keep their ends, so that what is asked for piece by piece is the file when it is joined. */
function cutLines(text: string, { from_line: from, to_line: to = Number.MAX_SAFE_INTEGER }: FileQuery): Lines {
  const lines = text.split(/(?<=\n)/);
  if (text === '') lines.pop();
  const last = Math.min(to, lines.length);
  let at = from;
  let chars = 0;
  while (at <= last && at - from < MAX_LINES && chars + (lines[at - 1]?.length ?? 0) <= MAX_CHARS) {
    chars += lines[at - 1]?.length ?? 0;
    at += 1;
  }
  // A line that is longer than an answer may be is cut, so that the ones behind it can be reached.
  const isLong = at === from && at <= last;
  const shown = isLong ? (lines[from - 1] ?? '').slice(0, MAX_CHARS) : lines.slice(from - 1, at - 1).join('');
  const end = isLong ? from : at - 1;
  return { text: shown, from_line: from, to_line: end, lines: lines.length, next_line: end < last ? end + 1 : null };
}
