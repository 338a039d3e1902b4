import { readFileSync } from 'node:fs';

const TICK_MS = 10;

export type Sample = { wallMs: number; cpuMs: number };

/** User and system time of a process so far, in ms. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

export async function sample(pid: number, work: () => Promise<unknown>): Promise<Sample> {
  const cpuBefore = cpuMs(pid);
  const startedAt = performance.now();
  await work();
  return { wallMs: performance.now() - startedAt, cpuMs: cpuMs(pid) - cpuBefore };
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export function medians(samples: Sample[]): Sample {
  return { wallMs: median(samples.map((item) => item.wallMs)), cpuMs: median(samples.map((item) => item.cpuMs)) };
}
