/** What a patch may make of a diff: nothing but what its draft says, whatever its references become. Pure. */
import { errorCode, GimoError } from '../errors.ts';
import { escapePattern, pathCovers } from '../pattern.ts';
import { asPattern, hasReference } from '../template.ts';
import { isUnknownDiff, knownDiff, linesOfDiff, pathsOfDiff, readDiff } from '../unified-diff.ts';
import type { Drafted, ToPattern } from './kind.ts';

/** Patterns of what a diff writes. One that cannot be read, and is refused elsewhere, may write anything. */
export function writtenByDiff(diff: string, toPattern: ToPattern): string[] {
  // Alone, the reference may become a diff of any file; as text it is the name of none.
  if (isUnknownDiff(diff)) return [toPattern('${{ diff }}')];
  const files = knownDiff(diff);
  return files === null ? ['**'] : pathsOfDiff(files).map(toPattern);
}

/** What its draft says; null where nothing is filled in, or all of it. */
export function draftedDiff(diff: string): Drafted | null {
  if (!hasReference(diff) || isUnknownDiff(diff)) return null;
  return { write: writtenByDiff(diff, asPattern), lines: linesOfDiff(diff) };
}

/** In: with `done`, the text that will be applied. Out: why it is refused. */
export function diffRefusal(diff: string, done?: { drafted: Drafted | undefined }): GimoError | null {
  try {
    if (done === undefined) {
      if (!isUnknownDiff(diff)) readDiff(diff);
      return null;
    }
    const paths = pathsOfDiff(readDiff(diff));
    const open = paths.find(hasReference);
    if (open !== undefined) return refused(`The diff changes ${JSON.stringify(open)}, which is no path.`);
    return done.drafted === undefined ? null : beyond(paths, linesOfDiff(diff), done.drafted);
  } catch (error) {
    if (error instanceof GimoError && errorCode(error) === 'DIFF_REFUSED') return error;
    throw error;
  }
}

const refused = (message: string): GimoError =>
  new GimoError('DIFF_REFUSED', { message, hint: 'Let a value stand for text within one line, or give whole files in `files`.' });

function beyond(paths: string[], lines: number, drafted: Drafted): GimoError | null {
  if (lines !== drafted.lines)
    return refused(`A value brought line breaks into the diff: it has ${lines} lines, its draft has ${drafted.lines}.`);
  const isNamed = (path: string): boolean => drafted.write.some((pattern) => pathCovers(pattern, escapePattern(path)));
  const other = paths.find((path) => !isNamed(path));
  if (other === undefined && paths.length <= drafted.write.length) return null;
  return refused(`A value made the diff change ${JSON.stringify(other ?? paths)}, which its draft does not name.`);
}
