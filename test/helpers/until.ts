import { setTimeout as delay } from 'node:timers/promises';

/** Asks again until `look` no longer throws. In: how long at most, and how often. Throws: what the last look threw. */
export async function until<T>(look: () => T | Promise<T>, { timeout, interval = 50 }: { timeout: number; interval?: number }): Promise<T> {
  const deadline = performance.now() + timeout;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await delay(interval);
  }
}
