/** Files, searches and diffs in a terminal: as the programs that people know show them. */
import { plural } from '#contract/plural.ts';
import type { RouteId } from '#contract/routes/index.ts';
import type { DiffView, FileView, SearchResult, TreeEntry } from '#contract/routes/repo.ts';
import { printable, type Paint } from './terminal.ts';

type View = (data: never, paint: Paint) => string[];

const MARKS: Record<TreeEntry['type'], string> = { folder: '/', file: '', link: '@', other: '?' };

function treeLines(entries: TreeEntry[], paint: Paint): string[] {
  if (entries.length === 0) return ['nothing to show'];
  return entries.map(({ name, type, size_bytes: size }) => {
    const shown = `${printable(name)}${MARKS[type]}`;
    return size === null ? shown : `${shown} ${paint.dim(`${size} bytes`)}`;
  });
}

function fileLines(file: FileView, paint: Paint): string[] {
  if (file.text === null) return [`binary, ${file.size_bytes} bytes, sha256 ${file.sha256}`];
  const notes = [
    ...(file.redactions > 0 ? [`${file.redactions} secrets are masked`] : []),
    ...(file.next_line === null ? [] : [`there is more: --from-line ${file.next_line}`]),
  ];
  return [printable(file.text).replace(/\n$/, ''), ...notes.map((note) => paint.dim(note))];
}

function searchLines({ matches, files_searched: files, cut }: SearchResult, paint: Paint): string[] {
  const found = matches.map(({ path, line, column, text }) => `${printable(path)}${paint.dim(`:${line}:${column}:`)} ${printable(text)}`);
  const end = cut === null ? [] : [paint.dim(`ended early by the limit of ${cut}`)];
  return [...(found.length === 0 ? [`nothing found in ${plural(files, 'file')}`] : found), ...end];
}

function diffLines({ text, truncated, redactions }: DiffView, paint: Paint): string[] {
  if (text === '') return ['no difference'];
  const lines = printable(text)
    .trimEnd()
    .split('\n')
    .map((line) => (line.startsWith('+') ? paint.green(line) : line.startsWith('-') ? paint.red(line) : line));
  const notes = [...(redactions > 0 ? [`${redactions} secrets are masked`] : []), ...(truncated ? ['cut: name a --path'] : [])];
  return [...lines, ...notes.map((note) => paint.dim(note))];
}

/** Answers come checked against the schema of their route. */
export const REPO_VIEWS: Partial<Record<RouteId, View>> = { tree: treeLines, file: fileLines, search: searchLines, diff: diffLines };
