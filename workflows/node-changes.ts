import type { NodeVerb } from '#contract/node-command.ts';
import type { NodeStatus } from '#contract/run-state.ts';
import { consequences, takeBack, type Live } from './reopen.ts';
import type { RunContext } from './run-context.ts';
import { nodeRefusal } from './steering-rules.ts';

/** A scope as far as a change of one of its nodes goes. */
type Parts = {
  run: RunContext;
  instanceId: (id: string) => string;
  live: ReadonlyMap<string, Live>;
  statuses: Map<string, NodeStatus>;
  /** Instance id of the node whose failure ends the scope, and the nodes that were left out because of it. */
  failed: string | null;
  afterFailure: Set<string>;
  /** So many nodes have not ended any more; `isHealed`: the failure of the scope is among them. */
  takenBack: (count: number, isHealed: boolean) => void;
  start: (live: Live, attempt: number) => void;
  settle: (live: Live, status: NodeStatus) => void;
};

/** What a person changes about nodes of one scope: another end for a failed one, or none for one that is left out. */
export class NodeChanges {
  readonly #scope: Parts;

  constructor(scope: Parts) {
    this.#scope = scope;
  }

  /** Why this may not be done to the node now; null when nothing stands against it. */
  refusal(verb: NodeVerb, live: Live): string | null {
    const { run, statuses } = this.#scope;
    const instance = this.#scope.instanceId(live.node.id);
    const ended = statuses.get(live.node.id) ?? null;
    const goneOn = ended === 'error' ? consequences(this.#nodes, this.#rootsOf(live)).begun : null;
    return nodeRefusal(verb, {
      kind: live.node.kind,
      ended,
      shown: run.shown(instance),
      hasTimer: run.steering.isWaiting(instance),
      goneOn,
    });
  }

  /** Does a failed node once more, or at once what waits for its next try. */
  retry(live: Live, by: string): void {
    const { run, statuses, start } = this.#scope;
    const { id, kind } = live.node;
    const instance = this.#scope.instanceId(id);
    if (!statuses.has(id)) {
      run.journal.note(instance, 'info', `${by} asked for the next try at once`);
      return run.steering.cutShort(instance);
    }
    const attempt = run.attemptsOf(instance) + 1;
    const again = this.#reopen(live);
    const change = { kind, status: 'ready', attempt, error: null, reason: null } as const;
    run.journal.node(instance, 'info', `${by} asked for attempt ${attempt}`, change);
    start(live, attempt);
    this.#startReady(again);
  }

  /** What needs it is skipped too, but for joins, which accept that. */
  leaveOut(live: Live, by: string, why: string): void {
    const { run, statuses, settle } = this.#scope;
    const { id, kind } = live.node;
    const again = statuses.has(id) ? this.#reopen(live) : new Set<string>();
    const reason = `left out by ${by}: ${why}`;
    live.turn++;
    live.isStarted = true;
    run.steering.leaveOut(this.#scope.instanceId(id));
    run.journal.node(this.#scope.instanceId(id), 'warn', reason, { kind, status: 'skipped', reason, skipped_by: by });
    settle(live, 'skipped');
    this.#startReady(again);
  }

  /** Takes back that a node failed, with everything that was skipped in consequence. Out: what was. */
  #reopen(live: Live): Set<string> {
    const { run, afterFailure, takenBack } = this.#scope;
    const { skipped } = consequences(this.#nodes, this.#rootsOf(live));
    const isHealed = this.#isFailureOfScope(live);
    if (isHealed) {
      for (const id of afterFailure) skipped.add(id);
      afterFailure.clear();
    }
    takeBack(this.#nodes, new Set([live.node.id, ...skipped]));
    takenBack(skipped.size + 1, isHealed);
    for (const id of skipped) {
      const kind = this.#scope.live.get(id)?.node.kind ?? live.node.kind;
      const text = `may run after all: ${live.node.id} gets another end`;
      run.journal.node(this.#scope.instanceId(id), 'info', text, { kind, status: 'pending', reason: null });
    }
    return skipped;
  }

  #isFailureOfScope(live: Live): boolean {
    return this.#scope.failed === this.#scope.instanceId(live.node.id);
  }

  /** Where the consequences of its failure begin: with it, and with what the end of the scope left out. */
  #rootsOf(live: Live): string[] {
    return this.#isFailureOfScope(live) ? [live.node.id, ...this.#scope.afterFailure] : [live.node.id];
  }

  #startReady(ids: ReadonlySet<string>): void {
    for (const id of ids) {
      const live = this.#scope.live.get(id);
      if (live?.waitingFor === 0) this.#scope.start(live, 1);
    }
  }

  get #nodes(): Parameters<typeof takeBack>[0] {
    const { run, instanceId, live, statuses } = this.#scope;
    return {
      live,
      statuses,
      hasBegun: (id) => !['pending', 'ready'].includes(run.shown(instanceId(id))),
      isLeftOut: (id) => run.steering.isLeftOut(instanceId(id)),
    };
  }
}
