/** The worker's side of `../worker-process.ts`: a line of JSON asks for something, a line of JSON answers. */
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const stepLog = process.env.STEP_LOG;

/** A step does nothing; where a kill is tested, it leaves a line. */
export function step(index) {
  if (stepLog) appendFileSync(stepLog, `${index}\n`);
  return index;
}

/** Does `count` things, at most `width` at a time. */
export async function inWaves(count, width, work) {
  for (let from = 0; from < count; from += width) {
    await Promise.all(Array.from({ length: Math.min(width, count - from) }, (_, offset) => work(from + offset)));
  }
}

/** In: what can be asked for, by name. Ends with its parent's pipe. */
export function serve(verbs) {
  const answer = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const obey = async (text) => {
    const { id, verb, args } = JSON.parse(text);
    const startedAt = performance.now();
    try {
      await verbs[verb](...args);
      answer({ id, ms: performance.now() - startedAt });
    } catch (error) {
      answer({ id, error: String(error?.stack ?? error) });
    }
  };
  createInterface({ input: process.stdin })
    .on('line', (text) => void obey(text))
    .on('close', () => process.exit(0));
  answer({ id: 0, ms: 0 });
}
