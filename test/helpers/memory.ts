/** What a process still holds on to. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const TURNS = 5;

/** Collects until what was closed is gone: some of it is let go in later turns of the event loop only. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let turn = 0; turn < TURNS; turn++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The heap after a collection. */
export async function heapMib(): Promise<number> {
  await collectGarbage();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}
