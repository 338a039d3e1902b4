/** The parts that `npm start` runs. One is started again by telling it to end: the supervisor brings back what ends. Nothing is executed. */
import { GimoError } from '#contract/errors.ts';
import { readInstance, type Instance, type PartState } from '#platform/instance.ts';
import { isSameProcess, signalProcess } from '#platform/processes.ts';
import type { Call, Core } from '../deps.ts';
import { commit } from './commit.ts';

type PartView = { name: string; state: string; pid: number | null; restarts: number; since: string; last_exit: string | null };
export type ServiceStatus = { supervised: boolean; parts: PartView[] };

/** What the living supervisor of this data directory wrote; null when there is none. */
export function liveInstance(core: Pick<Core, 'config'>): Instance | null {
  try {
    const instance = readInstance(core.config.paths.instance);
    return instance !== null && isSameProcess(instance) ? instance : null;
  } catch {
    return null; // the parts themselves still tell their state
  }
}

function viewOf(name: string, { state, pid, restarts, since, last_exit: exit }: PartState): PartView {
  return { name, state, pid, restarts, since: new Date(since).toISOString(), last_exit: exit?.line ?? null };
}

export function serviceStatus(core: Core): ServiceStatus {
  const instance = liveInstance(core);
  const parts = Object.entries(instance?.parts ?? {});
  return { supervised: instance !== null, parts: parts.map(([name, state]) => viewOf(name, state)) };
}

/**
 * Records that a part is to be started again. Out: its process, and what tells it to end; that comes after the answer, since the part may
 * be the API itself. Throws: NOT_SUPERVISED.
 */
export async function restartService(core: Core, call: Call, part: string): Promise<{ part: string; pid: number; end: () => void }> {
  const state = liveInstance(core)?.parts[part];
  if (state === undefined || state.pid === null || state.start_time === null)
    throw new GimoError('NOT_SUPERVISED', { message: `No supervisor here runs a process of the part ${part}.` });
  const { pid, start_time } = state;
  if (call.idempotency?.isReplay === true) return { part, pid, end: () => undefined };
  await commit(core, call, { ops: [], object: `part:${part}`, detail: { pid }, answer: { status: 202, body: { part, pid } } });
  const end = (): void => {
    if (!isSameProcess({ pid, start_time })) return;
    core.log.warn({ part, pid, actor: call.actor.label }, 'a part is started again');
    signalProcess(pid, 'SIGTERM');
  };
  return { part, pid, end };
}
