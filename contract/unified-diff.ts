/**
 * A unified diff, read as `git apply` reads it: which files it changes follows from its headers and from the counts of its hunks, not from how a
 * line looks. A form that git and a reader could take for two things is refused. Pure.
 */
import { bareName, commonName, isHeaderOf, refuseDiff, sideName } from './diff-names.ts';
import { errorCode } from './errors.ts';
import { hasReference, parseTemplate } from './template.ts';

/** `old` null: it makes the file; `new` null: it deletes it. A copy leaves `old` as it is. */
export type DiffFile = { old: string | null; new: string | null; isCopy: boolean; isMadeExecutable: boolean };

const PLAIN = '100644';
const EXECUTABLE = '100755';
const HUNK = /^@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@(?: .*)?$/s;
const INDEX = /^\w{1,64}\.\.\w{1,64}(?: (\d{6}))?$/;
/** What `diff -r`, `git format-patch` and the like write between files. */
const BETWEEN = /^(?:|-- ?|\d+(?:\.\d+)+[\w.() -]*|diff -(?!-git ).*|Only in .*|Index: .*|=+)$/;
const FIELDS = [
  'old mode ',
  'new mode ',
  'deleted file mode ',
  'new file mode ',
  'copy from ',
  'copy to ',
  'rename from ',
  'rename to ',
  'similarity index ',
  'dissimilarity index ',
  'index ',
  '--- ',
  '+++ ',
] as const;
type Field = (typeof FIELDS)[number];
type Found = Map<Field, { text: string; line: number }>;

/** Nothing but references: what it changes is not known before the run. */
export function isUnknownDiff(diff: string): boolean {
  if (!hasReference(diff)) return false;
  try {
    return parseTemplate(diff).every((part) => 'expression' in part || part.text.trim() === '');
  } catch {
    return false;
  }
}

/** Throws: DIFF_REFUSED. */
export function readDiff(diff: string): DiffFile[] {
  return new DiffReader(diff).files();
}

/** Null where it is refused, or not known yet. */
export function knownDiff(diff: string): DiffFile[] | null {
  try {
    return readDiff(diff);
  } catch (error) {
    if (errorCode(error) === 'DIFF_REFUSED') return null;
    throw error;
  }
}

/** Paths that a diff writes, makes or deletes. */
export function pathsOfDiff(files: readonly DiffFile[]): string[] {
  const paths = files.flatMap((file) => [file.isCopy ? null : file.old, file.new]);
  return [...new Set(paths.filter((path) => path !== null))];
}

export function linesOfDiff(diff: string): number {
  return (diff.endsWith('\n') ? diff : `${diff}\n`).split('\n').length - 1;
}

class DiffReader {
  readonly #lines: string[];
  #at = 0;

  constructor(diff: string) {
    this.#lines = diff.split('\n');
    if (this.#lines.at(-1) === '') this.#lines.pop();
  }

  files(): DiffFile[] {
    this.#skipBeginning();
    const files: DiffFile[] = [];
    while (this.#at < this.#lines.length) {
      files.push(this.#line.startsWith('diff --git ') ? this.#gitFile() : this.#plainFile());
      this.#skipBetween();
    }
    if (files.length === 0) this.#refuse('it changes no file');
    return files;
  }

  get #line(): string {
    return this.#lines[this.#at] ?? '';
  }

  get #isHeader(): boolean {
    return this.#line.startsWith('diff --git ') || this.#line.startsWith('--- ');
  }

  #refuse(why: string, remedy?: string): never {
    return refuseDiff(this.#at + 1, why, remedy);
  }

