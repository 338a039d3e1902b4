/** Stepping into a run that goes on: effects that a pause stops, waits that are cut short, nodes that are done again or left out. */
import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { NodeCommand } from '#contract/node-command.ts';
import type { RunSegment } from '#contract/segment.ts';
import type { Progress } from './progress.ts';
import type { Live } from './reopen.ts';
import type { Scope } from './scope.ts';

/** Thrown into whatever a node waits for when a person has left it out; its scope has settled it already. */
export class LeftOut extends Error {}

/** Why a command is not obeyed. */
export type Refusal = { code: 'NODE_STATE' | 'NOT_FOUND'; message: string };

/** Effects and waits run in cancellation scopes of their own, so that each can be stopped or cut short. */
export class Steering {
  readonly #progress: Progress;
  #effects = new Map<string, CancellationScope>();
  #stopped = new Set<string>();
  #cuts = new Map<string, () => void>();
  #leftOut = new Set<string>();
  #scopes = new Map<string, Scope>();

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  /** Scopes that have begun and not ended. */
  get scopes(): Iterable<Scope> {
    return this.#scopes.values();
  }

  get kept(): RunSegment['steering'] {
    return { left_out: [...this.#leftOut], stopped: [...this.#stopped] };
  }

  restore({ left_out, stopped }: RunSegment['steering']): void {
    this.#leftOut = new Set(left_out);
    this.#stopped = new Set(stopped);
  }

  /** A scope counts from its first node to its last end. */
  opened(scope: Scope): void {
    this.#scopes.set(scope.prefix, scope);
  }

  closed(scope: Scope): void {
    this.#scopes.delete(scope.prefix);
  }

  isLeftOut(id: string): boolean {
    return this.#leftOut.size > 0 && this.#leftOut.has(id);
  }

  /** From here on the node does nothing more; what it waits for ends at once. */
  leaveOut(id: string): void {
    this.#leftOut.add(id);
    this.#cuts.get(id)?.();
  }

  /** Throws: LeftOut. */
  check(id: string): void {
    if (this.#leftOut.has(id)) throw new LeftOut(`${id} was left out`);
  }

  isWaiting(id: string): boolean {
    return this.#cuts.has(id);
  }

  /** Ends the timer of a node before its time. */
  cutShort(id: string): void {
    this.#cuts.get(id)?.();
  }

  /** A timer of one node. Waits: `ms`, or what is left of them after a change of segments, or until it is cut short. Throws: LeftOut, cancellation. */
  async sleep(id: string, ms: number, summary: string): Promise<void> {
    const until = this.#progress.of(id)?.until_ms ?? Date.now() + ms;
    const left = Math.max(0, until - Date.now());
    this.#progress.note(id, { until_ms: until });
    const timer = new CancellationScope();
    const cut = new Promise<void>((resolve) => this.#cuts.set(id, resolve));
    try {
      await Promise.race([timer.run(() => sleep(left, { summary })), cut]);
    } finally {
      this.#cuts.delete(id);
      this.#progress.note(id, { until_ms: undefined });
      timer.cancel();
    }
    this.check(id);
  }

  /** Starts an effect so that a pause can stop it. Out: its result; null when a pause stopped it before it began. Throws: what it throws. */
  async start<T>(id: string, act: () => Promise<T>): Promise<T | null> {
    const scope = new CancellationScope();
    this.#effects.set(id, scope);
    this.#stopped.delete(id);
    try {
      return await scope.run(act);
    } catch (error) {
      if (isCancellation(error) && this.#stopped.has(id)) return null;
      throw error;
    } finally {
      this.#effects.delete(id);
    }
  }

  /** Whether a pause stopped the last effect of this node. */
  wasStopped(id: string): boolean {
    return this.#stopped.has(id);
  }

  /** Stops every effect that is under way. Out: how many. */
  stopEffects(): number {
    for (const [id, scope] of this.#effects) {
      this.#stopped.add(id);
      scope.cancel();
    }
    return this.#effects.size;
  }

  /** Null when the command may be obeyed. */
  refusal({ verb, node }: NodeCommand): Refusal | null {
    const { scope, live } = this.#find(node);
    if (!scope) return { code: 'NODE_STATE', message: `the part of the run that ${node} stands in has ended, or has not begun` };
    if (!live) return { code: 'NOT_FOUND', message: `the run has no node \`${node}\`` };
    const message = scope.changes.refusal(verb, live);
    return message === null ? null : { code: 'NODE_STATE', message };
  }

  /** Obeys a command that `refusal` accepts. */
  obey({ verb, node, by, reason }: NodeCommand): void {
    const { scope, live } = this.#find(node);
    if (!scope || !live) return;
    if (verb === 'retry') scope.changes.retry(live, by);
    else scope.changes.leaveOut(live, by, reason);
  }

  #find(instance: string): { scope: Scope | undefined; live: Live | undefined } {
    const { prefix, id } = placeOf(instance);
    const scope = this.#scopes.get(prefix);
    return { scope, live: scope?.liveNode(id) };
  }
}

/** `m[3].fix` is the node `fix` of the scope `m[3].` */
function placeOf(instance: string): { prefix: string; id: string } {
  const at = instance.lastIndexOf('.') + 1;
  return { prefix: instance.slice(0, at), id: instance.slice(at) };
}
