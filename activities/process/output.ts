/** Keeps the first and the last part of an output, and counts what lies between. Cuts never split a UTF-8 character. */
export type KeptOutput = { text: string; truncated: boolean };

/** Largest index ≤ `end` at which a UTF-8 character of `bytes` ends. */
function floorToCharacter(bytes: Buffer, end: number): number {
  let start = end;
  // A character has at most three continuation bytes.
  while (start > 0 && end - start < 4 && isContinuation(bytes[start - 1])) start -= 1;
  const lead = start > 0 ? (bytes[start - 1] ?? 0) : 0;
  if (lead < 0xc0) return end;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  return start - 1 + length <= end ? end : start - 1;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

export class OutputKeeper {
  readonly #headBytes: number;
  readonly #tailBytes: number;
  #head: Buffer = Buffer.alloc(0);
  #tail: Buffer[] = [];
  #tailSize = 0;
  #total = 0;

  /** In: capBytes = how much is kept in all; half of it from the beginning, half from the end. */
  constructor(capBytes: number) {
    this.#headBytes = Math.ceil(capBytes / 2);
    this.#tailBytes = Math.floor(capBytes / 2);
  }

  add(bytes: Buffer): void {
    this.#total += bytes.length;
    const room = this.#headBytes - this.#head.length;
    if (room > 0) this.#head = Buffer.concat([this.#head, bytes.subarray(0, room)]);
    const rest = bytes.subarray(Math.max(room, 0));
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailSize += rest.length;
    this.#dropOld();
  }

  #dropOld(): void {
    for (let first = this.#tail[0]; first !== undefined && this.#tailSize - first.length >= this.#tailBytes; first = this.#tail[0]) {
      this.#tail.shift();
      this.#tailSize -= first.length;
    }
  }

  text(): KeptOutput {
    const kept = Buffer.concat(this.#tail);
    const tail = kept.subarray(Math.max(0, kept.length - this.#tailBytes));
    const lost = this.#total - this.#head.length - tail.length;
    if (lost === 0) return { text: Buffer.concat([this.#head, tail]).toString('utf8'), truncated: false };
    const headEnd = floorToCharacter(this.#head, this.#head.length);
    let tailStart = 0;
    while (tailStart < tail.length && tailStart < 3 && isContinuation(tail[tailStart])) tailStart += 1;
    const left = lost + (this.#head.length - headEnd) + tailStart;
    const text = `${this.#head.toString('utf8', 0, headEnd)}\n… [${left} bytes left out] …\n${tail.toString('utf8', tailStart)}`;
    return { text, truncated: true };
  }
}
