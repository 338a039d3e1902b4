/**
 * The last stage before a child's own program: limits first, then its environment, then the program.
 * The environment of a plan travels under harmless names (`GIMO_V_…`) until the limits and the fence hold: a plan that sets
 * `LD_PRELOAD` or an exported shell function must not get it into the sandbox tool, which still runs outside of the sandbox.
 */
import { GimoError } from '#contract/errors.ts';
import { DEFAULT_PATH } from '#platform/paths.ts';

export type ProcessLimits = {
  /** Private writable memory of each process in bytes (RLIMIT_DATA: unlike RLIMIT_AS it does not count what V8 or Go only reserve). */
  memoryBytes?: number;
  /** Processor time of each process in seconds. */
  cpuSeconds?: number;
  /** Largest file that may be written, in bytes. */
  fileBytes?: number;
  /** Processes and threads at once. */
  maxProcesses?: number;
};

/** First words of the line that tells a missing program from a program that failed. */
export const NOT_FOUND_PREFIX = 'gimo-launch: not found: ';

const LAUNCH = `
for gimo_n in $GIMO_NAMES; do eval "export $gimo_n=\\"\\$GIMO_V_$gimo_n\\"; unset GIMO_V_$gimo_n"; done
unset GIMO_NAMES gimo_n
case $1 in
  */*) [ -f "$1" ] && [ -x "$1" ] ;;
  *) command -v -- "$1" >/dev/null 2>&1 ;;
esac || { printf '${NOT_FOUND_PREFIX}%s\\n' "$1" >&2; exit 127; }
exec "$@"
`;

const READ_ONLY_NAMES = new Set(['BASHOPTS', 'BASH_VERSINFO', 'EUID', 'PPID', 'SHELLOPTS', 'UID', 'gimo_n']);

/** Arguments of prlimit(1), without the program. A core file could carry secrets out, so there is none. */
function limitArgs(limits: ProcessLimits): string[] {
  const args = ['--core=0'];
  if (limits.memoryBytes !== undefined) args.push(`--data=${limits.memoryBytes}`);
  // The soft limit sends SIGXCPU, the hard one two seconds later SIGKILL.
  if (limits.cpuSeconds !== undefined) args.push(`--cpu=${limits.cpuSeconds}:${limits.cpuSeconds + 2}`);
  if (limits.fileBytes !== undefined) args.push(`--fsize=${limits.fileBytes}`);
  if (limits.maxProcesses !== undefined) args.push(`--nproc=${limits.maxProcesses}`);
  return args;
}

/**
 * Argv that sets the limits, restores the environment of packEnv and becomes `argv`.
 * In: prlimit = absolute path of prlimit(1), null where there is none (then there are no limits). Throws: PROCESS_NOT_FOUND.
 */
export function launchArgv(argv: string[], limits: ProcessLimits, prlimit: string | null): string[] {
  const program = argv[0] ?? '';
  if (program === '' || program.startsWith('-')) throw programNotFound(program);
  const launch = ['/bin/sh', '-c', LAUNCH, 'gimo-launch', ...argv];
  return prlimit === null ? launch : [prlimit, ...limitArgs(limits), '--', ...launch];
}

/** The environment to spawn a launchArgv with. Throws: BAD_REQUEST for a name that a shell cannot export. */
export function packEnv(env: Record<string, string>): Record<string, string> {
  const packed: Record<string, string> = { PATH: DEFAULT_PATH };
  const full = { PATH: DEFAULT_PATH, ...env };
  for (const [name, value] of Object.entries(full)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.startsWith('GIMO_') || READ_ONLY_NAMES.has(name)) {
      throw new GimoError('BAD_REQUEST', { message: `The environment variable ${JSON.stringify(name)} cannot be given to a process.` });
    }
    if (value.includes('\0')) throw new GimoError('BAD_REQUEST', { message: `The environment variable ${name} holds a zero byte.` });
    packed[`GIMO_V_${name}`] = value;
  }
  packed.GIMO_NAMES = Object.keys(full).join(' ');
  return packed;
}

export function programNotFound(program: string): GimoError {
  return new GimoError('PROCESS_NOT_FOUND', { message: `The program ${JSON.stringify(program)} was not found or cannot be executed.` });
}
