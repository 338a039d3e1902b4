/** The reference: what somebody would write by hand on Temporal for the same number of activities. Does not change. */
import { proxyActivities } from '@temporalio/workflow';

const { echo } = proxyActivities<{ echo(value: number): Promise<number> }>({ startToCloseTimeout: '1m' });

export async function chain(length: number): Promise<number> {
  let value = 0;
  for (let i = 0; i < length; i++) value = (await echo(i)) + 1;
  return value;
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
