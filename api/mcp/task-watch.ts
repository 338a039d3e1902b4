/** Watches runs for those who listen for their tasks: told when a run looks different from what was told last, until it has ended. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Desk } from './ask-person.ts';
import { Refusal, type Backend } from './backend.ts';
import { getTask } from './tasks.ts';

export type TaskState = Record<string, unknown>;
export type Watch = { desk: Desk; runIds: readonly string[]; signal: AbortSignal; tell: (task: TaskState) => void };

/** A busy run has hundreds of events a second, and a reader wants to know how it stands. */
const LOOK_MS = 1000;
/** Each watched run is an open stream of its caller. */
export const MAX_WATCHED = 20;
const TOO_MANY = 429;
const OURS = 500;
const ENDED: ReadonlySet<unknown> = new Set(['completed', 'cancelled']);

/** Out: those that the caller may read, in their order. The others are left out of the acknowledgement. */
export async function readableRuns(backend: Backend, runIds: readonly string[]): Promise<string[]> {
  const wanted = [...new Set(runIds)].slice(0, MAX_WATCHED);
  const readable = await Promise.all(wanted.map((id) => canRead(backend, id)));
  return wanted.filter((_id, at) => readable[at] === true);
}

async function canRead(backend: Backend, id: string): Promise<boolean> {
  try {
    await backend.call('runs_get', { params: { id } });
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** Ends when all runs have ended, when the caller may not read them any more, or with the signal. */
export async function watchTasks({ runIds, ...watch }: Watch): Promise<void> {
  await Promise.all(runIds.map((runId) => watchTask(runId, watch)));
}

async function watchTask(runId: string, { desk, signal, tell }: Omit<Watch, 'runIds'>): Promise<void> {
  const news = new News();
  const ended = new AbortController();
  const onAbort = (): void => news.tell();
  signal.addEventListener('abort', onAbort);
  const reading = readEvents(desk.backend, runId, news, AbortSignal.any([signal, ended.signal]));
  let told = '';
  try {
    while (!signal.aborted) {
      const task = await look(desk, runId);
      if (task === 'forbidden') return;
      const text = task === null ? told : JSON.stringify(task);
      if (task !== null && text !== told) tell(task);
      told = text;
      if (ENDED.has(task?.['status'])) return;
      await delay(LOOK_MS, undefined, { signal });
      await news.wait();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    ended.abort();
    await reading;
  }
}

/** Null: not now, but it may go on. */
async function look(desk: Desk, runId: string): Promise<TaskState | 'forbidden' | null> {
  try {
    return await getTask(desk, runId);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { status } = error.problem;
    return status === TOO_MANY || status >= OURS ? null : 'forbidden';
  }
}

/** That there is something to look at, remembered until somebody has waited for it. */
class News {
  #isThere = false;
  #wake: (() => void) | null = null;

  tell(): void {
    this.#isThere = true;
    this.#wake?.();
  }

  async wait(): Promise<void> {
    if (!this.#isThere) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#isThere = false;
    this.#wake = null;
  }
}

/** Every piece of the run's event stream is news, signs of life too: what changes a run without an event is seen then. */
async function readEvents(backend: Backend, runId: string, news: News, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const _piece of await backend.stream('runs_events', { params: { id: runId }, signal })) news.tell();
    } catch {
      // Refused or broken off: the look that follows finds out whether it may go on.
    }
    news.tell();
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}
