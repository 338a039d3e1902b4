/**
 * A text as bytes, one for each of its characters, which are read several times as fast from an array as from a string: strings come as
 * pieces, slices and joined ones, and each read asks which. Behind the last one stands one that is in no class. Rules speak of ASCII
 * only; characters beyond it share the bytes above it.
 */
export type Source = {
  readonly text: string;
  readonly codes: Uint8Array;
  /** The same, two at a time. */
  readonly pairs: Uint16Array;
  readonly size: number;
  /** Runs of characters that were followed to their end, by class: whoever begins in the last one need not follow it again. */
  runs: Map<Uint8Array, { from: number; to: number }> | null;
};

/** Room for all but the longest texts. One for all calls: nothing that is done with a source waits, and none is asked for within another. */
const SHARED_CHARS = 1 << 20;
/** Behind the text: one that does not fit as bytes of UTF-8 fills at least one of these, since no character takes more. */
const SPARE = 4;
const shared = roomFor(SHARED_CHARS);
/** From here on a byte stands for one of many characters, none of them of ASCII. */
const OTHER = 128;
const LAST_ASCII = 127;

type Room = { codes: Buffer; pairs: Uint16Array };

function roomFor(chars: number): Room {
  const sizeBytes = (chars + SPARE + 1) & ~1;
  const codes = Buffer.allocUnsafeSlow(sizeBytes);
  return { codes, pairs: new Uint16Array(codes.buffer) };
}

export function sourceOf(text: string): Source {
  const size = text.length;
  const { codes, pairs } = size <= SHARED_CHARS ? shared : roomFor(size);
  // Of ASCII alone there are as many bytes as characters.
  if (codes.write(text) !== size) writeUnits(codes, text);
  codes[size] = 0;
  return { text, codes, pairs, size, runs: null };
}

/** The bytes of a text that is kept. */
export function codesOf(text: string): Uint8Array {
  const codes = new Uint8Array(text.length);
  writeUnits(codes, text);
  return codes;
}

const CHUNK_CHARS = 1 << 15;
const chunk = Buffer.allocUnsafeSlow(CHUNK_CHARS * Uint16Array.BYTES_PER_ELEMENT);
const chunkUnits = new Uint16Array(chunk.buffer);

function writeUnits(codes: Uint8Array, text: string): void {
  for (let from = 0; from < text.length; from += CHUNK_CHARS) {
    const size = Math.min(CHUNK_CHARS, text.length - from);
    chunk.write(text.slice(from, from + size), 'utf16le');
    for (let at = 0; at < size; at += 1) {
      const unit = chunkUnits[at] ?? 0;
      codes[from + at] = unit < OTHER ? unit : OTHER | (unit & LAST_ASCII);
    }
  }
}
