import { setTimeout as sleep } from 'node:timers/promises';
import type { Instance } from '#platform/instance.ts';
import { isSameProcess, signalProcess, type ProcessName } from '#platform/processes.ts';

const GRACE_MS = 3000;
const POLL_MS = 25;

/** Ends what an instance that was killed has left running. In: its last state. Out: the names of the parts that were ended. */
export async function endLeftovers(instance: Instance): Promise<string[]> {
  const left = Object.entries(instance.parts).flatMap(([part, { pid, start_time }]) => {
    const name = pid !== null && start_time !== null ? { pid, start_time } : null;
    return name !== null && isSameProcess(name) ? [{ part, name }] : [];
  });
  await Promise.all(left.map(({ name }) => end(name)));
  return left.map(({ part }) => part);
}

async function end(name: ProcessName): Promise<void> {
  signalProcess(name.pid, 'SIGTERM');
  const deadline = performance.now() + GRACE_MS;
  while (isSameProcess(name) && performance.now() < deadline) await sleep(POLL_MS);
  if (!isSameProcess(name)) return;
  signalProcess(-name.pid, 'SIGKILL');
  while (isSameProcess(name)) await sleep(POLL_MS);
}
