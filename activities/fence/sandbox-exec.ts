/** The fence of macOS. No pid namespace there: the process tree is ended by group and session alone. */
import type { ResolvedFenceSpec } from './fence.ts';

const quote = (path: string): string => `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
const subpaths = (paths: string[]): string => paths.map((path) => `(subpath ${quote(path)})`).join(' ');

/** Later rules win in a profile, so the order is: everything, covers, then what lies inside of covers. */
export function sandboxProfile(spec: ResolvedFenceSpec): string {
  const covers = [...spec.coverDirs, ...spec.coverFiles];
  const rules = ['(version 1)', '(allow default)', '(deny file-write*)'];
  rules.push('(allow file-write* (literal "/dev/null") (literal "/dev/tty") (regex #"^/private/tmp/gimo-home\\."))');
  if (spec.network === 'none') rules.push('(deny network*)');
  if (covers.length > 0) rules.push(`(deny file-read* file-write* network* ${subpaths(covers)})`);
  if (spec.readPaths.length > 0) rules.push(`(allow file-read* ${subpaths(spec.readPaths)})`);
  if (spec.writePaths.length > 0) rules.push(`(allow file-read* file-write* ${subpaths(spec.writePaths)})`);
  return rules.join('\n');
}

const OWN_HOME =
  'cd "$1"; shift; HOME=$(mktemp -d /private/tmp/gimo-home.XXXXXX); GIMO_V_HOME=$HOME; GIMO_V_TMPDIR=$HOME; export HOME GIMO_V_HOME GIMO_V_TMPDIR; exec "$@"';

export function sandboxExecArgv(spec: ResolvedFenceSpec, launch: string[]): string[] {
  return ['/usr/bin/sandbox-exec', '-p', sandboxProfile(spec), '/bin/sh', '-e', '-c', OWN_HOME, 'gimo-fence', spec.cwd, ...launch];
}
