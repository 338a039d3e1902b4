import { workflowInfo } from '@temporalio/workflow';

/**
 * When the workflow task that is under way started. `Date.now()` also goes on with each local activity that ends, by the clock
 * of the worker; this is the time that Temporal's history holds.
 */
export class TaskClock {
  #historyLength = -1;
  #startedAt = 0;

  /** Another number for each task of this run. */
  get task(): number {
    return workflowInfo().historyLength;
  }

  /** To be called in a task before its first local activity. */
  look(): void {
    const { task } = this;
    if (task === this.#historyLength) return;
    this.#historyLength = task;
    this.#startedAt = Date.now();
  }

  get startedAt(): number {
    this.look();
    return this.#startedAt;
  }

  get elapsedMs(): number {
    return Date.now() - this.startedAt;
  }
}
