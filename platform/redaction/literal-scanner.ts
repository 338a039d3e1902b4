/**
 * Finds in one pass where any of many literals stands (after Wu and Manber). At each position the second and third character are looked up in a
 * small table that says how far to go on: mostly two characters, since few pairs stand in the beginning of a literal. Only where the
 * table says that one may begin here, a second one is asked for all three, and the literals themselves are compared.
 */
import type { Source } from './source.ts';

const SLOTS = 1 << 13;
/** Pairs of characters as an index; others than ASCII share theirs, which only costs a look. */
const PAIRS = 1 << 14;
const FARTHEST = 2;
const FEWEST = 3;

type Entry<T> = { codes: Uint16Array; value: T };

/** In: what was found, where it begins and where it ends. Out: from where to go on. */
type OnHit<T> = (value: T, from: number, to: number) => number;

/** Three characters as a slot of the table; different ones may share a slot. */
function slotOf(a: number, b: number, c: number): number {
  return (((a & 255) << 6) ^ ((b & 255) << 3) ^ (c & 255)) & (SLOTS - 1);
}

function pairOf(a: number, b: number): number {
  return ((a & 127) << 7) | (b & 127);
}

/** From its end: of literals with one beginning that is where most differ. */
function standsAt(codes: Uint16Array, literal: Uint16Array, at: number): boolean {
  for (let index = literal.length - 1; index >= 0; index -= 1) if (codes[at + index] !== literal[index]) return false;
  return true;
}

export class LiteralScanner<T> {
  /** How far from here the next beginning of a literal may be, by the second and third character from here. */
  readonly #steps = new Uint8Array(PAIRS).fill(FARTHEST);
  /** For each slot 0, or the number of its list. */
  readonly #lists = new Uint16Array(SLOTS);
  readonly #entries: Entry<T>[][] = [[]];

  /** In: a literal of at least three characters, and what it stands for. */
  add(literal: string, value: T): void {
    const codes = Uint16Array.from(literal, (_unit, index) => literal.charCodeAt(index));
    const [first = 0, second = 0, third = 0] = codes;
    const slot = slotOf(first, second, third);
    if (this.#lists[slot] === 0) this.#lists[slot] = this.#entries.push([]) - 1;
    this.#entries[this.#lists[slot] ?? 0]?.push({ codes, value });
    const pair = pairOf(first, second);
    this.#steps[pairOf(second, third)] = 0;
    this.#steps[pair] = Math.min(this.#steps[pair] ?? FARTHEST, 1);
  }

  /** Calls `onHit` for each literal that stands in the text, from left to right. */
  scan({ codes, size }: Source, onHit: OnHit<T>): void {
    const steps = this.#steps;
    const lists = this.#lists;
    const last = size - FEWEST;
    let at = 0;
    while (at <= last) {
      const step = steps[pairOf(codes[at + 1] ?? 0, codes[at + 2] ?? 0)];
      // Not `at += step`: a branch is foreseen, while a sum would wait for the table.
      if (step === FARTHEST) {
        at += FARTHEST;
        continue;
      }
      if (step === 1) {
        at += 1;
        continue;
      }
      const list = lists[slotOf(codes[at] ?? 0, codes[at + 1] ?? 0, codes[at + 2] ?? 0)] ?? 0;
      at = list === 0 ? at + 1 : Math.max(at + 1, this.#compare(codes, size, at, list, onHit));
    }
  }

  #compare(codes: Uint16Array, size: number, at: number, list: number, onHit: OnHit<T>): number {
    let next = at;
    const entries = this.#entries[list] ?? [];
    for (let index = 0; index < entries.length; index += 1) {
      const entry = entries[index];
      if (entry === undefined || at + entry.codes.length > size || !standsAt(codes, entry.codes, at)) continue;
      next = Math.max(next, onHit(entry.value, at, at + entry.codes.length));
    }
    return next;
  }
}
