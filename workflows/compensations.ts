import { isCancellation } from '@temporalio/workflow';
import type { JsonObject } from '#contract/json.ts';
import { compensationOf, type PlanNode } from '#contract/plan.ts';
import type { KeptUndo } from '#contract/segment.ts';
import { executeNode } from './node-execution.ts';
import type { Scope } from './scope.ts';

/** What can be undone, in the order in which it was done. */
export class Compensations {
  #done: { scope: Scope; undone: string; compensation: PlanNode }[] = [];
  #underWay = 0;

  /** A node is done that may say what undoes it. */
  add(scope: Scope, node: PlanNode): void {
    const compensation = compensationOf(node);
    if (compensation !== null) this.#done.push({ scope, undone: node.id, compensation });
  }

  get isUnderWay(): boolean {
    return this.#underWay > 0;
  }

  /** With what their expressions see, because the scopes may be gone when they are needed. */
  get kept(): KeptUndo[] {
    return this.#done.map(({ scope, undone, compensation }) => {
      const { inputs: _inputs, run: _run, ...context } = scope.context(compensation);
      return { prefix: scope.prefix, undone, compensation, context: context as JsonObject };
    });
  }

  restore(kept: readonly KeptUndo[], scopeOf: (undo: KeptUndo) => Scope): void {
    this.#done = kept.map((undo) => ({ scope: scopeOf(undo), undone: undo.undone, compensation: undo.compensation }));
  }

  /**
   * Undoes what was done in a scope and inside of it, the last first, each as a node of its own. One that fails is shown and stops no
   * other. Waits: for each. Throws: faults of the interpreter.
   */
  async undo(failed: Scope): Promise<void> {
    const inside = this.#done.filter(({ scope }) => scope.prefix.startsWith(failed.prefix));
    this.#done = this.#done.filter((item) => !inside.includes(item));
    this.#underWay++;
    for (const { scope, undone, compensation } of inside.toReversed()) await compensate(scope, undone, compensation);
    this.#underWay--;
  }
}

async function compensate(scope: Scope, undone: string, compensation: PlanNode): Promise<void> {
  const { journal } = scope.run;
  const id = scope.instanceId(compensation.id);
  const { kind } = compensation;
  journal.node(id, 'warn', `undoes ${scope.instanceId(undone)}`, { kind, status: 'ready', needs: [scope.instanceId(undone)] });
  try {
    await executeNode(scope, compensation, 1);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    journal.node(id, 'warn', 'cancelled', { kind, status: 'cancelled' });
  }
}
