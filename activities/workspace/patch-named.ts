/** What a patch says that it changes, and whether that is all that git would change. */
import { GimoError } from '#contract/errors.ts';
import { pathsOfDiff, readDiff } from '#contract/unified-diff.ts';
import { EXECUTABLE, type TreeChange } from '#platform/git.ts';

/** A file to write whole (mode and all else stay), or to delete with `content: null`. */
export type FileChange = { path: string; content: string | null };
export type PatchContent = { diff: string } | { files: FileChange[] };

export type PatchRules = PatchContent & {
  /** SHA-256 (hex) of files as the patch expects them; null: must not exist. */
  base_hashes?: Record<string, string | null>;
  /** Whether it was approved that a file is changed. */
  mayWrite: (path: string) => boolean;
};

export function outside(file: string, why: string): GimoError {
  return new GimoError('OUTSIDE_ENVELOPE', { message: `The patch may not touch ${JSON.stringify(file)}: ${why}.` });
}

export type Named = { paths: ReadonlySet<string>; executables: ReadonlySet<string> };

/** What it says that it changes. Throws: DIFF_REFUSED. */
export function namedBy(content: PatchContent): Named {
  if ('files' in content) return { paths: new Set(content.files.map(({ path: file }) => file)), executables: new Set() };
  const files = readDiff(content.diff);
  const executables = files.filter((file) => file.isMadeExecutable || (file.old !== file.new && file.old !== null));
  return { paths: new Set(pathsOfDiff(files)), executables: new Set(executables.flatMap((file) => file.new ?? [])) };
}

/** What would really change is held against what it says and what was approved, whoever read it before. Throws: OUTSIDE_ENVELOPE. */
export function checkNamed(change: TreeChange, { paths, executables }: Named, mayWrite: PatchRules['mayWrite']): void {
  if (!paths.has(change.path)) throw outside(change.path, 'git would change it, but the patch does not name it');
  if (!mayWrite(change.path)) throw outside(change.path, 'git would change it, but that was not approved');
  const becomes = change.newMode === EXECUTABLE && change.oldMode !== EXECUTABLE;
  if (becomes && !executables.has(change.path)) throw outside(change.path, 'git would make it a program, but the patch does not say so');
}
