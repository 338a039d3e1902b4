import { setTimeout as delay } from 'node:timers/promises';
import type { Killable, Peer } from './peer.ts';

const LOOK_MS = 2;

/** `lost`: steps that were never done though the run ended. `repeated`: undefined where nobody can say. */
export type Kept = { killedAfter: number; lost: number; repeated: number | undefined };

/** Kills the worker once so many steps of a chain are done. Waits: until the chain has ended all the same. */
export async function killTest(peer: Pick<Peer, 'killable'>, length: number, killAt: number): Promise<Kept> {
  const chain: Killable = await peer.killable();
  await chain.begin(length);
  while ((await chain.steps()).length < killAt) await delay(LOOK_MS);
  await chain.kill();
  const killedAfter = (await chain.steps()).length;
  await chain.ended();
  const steps = await chain.steps();
  const done = new Set(steps);
  return { killedAfter, lost: length - done.size, repeated: chain.countsRepeats ? steps.length - done.size : undefined };
}
