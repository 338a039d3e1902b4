/**
 * A second reader, which learns from labelled lines: how likely each meaning is, by words, pairs of words and parts of words, so that
 * other forms and typing errors count for something. Multinomial logistic regression, trained in the process, bit by bit, so that
 * requests are answered in between; the same lines always give the same scorer.
 */
import { setImmediate } from 'node:timers/promises';
import type { Intent } from '#contract/chat.ts';
import { readMessage, type Message } from './words.ts';

export type Example = { intent: Intent; text: string };
/** Best first; the shares sum up to 1. */
export type Score = { intent: Intent; share: number }[];
export type Scorer = (message: Message) => Score;

const ROUNDS = 8;
const STEP = 0.3;
/** What stands in one line only says more of that line than of its meaning. */
const LEAST_LINES = 2;
/** An order stands at the beginning. */
const MOST_WORDS = 60;
const PARTS = [3, 4, 5];
const SEED = 1;
/** Between two pauses; some milliseconds. */
const LINES_AT_ONCE = 20;

function partsOf(word: string): string[] {
  const marked = `<${word}>`;
  return PARTS.flatMap((size) => Array.from({ length: Math.max(0, marked.length - size + 1) }, (_, at) => marked.slice(at, at + size)));
}

function featuresOf({ words, isQuestion }: Message): Set<string> {
  const read = words.slice(0, MOST_WORDS);
  const own = read.flatMap((word, at) => [`w ${word}`, `p ${read[at - 1] ?? '^'} ${word}`, ...partsOf(word)]);
  return new Set([...own, `first ${read[0] ?? ''}`, `second ${read[1] ?? ''}`, isQuestion ? 'question' : 'statement']);
}

/** The same sequence for the same seed. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff;
    return state / 0x80_00_00_00;
  };
}

function shuffle(items: number[], random: () => number): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [items[last], items[other]] = [items[other] ?? 0, items[last] ?? 0];
  }
}

function softmax(sums: Float64Array): Float64Array {
  const highest = Math.max(...sums);
  const powers = sums.map((sum) => Math.exp(sum - highest));
  const all = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / all);
}

/** The features that are counted, each with its place. */
function placesOf(lines: Set<string>[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) for (const feature of line) counts.set(feature, (counts.get(feature) ?? 0) + 1);
  const kept = [...counts].filter(([, count]) => count >= LEAST_LINES).map(([feature]) => feature);
  return new Map(kept.map((feature, place) => [feature, place]));
}

export async function train(examples: readonly Example[]): Promise<Scorer> {
  const intents = [...new Set(examples.map(({ intent }) => intent))].toSorted();
  const lines = examples.map(({ text }) => featuresOf(readMessage(text)));
  const places = placesOf(lines);
  const width = intents.length;
  const weights = new Float64Array(places.size * width);
  const steps = new Float64Array(places.size * width);
  const placed = (features: Set<string>): number[] => [...features].flatMap((feature) => places.get(feature) ?? []);
  const sharesOf = (at: number[]): Float64Array => {
    const sums = new Float64Array(width);
    for (const place of at) for (let i = 0; i < width; i++) sums[i]! += weights[place * width + i]!;
    return softmax(sums.map((sum) => sum / Math.sqrt(at.length || 1)));
  };
  const learn = (at: number[], wanted: number): void => {
    const errors = sharesOf(at).map((share, i) => (share - (i === wanted ? 1 : 0)) / Math.sqrt(at.length || 1));
    for (const place of at)
      for (let i = 0; i < width; i++) {
        const index = place * width + i;
        const error = errors[i]!;
        steps[index]! += error * error;
        weights[index]! -= (STEP * error) / Math.sqrt(1e-8 + steps[index]!);
      }
  };
  const known = lines.map(placed);
  const wanted = examples.map(({ intent }) => intents.indexOf(intent));
  const order = examples.map((_, index) => index);
  const random = sequence(SEED);
  for (let round = 0; round < ROUNDS; round++) {
    shuffle(order, random);
    for (const [done, index] of order.entries()) {
      learn(known[index]!, wanted[index]!);
      if (done % LINES_AT_ONCE === 0) await setImmediate();
    }
  }
  return (message) => {
    const shares = sharesOf(placed(featuresOf(message)));
    return intents.map((intent, i) => ({ intent, share: shares[i]! })).toSorted((a, b) => b.share - a.share);
  };
}