  /** A letter may come before the first file. */
  #skipBeginning(): void {
    for (; this.#at < this.#lines.length && !this.#isHeader; this.#at++) {
      if (this.#line.startsWith('@@ ') || this.#line.startsWith('+++ ')) this.#refuse('a change stands before the name of its file');
      if (hasReference(this.#line)) this.#refuse('a reference stands where the names of files do');
    }
  }

  #skipBetween(): void {
    for (; this.#at < this.#lines.length && !this.#isHeader; this.#at++)
      if (!BETWEEN.test(this.#line))
        this.#refuse(
          'it belongs to no file: the hunk before it has all the lines that its `@@` counts',
          'Correct the counts in the `@@` lines, or give whole files in `files`. Text from a reference stays within one line.',
        );
  }

  #gitFile(): DiffFile {
    const header = { text: this.#line.slice('diff --git '.length), line: ++this.#at };
    const found = this.#fields();
    const file = namesOf(header, found);
    const modes = modesOf(found);
    const hasSides = found.has('--- ');
    if (this.#line.startsWith('@@ ') !== hasSides) this.#refuse('names and changes of the file do not stand together');
    if (/^(?:GIT binary patch|Binary files )/.test(this.#line))
      this.#refuse('it changes a binary file', 'Let a `process` write that file.');
    if (hasSides) this.#hunks(file);
    else if (!isChangeWithoutText(found)) this.#refuse('it names a file and changes nothing of it');
    return { ...file, isMadeExecutable: modes.now === EXECUTABLE && modes.old !== EXECUTABLE };
  }

  #fields(): Found {
    const found: Found = new Map();
    for (; this.#at < this.#lines.length; this.#at++) {
      const field = FIELDS.find((name) => this.#line.startsWith(name));
      // What git makes of /dev/null hangs on what it has read before.
      if ((field === '+++ ') !== (found.has('--- ') && !found.has('+++ ')))
        this.#refuse('`---` and `+++` do not follow each other, at the end');
      // Behind its names the next file may begin.
      if (field === undefined || found.has('+++ ')) break;
      if (found.has(field)) this.#refuse(`\`${field.trim()}\` is there twice`);
      found.set(field, { text: this.#line.slice(field.length), line: this.#at + 1 });
    }
    return found;
  }

  /** As `diff -u` writes it. */
  #plainFile(): DiffFile {
    const from = sideName(this.#line.slice(4), 'a/', this.#at + 1);
    this.#at++;
    if (!this.#line.startsWith('+++ ')) this.#refuse('`+++` does not follow');
    const to = sideName(this.#line.slice(4), 'b/', this.#at + 1);
    if (from.path !== null && to.path !== null && from.path !== to.path) this.#refuse(`one name is ${from.path}, the other ${to.path}`);
    if (from.path === null && to.path === null) this.#refuse('both sides are /dev/null');
    if (from.isEpoch && to.isEpoch) this.#refuse('both sides have the time of a file that is not there');
    this.#at++;
    const file = { old: from.isEpoch ? null : from.path, new: to.isEpoch ? null : to.path, isCopy: false, isMadeExecutable: false };
    if (file.old === null && file.new === null) this.#refuse('both sides are not there');
    this.#hunks(file);
    return file;
  }

  #hunks(file: Pick<DiffFile, 'old' | 'new'>): void {
    do this.#hunk(file);
    while (this.#line.startsWith('@@ '));
  }

  #hunk(file: Pick<DiffFile, 'old' | 'new'>): void {
    const counts = HUNK.exec(this.#line);
    if (counts === null) return this.#refuse('it is no `@@ -1,2 +1,2 @@`');
    let old = Number(counts[1] ?? 1);
    let now = Number(counts[2] ?? 1);
    if ((file.old === null && old > 0) || (file.new === null && now > 0))
      this.#refuse('a file that is not there on one side has lines there');
    let changed = 0;
    for (this.#at++; old > 0 || now > 0; this.#at++) {
      const line = this.#at < this.#lines.length ? this.#line : this.#refuse('the hunk has fewer lines than its `@@` counts');
      const sign = line === '' ? ' ' : line[0];
      if (sign === ' ' || sign === '-') old--;
      if (sign === ' ' || sign === '+') now--;
      if (sign === '+' || sign === '-') changed++;
      if (!/^[ +\\-]$/.test(sign ?? '') || (sign === '\\' && !isNoNewline(line)) || old < 0 || now < 0)
        this.#refuse('the hunk does not have the lines that its `@@` counts');
    }
    if (changed === 0) this.#refuse('the hunk before it changes nothing');
    if (isNoNewline(this.#line)) this.#at++;
  }
}

const isNoNewline = (line: string): boolean => line.startsWith('\\ ') && line.length > 11;

type Names = Pick<DiffFile, 'old' | 'new' | 'isCopy'>;

function namesOf(header: { text: string; line: number }, found: Found): Names {
  const { text, line } = header;
  const kinds = (['new file mode ', 'deleted file mode ', 'rename to ', 'copy to '] as const).filter((field) => found.has(field));
  if (kinds.length > 1) refuseDiff(line, 'the file is made, deleted, renamed or copied at once');
  const moved = movedNames(found, line);
  const from = moved?.from ?? commonName(text, line);
  const to = moved?.to ?? from;
  if (from === null || to === null || !isHeaderOf(text, from, to, line)) return refuseDiff(line, 'its two names are not those of one file');
  const names = { old: kinds[0] === 'new file mode ' ? null : from, new: kinds[0] === 'deleted file mode ' ? null : to };
  checkSide(found, '--- ', names.old);
  checkSide(found, '+++ ', names.new);
  return { ...names, isCopy: kinds[0] === 'copy to ' };
}

function movedNames(found: Found, line: number): { from: string; to: string } | null {
  const how = (['rename', 'copy'] as const).find((verb) => found.has(`${verb} from `) || found.has(`${verb} to `));
  if (how === undefined) return null;
  const [from, to] = [found.get(`${how} from `), found.get(`${how} to `)];
  if (from === undefined || to === undefined) return refuseDiff(line, `\`${how} from\` and \`${how} to\` do not stand together`);
  return { from: bareName(from.text, from.line), to: bareName(to.text, to.line) };
}

function checkSide(found: Found, field: '--- ' | '+++ ', expected: string | null): void {
  const side = found.get(field);
  if (side === undefined) return;
  const { path } = sideName(side.text, field === '--- ' ? 'a/' : 'b/', side.line);
  if (path === expected) return;
  if (path === null) refuseDiff(side.line, '`new file mode 100644` or `deleted file mode 100644` has to stand above /dev/null');
  refuseDiff(side.line, `it names ${path}, the lines before it ${expected ?? '/dev/null'}`);
}

function modesOf(found: Found): { old: string | null; now: string | null } {
  const mode = (field: Field): string | null => {
    const given = found.get(field);
    if (given === undefined) return null;
    const text = field === 'index ' ? (INDEX.exec(given.text) ?? refuseDiff(given.line, 'it is no `index` line'))[1] : given.text;
    if (text === undefined) return null;
    if (text !== PLAIN && text !== EXECUTABLE)
      refuseDiff(
        given.line,
        `\`${text}\` is not the mode of a file`,
        'A patch makes and changes plain files; no links, no nested repositories.',
      );
    return text;
  };
  const kept = mode('index ');
  const [old, now] = [mode('old mode ') ?? mode('deleted file mode ') ?? kept, mode('new mode ') ?? mode('new file mode ')];
  return { old, now };
}

const isChangeWithoutText = (found: Found): boolean =>
  (['new file mode ', 'deleted file mode ', 'rename to ', 'copy to ', 'new mode '] as const).some((field) => found.has(field));
