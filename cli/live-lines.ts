/** A block of lines at the end of a terminal that is drawn over itself. */
export class LiveLines {
  readonly #write: (text: string) => void;
  #drawn = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Replaces the block. Lines must not be wider than the terminal. */
  draw(lines: string[]): void {
    this.#write(`${this.#eraser()}${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }

  /** Removes the block, so that other text can follow. */
  clear(): void {
    this.#write(this.#eraser());
    this.#drawn = 0;
  }

  /** Leaves the block where it is; the next one begins below. */
  release(): void {
    this.#drawn = 0;
  }

  #eraser(): string {
    return this.#drawn === 0 ? '' : `\u001B[${this.#drawn}A\u001B[0J`;
  }
}
