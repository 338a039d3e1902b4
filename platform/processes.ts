/** A process is named by its pid and its start time: pids alone are used again by the system. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export type ProcessName = { pid: number; start_time: string };

/** In: a pid. Out: a text that no other process of that pid has, null when there is no such (or only a dead, unreaped) process. */
export function processStartTime(pid: number): string | null {
  return process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid);
}

function startTimeFromProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold spaces and brackets; the fields after its last bracket are plain.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state] = fields;
    // Ticks are counted from boot, so the boot is part of the name.
    return state === 'Z' || state === 'X' ? null : `${bootId()}:${fields[19]}`;
  } catch {
    return null; // no such process
  }
}

let knownBootId: string | null = null;

function bootId(): string {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return knownBootId;
}

function startTimeFromPs(pid: number): string | null {
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return started.trim() === '' ? null : started.trim();
  } catch {
    return null; // ps exits with 1 when there is no such process
  }
}

export function isSameProcess(name: ProcessName): boolean {
  return processStartTime(name.pid) === name.start_time;
}

/** Sends a signal to a process, or with a negative pid to its group. Out: false when nothing is there any more. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false; // already gone
  }
}
