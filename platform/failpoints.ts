/**
 * Named places where a test may kill the process (`GIMO_FAILPOINTS=name[:n],…` kills at the n-th passage) or hold something up
 * (`name=file`: for as long as the file is there). The lists are empty in production; then a passage costs one map look-up.
 */
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const HELD_LOOK_MS = 20;
const armed = new Map<string, number>();
const holding = new Map<string, string>();

export function armFailpoints(points: string[]): void {
  armed.clear();
  holding.clear();
  for (const point of points) {
    const [held = '', file] = point.split('=');
    if (file !== undefined) holding.set(held, file);
    const [name = '', count = '1'] = point.split(':');
    if (file === undefined) armed.set(name, Number(count));
  }
}

export function failpoint(name: string): void {
  const left = armed.get(name);
  if (left === undefined) return;
  if (left > 1) armed.set(name, left - 1);
  else process.kill(process.pid, 'SIGKILL');
}

/** Waits: while a test holds whoever comes here. */
export async function holdpoint(name: string): Promise<void> {
  while (existsSync(holding.get(name) ?? '')) await delay(HELD_LOOK_MS);
}
