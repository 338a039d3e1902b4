/** One child process of `npm start`: started, watched, started again with back-off, stopped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { processStartTime, signalProcess } from '#platform/processes.ts';
import type { PartState } from '#platform/instance.ts';
import { WAIT } from '#platform/standby.ts';
import { envOfStart } from './child-env.ts';
import { PartLog } from './part-log.ts';
import { Standby, type Child } from './standby.ts';

const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 5000;
/** A part that was ready this long starts again without waiting longer than the first time. */
const STEADY_MS = 10_000;
const LOOP_EXITS = 5;
const LOOP_WINDOW_MS = 30_000;

export type PartSpec = {
  name: string;
  command: string;
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  /** Parts that must be ready before this one is started (again). */
  needs: string[];
  /** 'log': it is ready when it logs `{"ready": true}`; else when the probe resolves. The probe ends with the signal. */
  ready: 'log' | ((signal: AbortSignal) => Promise<void>);
  /** Time between SIGTERM and SIGKILL. */
  stopMs: number;
  /** So long after the part is ready, a second process of it begins to stand by (platform/standby.ts); none without. */
  standbyAfterMs?: number;
  /** Whether its warnings and errors are shown on the console; they are in its log file in any case. */
  isQuiet?: boolean;
};

export type PartEvents = {
  onChange(): void;
  onTrouble(part: string, level: 'warn' | 'error', text: string): void;
  /** It cannot be kept running: five exits within 30 s without having been ready. */
  onCrashLoop(part: string, lastLine: string): void;
  /** Resolves when the needs of the part are ready. */
  untilNeeds(part: PartSpec): Promise<void>;
};

export class Part {
  readonly spec: PartSpec;
  readonly #events: PartEvents;
  readonly #log: PartLog;
  readonly #standby: Standby | null;
  #child: Child | null = null;
  #probe = new AbortController();
  #isStopping = false;
  #backoffMs = FIRST_BACKOFF_MS;
  #unreadyExits: number[] = [];
  #readyWaiters: (() => void)[] = [];
  #state: PartState = { pid: null, start_time: null, state: 'stopped', restarts: 0, since: Date.now(), last_exit: null };

