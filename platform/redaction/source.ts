/**
 * A text as its code units, which are read several times as fast from an array as from a string: strings come as pieces, slices and
 * joined ones, and each read asks which. Behind the last unit stands one that is in no class.
 */
export type Source = {
  readonly text: string;
  readonly codes: Uint16Array;
  readonly size: number;
  /** Runs of characters that were followed to their end, by class: whoever begins in the last one need not follow it again. */
  runs: Map<Uint8Array, { from: number; to: number }> | null;
};

const BYTES_PER_UNIT = 2;
/** Room for all but the longest texts. One for all calls: nothing that is done with a source waits, and none is asked for within another. */
const SHARED_UNITS = 1 << 16;
const shared = roomFor(SHARED_UNITS);

type Room = { bytes: Buffer; codes: Uint16Array };

function roomFor(units: number): Room {
  const bytes = Buffer.allocUnsafeSlow((units + 1) * BYTES_PER_UNIT);
  return { bytes, codes: new Uint16Array(bytes.buffer) };
}

export function sourceOf(text: string): Source {
  const { bytes, codes } = text.length <= SHARED_UNITS ? shared : roomFor(text.length);
  bytes.write(text, 'utf16le');
  codes[text.length] = 0;
  return { text, codes, size: text.length, runs: null };
}
