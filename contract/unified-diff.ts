/** The paths that a unified diff touches, read from its headers only (`diff --git`, `---`, `+++`, `rename`, `copy`). */
const HEADER = /^(?:--- |\+\+\+ |rename from |rename to |copy from |copy to )(.+)$/;
const GIT_HEADER = /^diff --git a\/(.+) b\/(.+)$/;

function unquote(path: string): string {
  const cut = path.split('\t')[0] ?? path;
  return cut.startsWith('"') && cut.endsWith('"') ? cut.slice(1, -1) : cut;
}

function stripPrefix(path: string): string {
  return /^[ab]\//.test(path) ? path.slice(2) : path;
}

/**
 * In: a unified diff, possibly with references in it. Out: the touched paths, without repeats. A diff that is nothing but a
 * reference has no headers yet: it answers `['*']`, which only a stated envelope covers.
 */
export function diffPaths(diff: string): string[] {
  const found = new Set<string>();
  for (const line of diff.split('\n')) {
    const git = GIT_HEADER.exec(line);
    if (git) for (const path of [git[1], git[2]]) if (path !== undefined) found.add(unquote(path));
    const header = HEADER.exec(line);
    if (header?.[1] !== undefined && header[1] !== '/dev/null') found.add(stripPrefix(unquote(header[1])));
  }
  return found.size === 0 ? ['${{ diff }}'] : [...found];
}