  constructor(spec: PartSpec, logDir: string, events: PartEvents) {
    this.spec = spec;
    this.#events = events;
    const { standbyAfterMs } = spec;
    this.#standby = standbyAfterMs === undefined ? null : new Standby(() => this.#spawn(this.#state.restarts + 1, [WAIT]), standbyAfterMs);
    this.#log = new PartLog(logDir, spec.name, {
      onReady: () => spec.ready === 'log' && this.#becameReady(),
      onTrouble: (level, text) => spec.isQuiet || events.onTrouble(spec.name, level, text),
      onWriteError: (error) => events.onTrouble(spec.name, 'warn', `its log cannot be written: ${error.message}`),
    });
  }

  get state(): PartState {
    return this.#state;
  }

  start(): void {
    if (this.#isStopping) return;
    const child = this.#standby?.take() ?? this.#spawn(this.#state.restarts, []);
    this.#child = child;
    child.stdin.on('error', () => {}); // the pipe breaks when the part dies: its exit is what counts
    this.#log.attach(child.stdout, child.stderr);
    child.on('error', (error) => this.#events.onTrouble(this.spec.name, 'error', `cannot be started: ${error.message}`));
    // 'close' and not 'exit': the last lines have been read by then. A grandchild that holds the pipes must not delay it.
    child.on('exit', () => {
      this.#killGroup();
      setTimeout(() => child.stdout.destroy(), 100).unref();
      setTimeout(() => child.stderr.destroy(), 100).unref();
    });
    child.on('close', (code, signal) => this.#ended(code, signal));
    this.#set({ pid: child.pid ?? null, start_time: child.pid === undefined ? null : processStartTime(child.pid), state: 'starting' });
    if (this.spec.ready !== 'log') this.#runProbe(this.spec.ready);
  }

  #spawn(startsBefore: number, more: string[]): Child {
    const { command, argv, cwd, env } = this.spec;
    // A session of its own: Ctrl-C in the terminal reaches the supervisor only, which stops the parts in order.
    return spawn(command, [...argv, ...more], {
      cwd,
      env: envOfStart(env, startsBefore),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
  }

  /** Resolves at once when it is ready, else the next time it is. */
  async untilReady(): Promise<void> {
    if (this.#state.state === 'ready') return;
    await new Promise<void>((resolve) => this.#readyWaiters.push(resolve));
  }

  /** SIGTERM, then SIGKILL after `stopMs` or `withinMs`, whichever is sooner. Resolves when nothing of it is left. */
  async stop(withinMs: number): Promise<void> {
    this.#isStopping = true;
    this.#standby?.kill();
    const child = this.#child;
    if (child !== null) {
      const closed = once(child, 'close');
      const timer = setTimeout(() => this.#killGroup(), Math.max(0, Math.min(this.spec.stopMs, withinMs)));
      if (child.pid !== undefined) signalProcess(child.pid, 'SIGTERM');
      await closed;
      clearTimeout(timer);
    }
    this.#set({ state: 'stopped', pid: null, start_time: null });
    await this.#log.close();
  }

  /** Kills at once, without waiting: for the last moment of the supervisor. */
  kill(): void {
    this.#isStopping = true;
    this.#standby?.kill();
    this.#killGroup();
  }

  #killGroup(): void {
    if (this.#child?.pid !== undefined) signalProcess(-this.#child.pid, 'SIGKILL');
  }

  #runProbe(probe: (signal: AbortSignal) => Promise<void>): void {
    const child = this.#child;
    this.#probe = new AbortController();
    probe(this.#probe.signal).then(
      () => child === this.#child && this.#becameReady(),
      () => {}, // ended with the process, whose exit is handled
    );
  }

  #becameReady(): void {
    if (this.#state.state === 'ready' || this.#isStopping) return;
    this.#unreadyExits = [];
    this.#set({ state: 'ready' });
    this.#standby?.prepare();
    for (const resolve of this.#readyWaiters.splice(0)) resolve();
  }

  #ended(code: number | null, signal: string | null): void {
    this.#probe.abort();
    this.#child = null;
    const before = this.#state;
    const line = this.#log.lastLine();
    const wasSteady = before.state === 'ready' && Date.now() - before.since > STEADY_MS;
    this.#set({ pid: null, start_time: null, state: 'restarting', last_exit: { at: Date.now(), code, signal, line } });
    if (this.#isStopping) return;
    if (before.state !== 'ready' && this.#isCrashLoop()) {
      this.#isStopping = true;
      this.#standby?.kill();
      this.#events.onCrashLoop(this.spec.name, line);
      return;
    }
    if (wasSteady) this.#backoffMs = FIRST_BACKOFF_MS;
    const how = signal === null ? `ended (exit ${code}: ${line})` : `was killed (${signal})`;
    this.#events.onTrouble(this.spec.name, 'warn', `${how}; it is started again`);
    this.#restartLater();
  }

  #isCrashLoop(): boolean {
    const now = Date.now();
    this.#unreadyExits = [...this.#unreadyExits.filter((at) => now - at < LOOP_WINDOW_MS), now];
    return this.#unreadyExits.length >= LOOP_EXITS;
  }

  #restartLater(): void {
    const waitMs = this.#standby?.isReady ? 0 : this.#backoffMs;
    this.#backoffMs = Math.min(LONGEST_BACKOFF_MS, this.#backoffMs * 2);
    setTimeout(() => {
      void this.#events.untilNeeds(this.spec).then(() => {
        if (this.#isStopping) return;
        this.#set({ restarts: this.#state.restarts + 1 });
        this.start();
      });
    }, waitMs);
  }

  #set(change: Partial<PartState>): void {
    const isNewState = change.state !== undefined && change.state !== this.#state.state;
    this.#state = { ...this.#state, ...change, since: isNewState ? Date.now() : this.#state.since };
    this.#events.onChange();
  }
}
