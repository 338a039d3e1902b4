import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import type { EventBatch } from '#contract/messages.ts';
import {
  applyEvent,
  summaryOf,
  type LogLevel,
  type NodeChange,
  type RunChange,
  type RunEvent,
  type RunState,
  type RunSummary,
} from '#contract/run-state.ts';
import { bookkeeping } from './activities.ts';
import { saysNothingNew } from './known-change.ts';
import { TaskClock } from './task-clock.ts';

/** Events wait this long for an effect that takes them along, then an activity of their own writes them. */
const FLUSH_AFTER_MS = 250;
/** Events that travel with an effect which sits in a queue are written again after this; GICS drops repeats by `seq`. */
const REWRITE_AFTER_MS = 1000;
const FLUSH_AT_EVENTS = 200;
const SUMMARY_EVERY_MS = 250;

type Carried = { since: number; events: RunEvent[] };

/**
 * Numbers the events of one run, folds them into its state, and sees to it that each reaches GICS: most travel with the
 * next effect at no extra cost, the rest are flushed. History makes them durable until then.
 */
export class Journal {
  readonly clock = new TaskClock();
  /**
   * Whether events that were written again are done with. Runs that began before that was so look once a second for as long as the
   * effect takes that carries them, and their replay has to.
   */
  forgetsRewritten = false;
  /** Whether what a message changed is written at once: who sent it waits for that. Not so in runs that began before it was. */
  writesMessagesAtOnce = false;
  readonly #runId: string;
  readonly #state: RunState;
  #pending: RunEvent[] = [];
  #pendingSince = 0;
  #summaryAt = 0;
  #acknowledged: string[] = [];
  #expired: string[] = [];
  #carried = new Map<number, Carried>();
  #flushing: RunEvent[] = [];
  #isFlushing = false;
  /** Nodes that begin anew in this segment: what the log says of them already is not said again. */
  #resumed = new Set<string>();
  #nextCarrier = 1;
  #isAwaited = false;
  #isClosed = false;
  #isTaskOver: (() => boolean) | null = null;
  #writer: CancellationScope | null = null;

  constructor(runId: string, state: RunState) {
    this.#runId = runId;
    this.#state = state;
  }

  get state(): RunState {
    return this.#state;
  }

  /** In: whether nothing more will come from the task that is under way. What is there is then written with its end, without a timer. */
  writesWhen(isTaskOver: () => boolean): void {
    this.#isTaskOver = isTaskOver;
  }

  note(node: string | null, level: LogLevel, text: string): void {
    this.#emit(node, level, text, null);
  }

  run(level: LogLevel, text: string, change: Omit<RunChange, 'of'>): void {
    this.#emit(null, level, text, { of: 'run', ...change });
  }

