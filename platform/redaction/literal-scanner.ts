/**
 * Finds in one pass where any of many literals stands. Each second character is looked up, together with the next one, in a table that
 * says whether a literal may begin here or one character before: few pairs stand in the beginning of one. Only there three
 * characters are asked for in a second table, and then the literals themselves are compared.
 */
import { codesOf, type Source } from './source.ts';

const SLOTS = 1 << 13;
const PAIRS = 1 << 16;
/** What a pair of characters may be: the first two of a literal, or its second and third. */
const FIRST = 1;
const SECOND = 2;
/** Of a longer literal only so much is compared. */
const MOST_COMPARED = 255;

/** In: what was found, where it begins and where it ends. Out: from where to go on. */
type OnHit<T> = (value: T, from: number, to: number) => number;

/** Three characters as a slot of the table; different ones may share a slot. */
function slotOf(a: number, b: number, c: number): number {
  return ((a << 6) ^ (b << 3) ^ c) & (SLOTS - 1);
}

const pairCodes = new Uint8Array(2);
const pairUnits = new Uint16Array(pairCodes.buffer);

/** Two characters as a source has them, whatever the order of bytes on this machine. */
function pairOf(a: number, b: number): number {
  pairCodes[0] = a;
  pairCodes[1] = b;
  return pairUnits[0] ?? 0;
}

export class LiteralScanner<T> {
  readonly #marks = new Uint8Array(PAIRS);
  readonly #slots = new Map<number, { codes: Uint8Array; value: T }[]>();
  /** For each slot where its literals begin in the array of all, 0 when it has none. */
  readonly #starts = new Uint32Array(SLOTS);
  /** Slot by slot, of each literal its length and its characters; 0 ends a slot. What is compared stands together. */
  #literals = new Uint8Array(1);
  /** By the place of the literal among all. */
  #values: (T | undefined)[] = [];
  #isBuilt = true;

  /** In: a literal of at least three characters, and what it stands for. */
  add(literal: string, value: T): void {
    const codes = codesOf(literal.slice(0, MOST_COMPARED));
    const [first = 0, second = 0, third = 0] = codes;
    this.#mark(pairOf(first, second), FIRST);
    this.#mark(pairOf(second, third), SECOND);
    const slot = slotOf(first, second, third);
    const others = this.#slots.get(slot) ?? [];
    this.#slots.set(slot, [...others, { codes, value }]);
    this.#isBuilt = false;
  }

  #mark(pair: number, mark: number): void {
    this.#marks[pair] = (this.#marks[pair] ?? 0) | mark;
  }

  #build(): void {
    const all = [0];
    const values: (T | undefined)[] = [undefined];
    for (const [slot, literals] of this.#slots) {
      this.#starts[slot] = all.length;
      for (const { codes, value } of literals) {
        values[all.length] = value;
        all.push(codes.length, ...codes);
        while (values.length < all.length) values.push(undefined);
      }
      all.push(0);
      values.push(undefined);
    }
    this.#literals = Uint8Array.from(all);
    this.#values = values;
    this.#isBuilt = true;
  }

  /** Calls `onHit` for each literal that stands in the text, from left to right. */
  scan(source: Source, onHit: OnHit<T>): void {
    if (!this.#isBuilt) this.#build();
    const { pairs, size } = source;
    const marks = this.#marks;
    const end = size >> 1;
    let next = 0;
    for (let pair = 0; pair < end; pair += 1) {
      const mark = marks[pairs[pair] ?? 0] ?? 0;
      if (mark === 0) continue;
      const at = pair << 1;
      if ((mark & SECOND) !== 0 && at > next) next = this.#look(source, at - 1, onHit);
      if ((mark & FIRST) !== 0 && at >= next) next = this.#look(source, at, onHit);
      // The last pair that cannot be part of what begins there.
      if (next > at + 2) pair = ((next + 1) >> 1) - 1;
    }
  }

  /** Out: from where to go on. */
  #look({ codes, size }: Source, at: number, onHit: OnHit<T>): number {
    let next = at + 1;
    let entry = this.#starts[slotOf(codes[at] ?? 0, codes[at + 1] ?? 0, codes[at + 2] ?? 0)] ?? 0;
    if (entry === 0) return next;
    const literals = this.#literals;
    for (let length = literals[entry] ?? 0; length > 0; length = literals[entry] ?? 0) {
      const begin = entry + 1;
      // From its end: of literals with one beginning that is where most differ.
      let left = length;
      while (left > 0 && codes[at + left - 1] === literals[begin + left - 1]) left -= 1;
      const value = left === 0 && at + length <= size ? this.#values[entry] : undefined;
      if (value !== undefined) next = Math.max(next, onHit(value, at, at + length));
      entry = begin + length;
    }
    return next;
  }
}
