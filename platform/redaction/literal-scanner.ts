/**
 * Finds in one pass where any of many literals stands. A table of all their beginnings (three characters) is asked at each
 * position; only where it says yes are the literals themselves compared.
 */
const SLOTS = 1 << 16;

type Entry<T> = { literal: string; value: T };

/** Three character codes as a slot of the table; different ones may share a slot. */
function slotOf(a: number, b: number, c: number): number {
  return ((a << 10) ^ (b << 5) ^ c) & (SLOTS - 1);
}

function standsAt(text: string, literal: string, at: number): boolean {
  for (let index = 0; index < literal.length; index += 1) if (text.charCodeAt(at + index) !== literal.charCodeAt(index)) return false;
  return true;
}

export class LiteralScanner<T> {
  /** For each slot 0, or the number of its list. */
  readonly #lists = new Uint16Array(SLOTS);
  readonly #entries: Entry<T>[][] = [[]];

  /** In: a literal of at least three characters, and what it stands for. */
  add(literal: string, value: T): void {
    const slot = slotOf(literal.charCodeAt(0), literal.charCodeAt(1), literal.charCodeAt(2));
    if (this.#lists[slot] === 0) this.#lists[slot] = this.#entries.push([]) - 1;
    this.#entries[this.#lists[slot] ?? 0]?.push({ literal, value });
  }

  /** Calls `onHit` for each literal that stands in the text, from left to right; it says from where to go on. */
  scan(text: string, onHit: (value: T, at: number, literal: string) => number): void {
    const lists = this.#lists;
    let first = text.charCodeAt(0);
    let second = text.charCodeAt(1);
    for (let at = 2; at < text.length; at += 1) {
      const third = text.charCodeAt(at);
      const list = lists[slotOf(first, second, third)] ?? 0;
      if (list !== 0) {
        const next = this.#compare(text, at - 2, list, onHit);
        if (next > at - 2) {
          first = text.charCodeAt(next);
          second = text.charCodeAt(next + 1);
          at = next + 1;
          continue;
        }
      }
      first = second;
      second = third;
    }
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
