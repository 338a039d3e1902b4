/**
 * A set of words that is asked for part of a text without cutting it out. Kept are hashes of 32 bits: another word with the same hash
 * counts as one of the set, which gives whoever makes one up nothing that a word of the set would not.
 */
/** Hash of no characters. */
export const EMPTY_HASH = 7;
const FACTOR = 31;
/** Makes capital letters small, and leaves digits as they are. */
const SMALL = 32;
const FEWEST_SLOTS = 64;

/** Hash of a word with one character more. */
export function grownHash(hash: number, code: number): number {
  return (Math.imul(hash, FACTOR) + (code | SMALL)) | 0;
}

function hashOf(word: string): number {
  let hash = EMPTY_HASH;
  for (let at = 0; at < word.length; at += 1) hash = grownHash(hash, word.charCodeAt(at));
  return hash;
}

export class WordSet {
  readonly #slots: Int32Array;

  /** In: words of letters and digits, separated by spaces. */
  constructor(text: string) {
    const hashes = [...new Set(text.split(' '))].map(hashOf);
    let size = FEWEST_SLOTS;
    // Until no two share a slot, so that one look answers.
    while (new Set(hashes.map((hash) => hash & (size - 1))).size < hashes.length) size *= 2;
    this.#slots = new Int32Array(size);
    for (const hash of hashes) this.#slots[hash & (size - 1)] = hash;
  }

  /** In: characters that stand between `from` and `to`, in small letters or capitals. */
  has(codes: Uint8Array, from: number, to: number): boolean {
    let hash = EMPTY_HASH;
    for (let at = from; at < to; at += 1) hash = grownHash(hash, codes[at] ?? 0);
    return to > from && this.hasHash(hash);
  }

  hasHash(hash: number): boolean {
    return this.#slots[hash & (this.#slots.length - 1)] === hash;
  }
}
