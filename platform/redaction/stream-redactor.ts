/**
 * Redacts a text that arrives in pieces. What may still become a secret with the next piece is held back: the end of the line
 * that has not ended yet, and a private key whose block has not.
 */
import { findSecrets, maskSecrets, type FoundSecret } from './find-secrets.ts';

/** A name may stand so far before its value. */
const CONTEXT_CHARS = 120;
/** Longer than any secret; of a line that goes on and on, no more than this is held back. */
const MOST_HELD = 32_768;
const BLOCK = '-----BEGIN ';
const BLOCK_END = '-----END ';

export class StreamRedactor {
  #held = '';

  /** Out: what can be shown of everything that came so far and was not shown yet. */
  push(text: string): string {
    if (text === '') return '';
    const all = this.#held + text;
    const found = findSecrets(all);
    const cut = cutOf(all, found);
    this.#held = all.slice(cut);
    return maskSecrets(all.slice(0, cut), found);
  }

  /** What was held back. Nothing may come after it. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return maskSecrets(rest, findSecrets(rest));
  }
}

/** Never within a character of two units: each half would be lost when it is encoded. */
function cutOf(all: string, found: readonly FoundSecret[]): number {
  const cut = secretFreeCut(all, found);
  const isLowHalf = cut > 0 && cut < all.length && (all.charCodeAt(cut) & 0xfc00) === 0xdc00;
  return isLowHalf ? cut - 1 : cut;
}

function secretFreeCut(all: string, found: readonly FoundSecret[]): number {
  const least = Math.max(0, all.length - MOST_HELD);
  let cut = Math.max(least, Math.min(safeEnd(all), openBlock(all)));
  for (const { since, to } of found.toReversed()) if (since < cut && to > cut) cut = since;
  return cut >= least ? cut : all.length;
}

/** Where the last word begins, and before it the words that may be its name; a line that has ended is complete. */
function safeEnd(all: string): number {
  const lineStart = Math.max(all.lastIndexOf('\n'), all.lastIndexOf('\r')) + 1;
  let wordStart = all.length;
  while (wordStart > lineStart && all.charAt(wordStart - 1) !== ' ') wordStart -= 1;
  return Math.max(lineStart, wordStart - CONTEXT_CHARS);
}

function openBlock(all: string): number {
  const begin = all.lastIndexOf(BLOCK);
  if (begin === -1) return all.length;
  const end = all.indexOf(BLOCK_END, begin);
  return end !== -1 && all.includes('-----', end + BLOCK_END.length) ? all.length : begin;
}
