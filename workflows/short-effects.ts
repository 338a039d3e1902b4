/**
 * Effects that touch nothing outside and end at once are done inside of the workflow task, as local activities: an activity of
 * their own would cost two tasks each. All that are ready go together as one. Each result is in the ledger before anything that
 * needs it starts, so a worker that dies loses none of them: whoever repeats the task reads the ledger.
 */
import { proxyLocalActivities, sleep, type CancellationScope } from '@temporalio/workflow';
import type { ActivityApi, EffectInput, EffectResult, EventBatch } from '#contract/messages.ts';
import { NODE_KINDS } from '#contract/nodes/index.ts';
import type { KindSpec } from '#contract/nodes/kind.ts';
import { isInfrastructureFailure } from './failure.ts';
import type { RunPriority } from './run-priority.ts';
import type { TaskClock } from './task-clock.ts';

/** Messages to a run wait for the end of the task that is under way, so a task takes up no more work after this. */
const TASK_MS = 180;
/** What takes longer is no short effect. */
const BATCH_MS = 1000;
const BATCH_SIZE = 100;
/** Of a batch, so many are named in Temporal Web. */
const NAMED = 5;
/** Steps that a node takes from ready to here; those that got ready together come together. */
const GATHERING_STEPS = 20;
/**
 * No events travel with them: a task that is repeated may number other events in other order, and what was written under a
 * number stays. The journal's own writing is an activity, which starts only when its task has ended.
 */
const NO_EVENTS: EventBatch = { events: [], summary: null };

const OPTIONS = { startToCloseTimeout: BATCH_MS, scheduleToCloseTimeout: 2 * BATCH_MS, retry: { maximumAttempts: 1 } } as const;
const { shortEffects } = proxyLocalActivities<Pick<ActivityApi, 'shortEffects'>>(OPTIONS);

type ShortEffect = Omit<EffectInput, keyof EventBatch>;
type Waiting = { effect: ShortEffect; summary: string; done: (result: EffectResult | null) => void; fail: (error: unknown) => void };

function isShort(effect: ShortEffect): boolean {
  const spec = NODE_KINDS[effect.kind] as unknown as KindSpec<unknown>;
  return spec.effectMode?.(effect.with) === 'pure';
}

/**
 * The short effects of one run. Only one local activity is under way at a time: several that end together come back one by one
 * while the run is live and all at once when it is replayed, and what follows would then happen in another order.
 */
export class ShortEffects {
  readonly #isOn: boolean;
  readonly #graph: CancellationScope;
  readonly #clock: TaskClock;
  readonly #priority: Pick<RunPriority, 'share'>;
  #waiting: Waiting[] = [];
  #isWorking = false;
  #lastTask = -1;

  constructor(options: { isOn: boolean; graph: CancellationScope; clock: TaskClock; priority: Pick<RunPriority, 'share'> }) {
    this.#isOn = options.isOn;
    this.#graph = options.graph;
    this.#clock = options.clock;
    this.#priority = options.priority;
  }

  /**
   * Null when the effect has to be an activity of its own, because it is not short. Waits: for those before it and for itself.
   * Out: null when it has to be an activity all the same, because the store is away.
   */
  run(effect: ShortEffect, summary: string): Promise<EffectResult | null> | null {
    if (!this.#isOn || !isShort(effect)) return null;
    const result = new Promise<EffectResult | null>((done, fail) => this.#waiting.push({ effect, summary, done, fail }));
    if (!this.#isWorking) void this.#graph.run(() => this.#work());
    return result;
  }

  /** Whether the task that is under way did such effects and has no more of them to do: it ends now. */
  get areOver(): boolean {
    return !this.#isWorking && this.#waiting.length === 0 && this.#lastTask === this.#clock.task;
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    while (this.#waiting.length > 0) {
      for (let step = 0; step < GATHERING_STEPS; step++) await Promise.resolve();
      await this.#doTogether(this.#waiting.splice(0, BATCH_SIZE));
    }
    this.#isWorking = false;
  }

  async #doTogether(batch: Waiting[]): Promise<void> {
    try {
      // A task ends when the workflow waits for something else.
      while (this.#clock.elapsedMs >= TASK_MS) await sleep(1, { summary: 'lets messages to the run in' });
      const effects = batch.map(({ effect }) => ({ ...effect, ...NO_EVENTS }));
      const { share } = this.#priority;
      const input = { effects, ...(share === undefined ? {} : { share }) };
      const results = await shortEffects.executeWithOptions({ ...OPTIONS, summary: summaryOf(batch) }, [input]);
      this.#lastTask = this.#clock.task;
      for (const [index, { done }] of batch.entries()) done(results[index] ?? null);
    } catch (error) {
      const isAway = isInfrastructureFailure(error);
      for (const { done, fail } of batch) {
        if (isAway) done(null);
        else fail(error);
      }
    }
  }
}

/** What Temporal Web shows. */
function summaryOf(batch: readonly Waiting[]): string {
  const [first] = batch;
  if (first && batch.length === 1) return first.summary;
  const names = batch.slice(0, NAMED).map(({ effect }) => effect.node);
  return `${batch.length} short effects: ${names.join(', ')}${batch.length > NAMED ? ' …' : ''}`;
}
