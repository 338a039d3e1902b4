import type { Priority as TemporalPriority } from '@temporalio/common';
import { PRIORITY_WEIGHTS, type Priority, type RunShare } from '#contract/priority.ts';
import type { LoadedRun, RunInput } from '#contract/messages.ts';

type Approved = Extract<LoadedRun, { ok: true }>;

/** The share of a run among all that have work: at the queues of Temporal, and among short effects inside of the worker. */
export class RunPriority {
  readonly #key: string;
  /** Undefined in runs that began before there were shares. */
  level: Priority | undefined;

  constructor({ run_id }: RunInput, { priority, delegation }: Approved) {
    // Whoever delegates much does not get more for it.
    this.#key = delegation?.ancestors.at(-1) ?? run_id;
    this.level = priority;
  }

  get share(): RunShare | undefined {
    return this.level === undefined ? undefined : { key: this.#key, weight: PRIORITY_WEIGHTS[this.level] };
  }

  /** Of the activities of its effects. */
  get forTemporal(): TemporalPriority | undefined {
    const { share } = this;
    return share && { fairnessKey: share.key, fairnessWeight: share.weight };
  }
}
