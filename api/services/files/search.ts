/**
 * Search: ripgrep or git name the files that may hold the text, but what is answered is read here, from descriptors that were checked,
 * and without secrets. So no link and no race can make a line of another file appear, and a secret cannot be found by guessing it.
 */
import { RE2JS } from 're2js';
import { setImmediate as turn } from 'node:timers/promises';
import { errorCode, errorMessage, GimoError } from '#contract/errors.ts';
import type { SearchResult } from '#contract/routes/repo.ts';
import type { Core } from '../../deps.ts';
import { fault } from '../../plugins/problem.ts';
import { candidates } from './candidates.ts';
import { readFileText } from './file-text.ts';
import { ignoredOf, isHidden, oneOfFew, viewRepo, visibleParts, type RepoView } from './repo-view.ts';

const TIME_MS = 8000;
const MAX_FILE_BYTES = 2 * 1024 * 1024;
const MAX_BYTES = 256 * 1024 * 1024;
/** Longer lines are not written by people; an expression on one would take everybody's time. */
const MAX_LINE_CHARS = 20_000;
const SHOWN_CHARS = 400;
const SHOWN_BEFORE = 100;
const LINES_AT_ONCE = 500;

export type SearchQuery = { q: string; path: string; regex?: boolean | undefined; ignore_case?: boolean | undefined; limit: number };

/** Where in a line the text stands, -1 when it does not. */
type Find = (line: string) => number;

/** Throws: BAD_REQUEST for an expression that is none; NOT_FOUND, PATH_REFUSED, RATE_LIMITED, STOPPED. Waits: ≤ 8 s and one file. */
export async function search(core: Core, query: SearchQuery, signal: AbortSignal): Promise<SearchResult> {
  const find = finderOf(query);
  const view = await viewRepo(core, signal);
  await visibleParts(view, query.path);
  return oneOfFew(() => searchFiles(view, query, find));
}

function finderOf({ q, regex = false, ignore_case: isCaseFree = false }: SearchQuery): Find {
  // oxlint-disable-next-line no-control-regex -- exactly these are what no line holds
  if (/[\u0000-\u0008\u000a-\u001f]/.test(q) || !q.isWellFormed()) throw wrongQuery('holds control characters or no valid text');
  if (regex) return expressionFinder(q, isCaseFree);
  if (!isCaseFree) return (line) => line.indexOf(q);
  const wanted = q.toLowerCase();
  return (line) => line.toLowerCase().indexOf(wanted);
}

function expressionFinder(q: string, isCaseFree: boolean): Find {
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(q, isCaseFree ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    throw wrongQuery(`is no regular expression (RE2): ${errorMessage(error)}`);
  }
  return (line) => {
    const matcher = expression.matcher(line);
    return matcher.find() ? matcher.start() : -1;
  };
}

function wrongQuery(what: string): GimoError {
  return new GimoError('BAD_REQUEST', { message: `The search text ${what}.`, faults: [fault('query.q', what)] });
}

type State = { result: SearchResult; bytes: number; endsAt: number };

async function searchFiles(view: RepoView, query: SearchQuery, find: Find): Promise<SearchResult> {
  const state: State = { result: { matches: [], files_searched: 0, cut: null }, bytes: 0, endsAt: performance.now() + TIME_MS };
  const named = (await candidates(view, query, TIME_MS)).filter((file) => !isHidden(view, file.split('/')));
  const ignored = await ignoredOf(view, named);
  for (const file of named.filter((name) => !ignored.has(name))) {
    if (view.signal.aborted) throw new GimoError('STOPPED');
    await searchFile(view, file, find, query.limit, state);
    if (state.result.cut !== null) break;
  }
  return state.result;
}

async function searchFile(view: RepoView, file: string, find: Find, limit: number, state: State): Promise<void> {
  const { result } = state;
  const content = await readFileText(view.root, file.split('/'), MAX_FILE_BYTES).catch(orGone);
  if (content === null || content.text === null) return;
  result.files_searched += 1;
  state.bytes += content.sizeBytes;
  for (const [index, line] of content.text.split('\n').entries()) {
    if (index % LINES_AT_ONCE === LINES_AT_ONCE - 1) await turn();
    if (performance.now() > state.endsAt) result.cut = 'time';
    const at = line.length > MAX_LINE_CHARS ? -1 : find(line);
    if (at >= 0 && result.matches.length === limit) result.cut = 'matches';
    if (result.cut !== null) return;
    if (at >= 0) result.matches.push({ path: file, line: index + 1, column: at + 1, text: around(line, at) });
  }
  if (state.bytes > MAX_BYTES) result.cut = 'bytes';
}

/** A file that vanished, or became something that is not shown, while the others were searched. */
function orGone(error: unknown): null {
  const code = errorCode(error);
  if (code === 'NOT_FOUND' || code === 'PATH_REFUSED') return null;
  throw error;
}

function around(line: string, at: number): string {
  const from = Math.max(0, Math.min(at - SHOWN_BEFORE, line.length - SHOWN_CHARS));
  return line.slice(from, from + SHOWN_CHARS).replace(/\r$/, '');
}
