/**
 * Finds in one pass where any of many literals stands (after Wu and Manber). At each position the second and third character are looked up in a
 * small table that says how far to go on: mostly two characters, since few pairs stand in the beginning of a literal. Only where the
 * table says that one may begin here, a second one is asked for all three, and the literals themselves are compared.
 */
const SLOTS = 1 << 13;
/** Pairs of characters as an index; others than ASCII share theirs, which only costs a look. */
const PAIRS = 1 << 14;
const FARTHEST = 2;
const FEWEST = 3;
/** The text as bytes, which are read several times as fast as the characters of a string. What is lost of others than Latin-1 is looked up in the text. */
const BYTES = Buffer.allocUnsafeSlow(1 << 15);

type Entry<T> = { literal: string; value: T };

/** Three characters as a slot of the table; different ones may share a slot. */
function slotOf(a: number, b: number, c: number): number {
  return (((a & 255) << 6) ^ ((b & 255) << 3) ^ (c & 255)) & (SLOTS - 1);
}

function pairOf(a: number, b: number): number {
  return ((a & 127) << 7) | (b & 127);
}

/** From its end: of literals with one beginning that is where most differ. */
function standsAt(text: string, literal: string, at: number): boolean {
  for (let index = literal.length - 1; index >= 0; index -= 1) if (text.charCodeAt(at + index) !== literal.charCodeAt(index)) return false;
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
    const [first, second, third] = [literal.charCodeAt(0), literal.charCodeAt(1), literal.charCodeAt(2)];
    const slot = slotOf(first, second, third);
    if (this.#lists[slot] === 0) this.#lists[slot] = this.#entries.push([]) - 1;
    this.#entries[this.#lists[slot] ?? 0]?.push({ literal, value });
    const pair = pairOf(first, second);
    this.#steps[pairOf(second, third)] = 0;
    this.#steps[pair] = Math.min(this.#steps[pair] ?? FARTHEST, 1);
  }

  /** Calls `onHit` for each literal that stands in the text, from left to right; it says from where to go on. */
  scan(text: string, onHit: (value: T, at: number, literal: string) => number): void {
    for (let at = 0; at + FEWEST <= text.length;) {
      const size = BYTES.write(at === 0 && text.length <= BYTES.length ? text : text.slice(at, at + BYTES.length), 'latin1');
      at = this.#scanBytes(text, at, size, onHit);
    }
  }

  /** In: where the bytes begin in the text, and how many there are. Out: where the next ones begin. */
  #scanBytes(text: string, from: number, size: number, onHit: (value: T, at: number, literal: string) => number): number {
    const steps = this.#steps;
    const bytes = BYTES;
    const last = size - FEWEST;
    let at = 0;
    while (at <= last) {
      const step = steps[pairOf(bytes[at + 1] ?? 0, bytes[at + 2] ?? 0)];
      // Not `at += step`: a branch is foreseen, while a sum would wait for the table.
      if (step === FARTHEST) {
        at += FARTHEST;
        continue;
      }
      if (step === 1) {
        at += 1;
        continue;
      }
      const list = this.#lists[slotOf(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0)] ?? 0;
      at = list === 0 ? at + 1 : Math.max(at + 1, this.#compare(text, from + at, list, onHit) - from);
    }
    return from + at;
  }

  #compare(text: string, at: number, list: number, onHit: (value: T, at: number, literal: string) => number): number {
    let next = at;
    const entries = this.#entries[list] ?? [];
    for (let index = 0; index < entries.length; index += 1) {
      const entry = entries[index];
      if (entry !== undefined && standsAt(text, entry.literal, at)) next = Math.max(next, onHit(entry.value, at, entry.literal));
    }
    return next;
  }
}
