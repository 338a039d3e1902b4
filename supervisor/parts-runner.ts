/** All parts of one instance together: needs, state file, stop order. */
import type { PartState } from '#platform/instance.ts';
import { Part, type PartSpec } from './part.ts';
import type { Reporter } from './reporter.ts';

const SAME_TROUBLE_MS = 10_000;
/** Everything is gone within 5 s; the rest is for the supervisor's own end. */
const STOP_ALL_MS = 4500;

export type RunnerEvents = {
  /** The state of a part changed. */
  onChange(parts: Record<string, PartState>): void;
  onCrashLoop(part: string, lastLine: string): void;
};

export class PartsRunner {
  readonly #parts = new Map<string, Part>();
  readonly #lastTrouble = new Map<string, number>();
  readonly #logDir: string;
  readonly #reporter: Reporter;
  readonly #events: RunnerEvents;
  #isStopping = false;

  constructor(logDir: string, reporter: Reporter, events: RunnerEvents) {
    this.#logDir = logDir;
    this.#reporter = reporter;
    this.#events = events;
  }

  get states(): Record<string, PartState> {
    return Object.fromEntries([...this.#parts].map(([name, part]) => [name, part.state]));
  }

  /** Starts a part when its needs are ready. Resolves when it is ready itself. */
  async run(spec: PartSpec): Promise<void> {
    await this.#untilNeeds(spec);
    if (this.#isStopping) return;
    const part = new Part(spec, this.#logDir, {
      onChange: () => this.#events.onChange(this.states),
      onTrouble: (name, level, text) => this.#trouble(name, level, text),
      onCrashLoop: (name, line) => this.#events.onCrashLoop(name, line),
      untilNeeds: (needy) => this.#untilNeeds(needy),
    });
    this.#parts.set(spec.name, part);
    part.start();
    await part.untilReady();
  }

  /** In: names in the order in which they stop. Resolves when no process of theirs is left, 5 s at the latest. */
  async stop(order: string[]): Promise<void> {
    this.#isStopping = true;
    const deadline = performance.now() + STOP_ALL_MS;
    for (const name of order) await this.#parts.get(name)?.stop(deadline - performance.now());
  }

  killAll(): void {
    for (const part of this.#parts.values()) part.kill();
  }

  async #untilNeeds(spec: PartSpec): Promise<void> {
    for (const name of spec.needs) await this.#parts.get(name)?.untilReady();
  }

  /** A part in trouble repeats itself: the console shows the same sentence once in a while only. */
  #trouble(name: string, level: 'warn' | 'error', text: string): void {
    const sentence = `${name}: ${text}`;
    const now = performance.now();
    if (this.#isStopping || now - (this.#lastTrouble.get(sentence) ?? -Infinity) < SAME_TROUBLE_MS) return;
    if (this.#lastTrouble.size > 1000) this.#lastTrouble.clear();
    this.#lastTrouble.set(sentence, now);
    this.#reporter[level](sentence);
  }
}
