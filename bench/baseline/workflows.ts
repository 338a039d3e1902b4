/** The reference: what somebody would write by hand on Temporal for the same number of activities. Does not change. */
import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';

const { echo } = proxyActivities<{ echo(value: number): Promise<number> }>({ startToCloseTimeout: '1m' });

export async function chain(length: number): Promise<number> {
  let value = 0;
  for (let i = 0; i < length; i++) value = (await echo(i)) + 1;
  return value;
}

/** Half of its steps, then an answer from outside, then the other half. */
export async function gated(steps: number): Promise<void> {
  let isAnswered = false;
  setHandler(defineSignal('answer'), () => void (isAnswered = true));
  for (let i = 0; i < steps; i++) {
    if (i === steps / 2) await condition(() => isAnswered);
    await echo(i);
  }
}

export async function fanOut(width: number, lanes: number): Promise<number> {
  let next = 0;
  let sum = 0;
  const lane = async (): Promise<void> => {
    while (next < width) sum += await echo(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return sum;
}