  node(id: string, level: LogLevel, text: string, change: Omit<NodeChange, 'of'>): void {
    if (this.#resumed.size > 0 && this.#isKnown(id, change)) return;
    this.#emit(id, level, text, { of: 'node', ...change });
  }

  #isKnown(id: string, change: Omit<NodeChange, 'of'>): boolean {
    if (!this.#resumed.has(id)) return false;
    const node = this.#state.nodes[id];
    if (node && saysNothingNew(node, change)) return true;
    this.#resumed.delete(id);
    return false;
  }

  /** Goes on with the log of the segment before. In: its state, and the nodes that begin anew. */
  resume(state: RunState, nodes: Iterable<string>): void {
    Object.assign(this.#state, state);
    this.#resumed = new Set(nodes);
  }

  /** Whether all that happened is durable in GICS, acknowledgements too. */
  get isWritten(): boolean {
    return !this.#hasOwnWork && !this.#isFlushing && [...this.#carried.values()].every((carried) => carried.since > Date.now());
  }

  /** Another workflow goes on with the log. */
  handOn(): void {
    this.#isClosed = true;
    this.#writer?.cancel();
  }

  /**
   * Goes on with the numbers of a log that GICS already holds. In: its last number; 0 but when this run was started anew,
   * because Temporal lost it or could not go on with it. Called before anything was written.
   */
  startAfter(seq: number): void {
    if (seq === 0) return;
    for (const entry of [...this.#pending, ...this.#state.log]) entry.seq += seq;
    this.#state.seq += seq;
    this.note(null, 'warn', 'Temporal could not go on with this run: it was started anew, and what is in the ledger is not done again');
  }

  /** The message with this id has taken effect: its outbox row goes with the next flush. */
  acknowledge(id: string): void {
    this.#acknowledged.push(id);
    this.#pendingSince ||= Date.now();
    this.#isAwaited = this.writesMessagesAtOnce;
  }

  /** This gate can no longer be answered: its record says so after the next flush. */
  expire(gateId: string): void {
    this.#expired.push(gateId);
    this.#pendingSince ||= Date.now();
  }

  #emit(node: string | null, level: LogLevel, text: string, change: NodeChange | RunChange | null): void {
    // The time by which the worker's reconciler finds the task in the history that made the event.
    const at = new Date(this.clock.startedAt).toISOString();
    const event: RunEvent = { seq: this.#state.seq + 1, at, node, level, text, change };
    applyEvent(this.#state, event);
    if (this.#pending.length === 0) this.#pendingSince = Date.now();
    this.#pending.push(event);
  }

  /** Lists of runs may lag a little, so not every effect has to write the summary. */
  #take(): EventBatch {
    const events = this.#pending;
    this.#pending = [];
    const isDue = Date.now() - this.#summaryAt >= SUMMARY_EVERY_MS;
    return { events, summary: isDue ? this.#summary() : null };
  }

  #summary(): RunSummary {
    this.#summaryAt = Date.now();
    return summaryOf(this.#state);
  }

  /** The pending events for an activity that takes them along; they count as written once it has `arrived`. */
  load(): { batch: EventBatch; arrived: () => void } {
    const carrier = this.#nextCarrier++;
    const batch = this.#take();
    if (batch.events.length > 0) this.#carried.set(carrier, { since: Date.now(), events: batch.events });
    return { batch, arrived: () => void this.#carried.delete(carrier) };
  }

  /** The last events of a run travel with the closing activity. */
  close(): { events: RunEvent[]; summary: RunSummary } {
    this.#isClosed = true;
    this.#writer?.cancel();
    const late = [...this.#carried.values()].flatMap((carried) => carried.events);
    this.#carried.clear();
    return { events: [...late, ...this.#flushing, ...this.#take().events], summary: summaryOf(this.#state) };
  }

  /** What no effect takes along. */
  get #hasOwnWork(): boolean {
    return this.#pending.length > 0 || this.#acknowledged.length > 0 || this.#expired.length > 0;
  }

  get #hasWork(): boolean {
    return this.#hasOwnWork || this.#carried.size > 0;
  }

  #overdue(now: number): Map<number, Carried> {
    const late = [...this.#carried].filter(([, carried]) => now - carried.since >= REWRITE_AFTER_MS);
    for (const [, carried] of late) carried.since = now + 24 * 3_600_000;
    return new Map(late);
  }

  async #flush(isNow: boolean): Promise<void> {
    const now = Date.now();
    const isDue = isNow || now - this.#pendingSince >= FLUSH_AFTER_MS || this.#pending.length >= FLUSH_AT_EVENTS;
    const overdue = this.#overdue(now);
    const late = [...overdue.values()].flatMap((carried) => carried.events);
    const events = isDue ? [...late, ...this.#take().events] : late;
    const acknowledged = this.#acknowledged.splice(0);
    this.#isAwaited = false;
    const expired = this.#expired.splice(0);
    if (events.length + acknowledged.length + expired.length === 0) return;
    this.#flushing = events;
    this.#isFlushing = true;
    await bookkeeping.writeEvents({ run_id: this.#runId, events, summary: this.#summary(), acknowledged, expired });
    this.#isFlushing = false;
    this.#flushing = [];
    if (this.forgetsRewritten) for (const carrier of overdue.keys()) this.#carried.delete(carrier);
  }

  /** The writing loop; ends when the journal is closed. One timer at a time, none while there is nothing to write. */
  async keepWriting(): Promise<void> {
    try {
      // Made here, inside of what a cancel from Temporal does not reach: it has to write the end of the run.
      this.#writer = new CancellationScope();
      await this.#writer.run(async () => {
        while (!this.#isClosed) {
          await condition(() => this.#hasWork);
          const isOver = this.#isTaskOver;
          let isNow = false;
          if (this.#hasOwnWork || (await condition(() => this.#hasOwnWork, REWRITE_AFTER_MS))) {
            if (isOver === null && !this.writesMessagesAtOnce) await sleep(FLUSH_AFTER_MS, { summary: 'collects log entries' });
            else isNow = await condition(() => this.#hasOwnWork && (this.#isAwaited || isOver?.() === true), FLUSH_AFTER_MS);
          }
          await this.#flush(isNow);
        }
      });
    } catch (error) {
      if (!this.#isClosed || !isCancellation(error)) throw error;
    }
  }
}
