/** From a number: a random plan, and what happens to the processes that run it. The same number gives the same. */
import type { Part } from '../helpers/stack.ts';

/** `kill`: kill -9. `hang`: the process stands still for a while, so that its activities are delayed and its peers give up on it. */
export type Fault = { what: 'kill' | 'hang'; part: Part; afterEvents: number; hangMs: number };
export type Schedule = { seed: number; plan: object; once: string[]; nodes: number; faults: Fault[] };

const PARTS: Part[] = ['worker', 'worker', 'gics', 'temporal'];
const MOST_FAULTS = 3;

type Random = { int: (below: number) => number; pick: <T>(values: readonly T[]) => T };

/** The generator of splitmix32. */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  const int = (below: number): number => next() % below;
  return { int, pick: (values) => values[int(values.length)]! };
}

export function scheduleOf(seed: number): Schedule {
  const random = randomOf(seed);
  const count = 6 + random.int(12);
  const nodes = Array.from({ length: count }, (_none, at) => nodeOf(random, at));
  const once = nodes.filter(({ isOnce }) => isOnce).map(({ node }) => node.id);
  const faults = Array.from({ length: 1 + random.int(MOST_FAULTS) }, () => faultOf(random));
  const plan = { version: 1, title: `Schedule ${seed}`, nodes: nodes.map(({ node }) => node) };
  return { seed, plan, once, nodes: count, faults };
}

type Drawn = { node: { id: string; needs: string[] } & Record<string, unknown>; isOnce: boolean };

function nodeOf(random: Random, at: number): Drawn {
  const id = `n${at}`;
  const needs = [...new Set(Array.from({ length: at === 0 ? 0 : random.int(3) }, () => `n${random.int(at)}`))];
  const base = { id, needs };
  const nap = `sleep 0.${1 + random.int(6)}`;
  const kind = random.int(10);
  const process = (script: string, more: object = {}): Drawn['node'] => ({
    ...base,
    kind: 'process',
    with: { argv: ['sh', '-c', script], write: ['out'], ...more },
  });
  if (kind < 4) return { node: { ...base, kind: 'noop', with: { value: id } }, isOnce: false };
  if (kind < 7) return { node: process(`${nap}; echo "$GIMO_EFFECT" >> out/once; ${nap}`), isOnce: true };
  if (kind < 8) return { node: process(`${nap}; echo "$GIMO_EFFECT" >> out/again`, { idempotent: true }), isOnce: false };
  if (kind < 9) return { node: { ...base, kind: 'gate', with: { title: `Go on after ${id}?` } }, isOnce: false };
  const item = { id: `i${at}`, kind: 'noop', with: { value: '${{ item }}' } };
  return { node: { ...base, kind: 'map', with: { over: [1, 2, 3], concurrency: 2, nodes: [item] } }, isOnce: false };
}

function faultOf(random: Random): Fault {
  return {
    what: random.int(3) === 0 ? 'hang' : 'kill',
    part: random.pick(PARTS),
    afterEvents: 1 + random.int(15),
    hangMs: 500 + random.int(4000),
  };
}
