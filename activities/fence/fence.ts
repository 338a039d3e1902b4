import type { EffectGroup, Groups } from './groups.ts';
import type { ProcessLimits } from '../process/launch.ts';

export type FenceKind = 'bubblewrap' | 'unshare' | 'sandbox-exec' | 'unfenced' | 'none';

/** Absolute paths of the tools that a fence is made of; null where there is none. */
export type FenceTools = { bwrap: string | null; unshare: string | null; setpriv: string | null; prlimit: string | null; node: string };

/** What of the operating system every fenced process sees, and the parts of it that stay hidden (password hashes, host keys). */
export type SystemPaths = { readPaths: string[]; links: { path: string; target: string }[]; coverDirs: string[]; coverFiles: string[] };

/** How the number of processes is limited: pid_max of the fence's pid namespace, RLIMIT_NPROC, or not at all. */
export type ProcessCountLimit = 'pid_max' | 'nproc' | null;

export type FenceStatus = {
  kind: FenceKind;
  /** One sentence for people: what holds, or what is missing and what to do. */
  detail: string;
  /** What the probe proved, in plain words. */
  capabilities: string[];
  tools: FenceTools;
  system: SystemPaths;
  processCountLimit: ProcessCountLimit;
  /** Control groups that may be used; null where there are none. */
  groups: Groups | null;
  /** Whether a fence without a network has a loopback device of its own. */
  hasLoopback: boolean;
};

export type FenceSpec = ProcessLimits & {
  argv: string[];
  /** Folder in which the program starts; it must lie in one of the paths below. */
  cwd: string;
  /** The whole environment of the program. HOME and TMPDIR are set by the fence. */
  env: Record<string, string>;
  readPaths: string[];
  /** The only places where what is written stays. */
  writePaths: string[];
  /** Folders or files that look empty inside: the data directory with keys and sockets. */
  coverPaths: string[];
  network: 'none' | 'host';
  /** A socket outside that the only way to the network leads through. */
  egressSocket?: string;
};

/** A spec whose paths exist, are real (no links) and absolute, with the covers sorted by what they are. */
export type ResolvedFenceSpec = Omit<FenceSpec, 'coverPaths'> & { coverDirs: string[]; coverFiles: string[] };

/** What to spawn. `cwd` inside is set by the fence itself. */
export type FenceCommand = { file: string; args: string[]; env: Record<string, string>; group?: EffectGroup };
