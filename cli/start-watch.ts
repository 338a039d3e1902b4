/** Looks at how far an instance is whose start is under way, and waits for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isStarting, readInstance } from '#platform/instance.ts';

const POLL_MS = 200;

export class StartWatch {
  readonly #file: string;

  /** In: the file that `npm start` writes about its instance. */
  constructor(file: string) {
    this.#file = file;
  }

  /** Out: how far it is, in one sentence; null when no start is under way. */
  sentence(): string | null {
    const instance = readInstance(this.#file);
    if (instance === null || !isStarting(instance)) return null;
    const ready = Object.entries(instance.parts).flatMap(([name, { state }]) => (state === 'ready' ? [name] : []));
    const seconds = Math.max(0, Math.round((Date.now() - instance.started_at) / 1000));
    return `GIMO is starting, for ${seconds} s now${ready.length === 0 ? '' : `; ready: ${ready.join(', ')}`}.`;
  }

  /** Waits: until the start is over. Out: whether there was one and it went well. */
  async untilUp(onWait: (sentence: string) => void, signal?: AbortSignal): Promise<boolean> {
    const sentence = this.sentence();
    if (sentence === null) return false;
    onWait(`${sentence} Waiting for it …`);
    while (this.sentence() !== null) await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal });
    return readInstance(this.#file)?.is_up === true;
  }
}
