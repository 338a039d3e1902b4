/** What this machine offers: tools, and the parts of the operating system that a fenced process may read. */
import { accessSync, constants, lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DEFAULT_PATH } from '#platform/paths.ts';
import type { FenceTools, ProcessCountLimit, SystemPaths } from './fence.ts';

const SYSTEM_DIRS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/etc', '/opt', '/nix/store'];
/** Root owns these, and a fenced child of root is still root by number: it must not see them. */
const SECRET_DIRS = ['/etc/ssh', '/etc/ssl/private', '/etc/sudoers.d', '/etc/NetworkManager', '/etc/wireguard'];
const SECRET_FILES = ['/etc/shadow', '/etc/shadow-', '/etc/gshadow', '/etc/gshadow-', '/etc/sudoers', '/etc/krb5.keytab'];

function exists(candidate: string, kind: 'folder' | 'file'): boolean {
  const found = statSync(candidate, { throwIfNoEntry: false });
  return found !== undefined && found.isDirectory() === (kind === 'folder');
}

/** Absolute path of a program of the system, null when there is none. The worker's own PATH is not asked: a plan could have a say in it. */
function systemTool(name: string): string | null {
  for (const folder of DEFAULT_PATH.split(':')) {
    const candidate = path.join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

export function findTools(): FenceTools {
  const [bwrap = null, unshare = null, setpriv = null, prlimit = null] = ['bwrap', 'unshare', 'setpriv', 'prlimit'].map(systemTool);
  return { bwrap, unshare, setpriv, prlimit, node: realpathSync(process.execPath) };
}

/** /etc/resolv.conf often leads into /run, which is not shown. */
function resolverFiles(): string[] {
  try {
    const real = realpathSync('/etc/resolv.conf');
    return real.startsWith('/etc/') ? [] : [real];
  } catch {
    return [];
  }
}

export function findSystemPaths(): SystemPaths {
  const present = SYSTEM_DIRS.filter((dir) => lstatSync(dir, { throwIfNoEntry: false }) !== undefined);
  const isLink = (dir: string): boolean => lstatSync(dir).isSymbolicLink();
  return {
    readPaths: [...present.filter((dir) => !isLink(dir)), ...resolverFiles()],
    links: present.filter(isLink).map((dir) => ({ path: dir, target: readlinkSync(dir) })),
    coverDirs: SECRET_DIRS.filter((dir) => exists(dir, 'folder')),
    coverFiles: SECRET_FILES.filter((file) => exists(file, 'file')),
  };
}

/** pid_max belongs to a namespace since Linux 6.14, RLIMIT_NPROC counts by user namespace since 5.14 and never counts root. */
export function findProcessCountLimit(release: string, uid: number): ProcessCountLimit {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  const isAtLeast = (wanted: number): boolean => major * 1000 + minor >= wanted;
  if (uid === 0) return isAtLeast(6014) ? 'pid_max' : null;
  return isAtLeast(5014) ? 'nproc' : null;
}

export function currentProcessCountLimit(): ProcessCountLimit {
  return process.platform === 'linux' ? findProcessCountLimit(os.release(), process.getuid?.() ?? 0) : null;
}

/**
 * Folders that hold the programs of a PATH outside the system folders (a Node from a version manager, say): `…/bin` with its `lib`,
 * nothing else of the prefix, since a home folder's `share` holds keyrings. For the readPaths of a spec.
 */
export function toolPaths(pathVariable: string): string[] {
  const found = new Set<string>();
  for (const folder of pathVariable.split(':').filter((part) => path.isAbsolute(part))) {
    if (!exists(folder, 'folder') || SYSTEM_DIRS.some((dir) => folder === dir || folder.startsWith(`${dir}/`))) continue;
    const prefix = path.dirname(folder);
    const wanted = path.basename(folder) === 'bin' ? ['bin', 'lib', 'libexec'].map((name) => path.join(prefix, name)) : [folder];
    for (const dir of wanted) if (exists(dir, 'folder')) found.add(realpathSync(dir));
  }
  return [...found].filter((dir) => dir !== '/');
}
