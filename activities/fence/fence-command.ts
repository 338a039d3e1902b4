import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { GimoError } from '#contract/errors.ts';
import { launchArgv, packEnv } from '../process/launch.ts';
import { bubblewrapArgv, pidLimitArgv } from './bubblewrap.ts';
import { FENCE_HOME, isWithin } from './mount-plan.ts';
import type { GroupLimits } from './cgroup-layout.ts';
import { forwardArgv } from './forwarder.ts';
import type { EffectGroup } from './groups.ts';
import { sandboxExecArgv } from './sandbox-exec.ts';
import { unshareArgv } from './unshare.ts';
import type { FenceCommand, FenceSpec, FenceStatus, ResolvedFenceSpec } from './fence.ts';

function missing(status: FenceStatus): GimoError {
  return new GimoError('SANDBOX_MISSING', { message: `No sandbox is available: ${status.detail}` });
}

/** The kernel keeps the first 300 pids of a namespace for itself, so a pid_max below that is refused by it. */
const LEAST_PID_MAX = 301;

function withPidFloor(status: FenceStatus, spec: ResolvedFenceSpec): ResolvedFenceSpec {
  if (status.processCountLimit !== 'pid_max' || spec.maxProcesses === undefined) return spec;
  return { ...spec, maxProcesses: Math.max(spec.maxProcesses, LEAST_PID_MAX) };
}

function fencedArgv(status: FenceStatus, spec: ResolvedFenceSpec, launch: string[]): string[] {
  const { bwrap, unshare, setpriv } = status.tools;
  if (status.kind === 'sandbox-exec') return sandboxExecArgv(spec, launch);
  if (status.kind === 'bubblewrap' && bwrap !== null) {
    const argv = bubblewrapArgv(bwrap, status, spec, launch);
    const isCounted = status.processCountLimit === 'pid_max' && spec.maxProcesses !== undefined;
    return isCounted && unshare !== null && setpriv !== null ? pidLimitArgv(unshare, setpriv, spec.maxProcesses ?? 0, argv) : argv;
  }
  if (status.kind === 'unshare' && unshare !== null && setpriv !== null) return unshareArgv(unshare, setpriv, status, spec, launch);
  throw missing(status);
}

function unfencedArgv(status: FenceStatus, spec: ResolvedFenceSpec, launch: string[]): string[] {
  const inFolder = ['/bin/sh', '-e', '-c', 'cd "$1"; shift; exec "$@"', 'gimo-unfenced', spec.cwd, ...launch];
  return status.tools.setpriv === null ? inFolder : [status.tools.setpriv, '--pdeathsig', 'KILL', '--', ...inFolder];
}

/**
 * What to spawn so that `spec.argv` runs behind the fence. Pure; the paths must be real ones (prepareFence makes them so).
 * Inside: the system read-only, `readPaths` read-only, `writePaths` writable, `coverPaths` empty (of nested paths the longer one decides),
 * a private /tmp and HOME, own /proc, no capabilities, no new privileges, no network unless `host`. It dies with the worker.
 * `network: 'host'` also opens the loopback ports and abstract sockets of this machine: only for nodes whose envelope names hosts.
 * Throws: SANDBOX_MISSING, PROCESS_NOT_FOUND, BAD_REQUEST, OUTSIDE_ENVELOPE.
 */
export function fenceCommand(status: FenceStatus, given: ResolvedFenceSpec): FenceCommand {
  if (status.kind === 'none') throw missing(status);
  const spec = withPidFloor(status, given);
  // RLIMIT_NPROC counts all processes of the user where the kernel does not count by namespace; then it would hit strangers.
  const limits = { ...spec, maxProcesses: status.processCountLimit === 'nproc' ? spec.maxProcesses : undefined };
  const program = launchArgv(spec.argv, limits, status.tools.prlimit);
  const launch = spec.egressSocket === undefined ? program : forwardArgv(status.tools.node, spec.egressSocket, program);
  const isFenced = status.kind !== 'unfenced';
  const [file = '', ...args] = isFenced ? fencedArgv(status, spec, launch) : unfencedArgv(status, spec, launch);
  const home: Record<string, string> = isFenced ? { HOME: FENCE_HOME, TMPDIR: '/tmp' } : {};
  const env = packEnv({ ...spec.env, ...home });
  return { file, args, env: status.kind === 'unshare' ? { ...env, GIMO_CWD: spec.cwd } : env };
}

async function kindOf(candidate: string): Promise<'folder' | 'file' | null> {
  const found = await stat(candidate).catch(() => null);
  if (found === null) return null;
  return found.isDirectory() ? 'folder' : 'file';
}

