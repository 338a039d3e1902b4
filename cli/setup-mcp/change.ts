/** One change of one settings file: worked out first, shown, then written as a whole with a copy of what was there. */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { writeFileAtomic } from '#platform/files.ts';
import { CliFailure, EXIT } from '../failure.ts';
import { entryOf, type Client, type Server } from './client.ts';
import { EDITORS } from './edit.ts';
import { Unreadable } from './edit-text.ts';

const BACKUP = '.gimo-backup-';
const NEW_FILE_MODE = 0o600;

/** `after` null: the file was made by us and goes away. `spent`: copies of ours that say nothing more once it is written. */
export type Change = {
  file: string;
  before: string | null;
  after: string | null;
  action: 'add' | 'update' | 'remove' | 'none';
  spent: string[];
};

/** The file that is meant: links are followed, so that the link stays one. Throws: CliFailure for a link to nowhere. */
function realFile(file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    if (!existsLink(file)) return file;
    throw new CliFailure(EXIT.failed, `${file} is a link to a file that does not exist: correct the link and try again.`, { cause: error });
  }
}

function existsLink(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function readText(file: string): string | null {
  if (!existsSync(file)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (error) {
    throw new CliFailure(EXIT.failed, `${file} cannot be read as UTF-8 text; nothing was changed.`, { cause: error });
  }
}

function orRefuse<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new CliFailure(EXIT.failed, `${file} is left as it is: ${error.message}. Correct it, or use --print.`, { cause: error });
  }
}

export function planAdd(client: Client, file: string, server: Server): Change {
  const real = realFile(file);
  const before = readText(real);
  const entry = entryOf(client, server);
  if (entry === null)
    throw new CliFailure(
      EXIT.usage,
      `${client.title} cannot take a token from its environment, so only --transport stdio is written for it.`,
    );
  const { add, read } = EDITORS[client.format];
  const after = orRefuse(file, () => add(before ?? '', client.key, entry));
  const had = before !== null && read(before, client.key) !== null;
  return { file: real, before, after, action: after === before ? 'none' : had ? 'update' : 'add', spent: [] };
}

/** Puts back the bytes that were there before, when nothing else was changed since; else takes out what is ours. */
export function planRemove(client: Client, file: string): Change {
  const real = realFile(file);
  const before = readText(real);
  const none: Change = { file: real, before, after: before, action: 'none', spent: [] };
  if (before === null) return none;
  const { add, read, remove } = EDITORS[client.format];
  const entry = orRefuse(file, () => read(before, client.key));
  if (entry === null) return none;
  /** Whether adding our entry to a text without it gives what is there now. */
  const isSource = (text: string): boolean => read(text, client.key) === null && add(text, client.key, entry) === before;
  const copies = backupsOf(real).map((name) => ({ name, text: readText(name) ?? '' }));
  const source = copies.find(({ text }) => isSource(text))?.text ?? (isSource('') ? '' : null);
  if (source === null) return { ...none, after: remove(before, client.key), action: 'remove' };
  /** What was there first, or that with an earlier entry of ours. */
  const isSpent = (text: string): boolean => {
    const earlier = read(text, client.key);
    return text === source || (earlier !== null && add(source, client.key, earlier) === text);
  };
  const spent = copies.filter(({ text }) => isSpent(text)).map(({ name }) => name);
  const wasThere = copies.some(({ text }) => text === source);
  return { ...none, after: wasThere ? source : null, action: 'remove', spent };
}

/** Newest first. */
function backupsOf(file: string): string[] {
  const folder = path.dirname(file);
  const prefix = `${path.basename(file)}${BACKUP}`;
  const names = readdirSync(folder).filter((name) => name.startsWith(prefix));
  return names
    .toSorted()
    .toReversed()
    .map((name) => path.join(folder, name));
}

/** Writes the change. Out: the copy of what was there, null when there was nothing. */
export function applyChange({ file, before, after, action, spent }: Change): string | null {
  if (action === 'none') return null;
  const mode = before === null ? NEW_FILE_MODE : statSync(file).mode & 0o777;
  for (const copy of spent) rmSync(copy);
  if (after === null) {
    rmSync(file);
    return null;
  }
  mkdirSync(path.dirname(file), { recursive: true });
  const copy = before === null || action === 'remove' ? null : `${file}${BACKUP}${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  if (copy !== null) writeFileAtomic(copy, before ?? '', mode);
  writeFileAtomic(file, after, mode);
  return copy;
}

const CONTEXT_LINES = 2;

/** What changes, line by line, with the lines around it. */
export function diffLines({ before, after }: Pick<Change, 'before' | 'after'>): string[] {
  const old = (before ?? '').split(/\r?\n/);
  const next = (after ?? '').split(/\r?\n/);
  let start = 0;
  while (start < Math.min(old.length, next.length) && old[start] === next[start]) start++;
  let same = 0;
  while (same < Math.min(old.length, next.length) - start && old.at(-1 - same) === next.at(-1 - same)) same++;
  const around = (from: number, to: number): string[] => old.slice(Math.max(0, from), Math.max(0, to)).map((line) => `  ${line}`);
  return [
    ...around(start - CONTEXT_LINES, start),
    ...old.slice(start, old.length - same).map((line) => `- ${line}`),
    ...next.slice(start, next.length - same).map((line) => `+ ${line}`),
    ...around(old.length - same, old.length - same + CONTEXT_LINES),
  ];
}
