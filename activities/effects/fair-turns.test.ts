import { expect, it } from 'vitest';
import { FairTurns } from './fair-turns.ts';

const NEVER_MS = 3_600_000;

/** Work whose end the test decides. */
function workshop(turns: FairTurns): {
  ask: (key: string, weight: number, size?: number) => void;
  order: string[];
  endNext: () => Promise<void>;
} {
  const order: string[] = [];
  const ends: (() => void)[] = [];
  const work = (key: string): Promise<void> => {
    order.push(key);
    return new Promise((resolve) => ends.push(resolve));
  };
  return {
    order,
    ask: (key, weight, size = 1) => void turns.run({ key, weight }, size, () => work(key)),
    endNext: async () => {
      ends.shift()?.();
      for (let step = 0; step < 20; step++) await Promise.resolve();
    },
  };
}

it('serves a run that asks for little before the rest of one that asked for much before it', async () => {
  const { ask, order, endNext } = workshop(new FairTurns(1, NEVER_MS));
  for (let n = 0; n < 5; n++) ask('large', 4);
  ask('small', 4);
  for (let n = 0; n < 6; n++) await endNext();
  expect(order).toEqual(['large', 'small', 'large', 'large', 'large', 'large']);
});

it('gives work in proportion to the weights, also to the lightest', async () => {
  const { ask, order, endNext } = workshop(new FairTurns(1, NEVER_MS));
  ask('other', 4);
  for (let n = 0; n < 40; n++) ask('low', 1);
  for (let n = 0; n < 40; n++) ask('high', 4);
  for (let n = 0; n < 40; n++) await endNext();
  const served = order.slice(1, 31);
  expect(served.filter((key) => key === 'high').length).toBe(24);
  expect(served.filter((key) => key === 'low').length).toBe(6);
});

it('lets everything through at once while there is room, and what is larger than the room alone', async () => {
  const { ask, order, endNext } = workshop(new FairTurns(10, NEVER_MS));
  ask('a', 1, 6);
  ask('b', 1, 4);
  ask('c', 1, 100);
  ask('d', 1, 1);
  expect(order).toEqual(['a', 'b']);
  await endNext();
  expect(order).toEqual(['a', 'b']);
  await endNext();
  expect(order).toEqual(['a', 'b', 'c']);
  await endNext();
  expect(order).toEqual(['a', 'b', 'c', 'd']);
});

it('keeps nobody longer than it says, and room is counted right after that', async () => {
  const turns = new FairTurns(1, 1);
  const held = Promise.withResolvers<void>();
  const first = turns.run({ key: 'a', weight: 1 }, 1, () => held.promise);
  await turns.run({ key: 'b', weight: 1 }, 1, () => Promise.resolve());
  held.resolve();
  await first;
  const { ask, order } = workshop(turns);
  ask('c', 1);
  ask('d', 1);
  expect(order).toEqual(['c']);
});

it('hands on a failure and goes on with the next', async () => {
  const turns = new FairTurns(1, NEVER_MS);
  const failing = turns.run({ key: 'a', weight: 1 }, 1, () => Promise.reject(new Error('broken')));
  const next = turns.run({ key: 'b', weight: 1 }, 1, () => Promise.resolve('done'));
  await expect(failing).rejects.toThrow('broken');
  await expect(next).resolves.toBe('done');
});
