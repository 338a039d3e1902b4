/** Shows a run while it goes: redrawn in place on a terminal, one line per change elsewhere. */
import type { RunEvent, RunState } from '#contract/run-state.ts';
import { LiveLines } from './live-lines.ts';
import { plainLine, progressLines } from './progress-view.ts';
import type { Terminal } from './terminal.ts';

const REDRAW_MS = 100;

export class ProgressBoard {
  readonly #terminal: Terminal;
  readonly #state: RunState;
  readonly #lines: LiveLines;
  readonly #timer: NodeJS.Timeout | null;
  /** The last plain line of each node, and of the run. */
  readonly #shown = new Map<string, string>();
  #tick = 0;
  #isHeld = false;

  constructor(terminal: Terminal, state: RunState) {
    this.#terminal = terminal;
    this.#state = state;
    this.#lines = new LiveLines((text) => terminal.raw(text));
    this.#timer = terminal.isLive ? setInterval(() => this.#draw(), REDRAW_MS) : null;
  }

  show(event: RunEvent): void {
    if (this.#timer !== null) return;
    const plain = plainLine(this.#state, event);
    if (plain === null || this.#shown.get(plain.of) === plain.text) return;
    this.#shown.set(plain.of, plain.text);
    this.#terminal.note(plain.line);
  }

  /** A line that stays above the board. */
  say(text: string): void {
    this.#lines.clear();
    this.#terminal.note(text);
  }

  /** Leaves the terminal to a question. */
  hold(): void {
    this.#draw();
    this.#lines.release();
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
  }

  /** Draws the last state and leaves it there. */
  close(): void {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#draw();
  }

  #draw(): void {
    if (this.#timer === null || this.#isHeld) return;
    this.#tick += 1;
    const { width, height, notePaint: paint } = this.#terminal;
    // One line and one column stay free, so that nothing wraps or scrolls.
    this.#lines.draw(progressLines(this.#state, { nowMs: Date.now(), width: width - 1, height: height - 2, tick: this.#tick, paint }));
  }
}
