import { workflowInfo } from '@temporalio/workflow';

/**
 * When the workflow task that is under way started. `Date.now()` also goes on with each local activity that ends, by the clock
 * of the worker; this is the time that Temporal's history holds. Has to be asked before a local activity starts.
 */
export class TaskClock {
  #historyLength = -1;
  #startedAt = 0;

  /** Another number for each task of this run. */
  get task(): number {
    return workflowInfo().historyLength;
  }

  get startedAt(): number {
    const { task } = this;
    if (task !== this.#historyLength) {
      this.#historyLength = task;
      this.#startedAt = Date.now();
    }
    return this.#startedAt;
  }

  get elapsedMs(): number {
    return Date.now() - this.startedAt;
  }
}