async function realPaths(paths: string[]): Promise<string[]> {
  const real = await Promise.all(paths.map((candidate) => realpath(candidate).catch(() => null)));
  return real.filter((candidate) => candidate !== null);
}

/**
 * The real path of what is to be shown; null when it does not exist. A workspace lies inside of the covered data directory, and nodes may make
 * links in it: a link on the way, or one from elsewhere that leads in, would show the keys instead of the folder that was meant.
 */
async function shownPath(candidate: string, covers: { given: string; real: string }[]): Promise<string | null> {
  const real = await realpath(candidate).catch(() => null);
  if (real === null) return null;
  for (const cover of covers) {
    const base = [cover.given, cover.real].find((known) => isWithin(candidate, known));
    const isMeant = base === undefined ? !isWithin(real, cover.real) : real === cover.real + candidate.slice(base.length);
    if (isMeant) continue;
    throw new GimoError('OUTSIDE_ENVELOPE', {
      message: `${candidate} is reached through a link; a process may only be shown the folder itself.`,
    });
  }
  return real;
}

/**
 * Replaces links by what they point to and drops what does not exist.
 * Throws: BAD_REQUEST when cwd or a writable path is missing; OUTSIDE_ENVELOPE when a link leads into or through a covered folder.
 */
export async function resolveFenceSpec(spec: FenceSpec): Promise<ResolvedFenceSpec> {
  const { coverPaths, ...rest } = spec;
  const existing = await Promise.all(
    coverPaths.map(async (given) => ({
      given: path.resolve(given),
      real: await realpath(given).catch(() => ''),
      kind: await kindOf(given),
    })),
  );
  const covers = existing.filter((cover) => cover.kind !== null);
  const shown = async (paths: string[]): Promise<string[]> => {
    const real = await Promise.all(paths.map((candidate) => shownPath(path.resolve(candidate), covers)));
    return real.filter((candidate) => candidate !== null);
  };
  const writePaths = await shown(spec.writePaths);
  const cwd = await realpath(spec.cwd).catch(() => null);
  if (cwd === null || writePaths.length < spec.writePaths.length) {
    throw new GimoError('BAD_REQUEST', { message: `The working folder ${spec.cwd} or a writable path of the process does not exist.` });
  }
  return {
    ...rest,
    cwd,
    readPaths: await shown(spec.readPaths),
    writePaths,
    coverDirs: covers.filter(({ kind }) => kind === 'folder').map(({ real }) => real),
    coverFiles: covers.filter(({ kind }) => kind === 'file').map(({ real }) => real),
  };
}

/** resolveFenceSpec and fenceCommand in one, in a control group where there are any: what the activities call. Run it, so that the group is removed. */
export async function prepareFence(status: FenceStatus, spec: FenceSpec): Promise<FenceCommand> {
  const command = fenceCommand(status, await resolveFenceSpec(spec));
  return status.groups === null ? command : inGroup(command, status.groups.open(groupLimits(spec)));
}

/** What the fence itself takes: its own tools, and a forwarder where there is a network. */
function groupLimits({ memoryBytes, maxProcesses, egressSocket }: FenceSpec): GroupLimits {
  const ownBytes = (egressSocket === undefined ? 16 : 128) * 1024 ** 2;
  const ownProcesses = egressSocket === undefined ? 8 : 24;
  return {
    memoryBytes: memoryBytes === undefined ? undefined : memoryBytes + ownBytes,
    maxProcesses: maxProcesses === undefined ? undefined : maxProcesses + ownProcesses,
  };
}

const JOIN = 'while [ "$1" != -- ]; do echo 0 > "$1"; shift; done; shift; exec "$@"';

/** The fence is built inside of the group, so that nothing is ever outside of it. */
function inGroup({ file, args, env }: FenceCommand, group: EffectGroup): FenceCommand {
  return { file: '/bin/sh', args: ['-e', '-c', JOIN, 'gimo-group', ...group.joins, '--', file, ...args], env, group };
}

/**
 * Refuses paths that a plan names if they lead (also through links) into what must stay covered: a readable path inside the data directory
 * would open it again, since the longer path decides. Out: the real paths. Throws: OUTSIDE_ENVELOPE.
 */
export async function assertUncovered(paths: string[], coverPaths: string[]): Promise<string[]> {
  const covers = await realPaths(coverPaths);
  return Promise.all(
    paths.map(async (candidate) => {
      const real = await realpath(candidate).catch(() => path.resolve(candidate));
      if (!covers.some((cover) => isWithin(real, cover))) return real;
      throw new GimoError('OUTSIDE_ENVELOPE', { message: `${candidate} lies in a folder of GIMO that no process may see.` });
    }),
  );
}
