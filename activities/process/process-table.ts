/** What is running on this machine, read from /proc, or from ps(1) where there is no /proc. */
import { execFileSync } from 'node:child_process';
import { existsSync, openSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { DEFAULT_PATH } from '#platform/paths.ts';

export type ProcessRow = {
  pid: number;
  ppid: number;
  pgid: number;
  session: number;
  /** Differs for every process that ever had this pid: boot id and clock ticks since boot, or the wall-clock start of ps(1). */
  startTime: string;
  /** Ended, but not yet collected by its parent. */
  isZombie: boolean;
};

/** The variable that marks every process of one effect. */
export const EFFECT_VARIABLE = 'GIMO_EFFECT';

const hasProc = existsSync('/proc/self/stat');
let bootId: string | null = null;

/** Like readFileSync, null when the process is gone or may not be looked at. */
function readProc(pid: number, name: string): Buffer | null {
  try {
    return readFileSync(`/proc/${pid}/${name}`);
  } catch {
    return null;
  }
}

/** Null when there is none with this pid. Without /proc: never. */
export function readRow(pid: number): ProcessRow | null {
  const stat = readProc(pid, 'stat')?.toString('latin1');
  if (stat === undefined) return null;
  // The name in parentheses may itself hold spaces and parentheses.
  const [state = '', ppid, pgid, session, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  const startTime = `${bootId}:${rest[15]}`;
  return { pid, ppid: Number(ppid), pgid: Number(pgid), session: Number(session), startTime, isZombie: state === 'Z' || state === 'X' };
}

/** Rows of `ps -A -o pid=,ppid=,pgid=,stat=,lstart=`; ps has no portable session column, so the group stands in for it. */
export function parsePs(text: string): ProcessRow[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S.*)$/.exec(line);
    if (match === null) return [];
    const [pid, ppid, pgid] = match.slice(1, 4).map(Number) as [number, number, number];
    return [{ pid, ppid, pgid, session: pgid, startTime: (match[5] ?? '').trim(), isZombie: (match[4] ?? '').startsWith('Z') }];
  });
}

function psRows(): ProcessRow[] {
  return parsePs(
    execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=,lstart='], { encoding: 'utf8', env: { PATH: DEFAULT_PATH, LC_ALL: 'C' } }),
  );
}

/** Every living process that can be seen; zombies are dead. */
export function listProcesses(): ProcessRow[] {
  const rows = hasProc ? readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readRow(Number(name)) ?? []) : [])) : psRows();
  return rows.filter((row) => !row.isZombie);
}

/** Start time of a process (also of one that ended but was not yet collected), null when there is none with this pid. */
export function startTimeOf(pid: number): string | null {
  const row = hasProc ? readRow(pid) : psRows().find((candidate) => candidate.pid === pid);
  return row?.startTime ?? null;
}

/** Whether the process was started (at any depth) for this effect and still has its environment. Always false without /proc. */
export function hasEffectMark(pid: number, effectId: string): boolean {
  const environ = readProc(pid, 'environ');
  return environ !== null && `\0${environ.toString('latin1')}`.includes(`\0${EFFECT_VARIABLE}=${effectId}\0`);
}

/** Identity of the pid namespace of a process, null when it cannot be known. It is given away again when the namespace is gone. */
export function pidNamespace(pid: number | 'self'): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return null;
  }
}

/** Keeps the namespace of a process, and so its identity, for as long as the descriptor is open; null when the process is gone. */
export function openPidNamespace(pid: number): { namespace: string; fd: number } | null {
  try {
    const fd = openSync(`/proc/${pid}/ns/pid`, 'r');
    return { namespace: readlinkSync(`/proc/self/fd/${fd}`), fd };
  } catch {
    return null;
  }
}

/** The pids of one process from the outermost visible namespace to its own; more than one means that it is inside a nested one. */
export function namespacePids(pid: number): number[] {
  const line = /^NSpid:(.*)$/m.exec(readProc(pid, 'status')?.toString('latin1') ?? '');
  return line === null ? [pid] : (line[1] ?? '').trim().split(/\s+/).map(Number);
}
