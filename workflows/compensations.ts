import { isCancellation } from '@temporalio/workflow';
import { compensationOf, type PlanNode } from '#contract/plan.ts';
import { executeNode } from './node-execution.ts';
import type { Scope } from './scope.ts';

/** What can be undone, in the order in which it was done. */
export class Compensations {
  #done: { scope: Scope; node: PlanNode }[] = [];

  /** A node is done that says what undoes it. */
  add(scope: Scope, node: PlanNode): void {
    this.#done.push({ scope, node });
  }

  /**
   * Undoes what was done in a scope and inside of it, the last first, each as a node of its own. One that fails is shown and stops no
   * other. Waits: for each. Throws: faults of the interpreter.
   */
  async undo(failed: Scope): Promise<void> {
    const inside = this.#done.filter(({ scope }) => scope.prefix.startsWith(failed.prefix));
    this.#done = this.#done.filter((item) => !inside.includes(item));
    for (const { scope, node } of inside.toReversed()) {
      const compensation = compensationOf(node);
      if (compensation !== null) await compensate(scope, node, compensation);
    }
  }
}

async function compensate(scope: Scope, undone: PlanNode, compensation: PlanNode): Promise<void> {
  const { journal } = scope.run;
  const id = scope.instanceId(compensation.id);
  const { kind } = compensation;
  journal.node(id, 'warn', `undoes ${scope.instanceId(undone.id)}`, { kind, status: 'ready', needs: [scope.instanceId(undone.id)] });
  try {
    await executeNode(scope, compensation, 1);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    journal.node(id, 'warn', 'cancelled', { kind, status: 'cancelled' });
  }
}
