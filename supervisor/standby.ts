/** A second process of a part: it has loaded its code and waits to be told to begin, so that a part that was killed is back soon. */
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { processStartTime, signalProcess } from '#platform/processes.ts';

export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 60_000;

export class Standby {
  readonly #spawn: () => Child;
  readonly #afterMs: number;
  #timer: NodeJS.Timeout | undefined;
  #child: Child | null = null;
  #backoffMs = FIRST_BACKOFF_MS;

  /** In: how a waiting process is started, and how long after `prepare`: the part's own work comes first. */
  constructor(spawn: () => Child, afterMs: number) {
    this.#spawn = spawn;
    this.#afterMs = afterMs;
  }

  /** Has a process wait from some time on. One that dies while it waits is replaced, the more often it dies the later. */
  prepare(): void {
    if (this.#child !== null) return;
    this.#backoffMs = FIRST_BACKOFF_MS;
    this.#startAfter(this.#afterMs);
  }

  #startAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#start(), ms).unref();
  }

  #start(): void {
    const child = this.#spawn();
    this.#child = child;
    child.stdin.on('error', () => {}); // gone before it was told
    child.on('error', () => this.#lost(child)); // cannot be started: the next start of the part says why
    child.on('exit', () => this.#lost(child));
  }

  #lost(child: Child): void {
    if (this.#child !== child) return;
    this.#child = null;
    this.#startAfter(Math.max(this.#afterMs, this.#backoffMs));
    this.#backoffMs = Math.min(LONGEST_BACKOFF_MS, this.#backoffMs * 2);
  }

  get isReady(): boolean {
    return this.#child !== null;
  }

  /** Tells the waiting process to begin. Out: that process, which is the caller's from now on, or null when there is none. */
  take(): Child | null {
    clearTimeout(this.#timer);
    const child = this.#child;
    this.#child = null;
    // It may have died with the part, and nothing has said so yet.
    if (child?.pid === undefined || processStartTime(child.pid) === null) return null;
    child.stdin.write('begin\n');
    return child;
  }

  /** Ends it at once: it has nothing to finish. */
  kill(): void {
    clearTimeout(this.#timer);
    if (this.#child?.pid !== undefined) signalProcess(-this.#child.pid, 'SIGKILL');
    this.#child = null;
  }
}
