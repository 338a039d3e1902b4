/**
 * The state of a run: of an ended one the frozen state, of a live one the fold of its events in GICS. Its workflow is asked only
 * for what no event holds: each question takes the worker away from its work, and one that meets the end of a short effect
 * gives the workflow another order of things than a replay has (see docs/adr/0041-states-from-events.md).
 */
import { isDelegated } from '#contract/delegation.ts';
import { errorMessage } from '#contract/errors.ts';
import { runStreams, type Gics } from '#contract/gics.ts';
import { graphPage, type GraphPage } from '#contract/graph-page.ts';
import type { Json } from '#contract/json.ts';
import { CLEAN, type Label } from '#contract/labels.ts';
import { RUN_QUERIES, type WorkerPresence } from '#contract/messages.ts';
import type { Approved, RunRecord } from '#contract/objects.ts';
import { applyEvent, initialRunState, isRunEnded, type RunEvent, type RunState } from '#contract/run-state.ts';
import type { Logger } from '#platform/log.ts';
import type { TemporalAccess } from '#platform/temporal.ts';

const QUERY_DEADLINE_MS = 1500;
/** After a query without an answer nobody waits for the next one so long. */
const PAUSE_MS = 2000;
const PRESENCE_MS = 10_000;
const KEPT_FOLDS = 50;
const KEPT_FINALS = 20;
const PAGE = 1000;

export type Final = { state: RunState; outputs: Record<string, Json>; labels?: Record<string, Label> };
/** `isStale`: no worker is there that would write what happens. */
export type KnownState = { state: RunState; isStale: boolean };
/** `labels`: of outputs that the run told of, null for what is trusted and public. Not in the state: whoever shows many nodes shows none of them. */
type Fold = { state: RunState; labels: Map<string, Label | null>; next: number; work: Promise<void> };
type Parts = { gics: Gics; temporal: TemporalAccess; log: Logger };

export class RunStates {
  readonly #parts: Parts;
  readonly #folds = new Map<string, Fold>();
  readonly #finals = new Map<string, Final>();
  #pausedUntil = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Waits: for GICS. */
  async of(record: RunRecord): Promise<KnownState> {
    const final = await this.final(record);
    if (final !== null) return { state: final.state, isStale: false };
    const state = await this.fold(record);
    return { state, isStale: !isRunEnded(record.status) && !(await this.#isWorkerAlive()) };
  }

  /** Nodes of a run from one on. Waits: for GICS. */
  async graph(record: RunRecord, from: number): Promise<GraphPage> {
    return graphPage((await this.final(record))?.state ?? (await this.fold(record)), from);
  }

  /** The frozen end of a run, null while it is not closed. */
  async final(record: RunRecord): Promise<Final | null> {
    const ref = record.final_ref;
    if (ref === null) return null;
    const kept = this.#finals.get(ref);
    if (kept !== undefined) return kept;
    const bytes = await this.#parts.gics.getBlob(ref);
    if (bytes === null) return null;
    const final = JSON.parse(Buffer.from(bytes).toString('utf8')) as Final;
    keep(this.#finals, ref, final, KEPT_FINALS);
    return final;
  }

  /** Outputs of nodes as the workflow holds them; null when it does not answer. */
  async liveOutputs(runId: string, nodes: string[]): Promise<Record<string, Json> | null> {
    return this.#query<Record<string, Json>>(runId, RUN_QUERIES.outputs, [nodes]);
  }

  /** Output of a node as the workflow holds it; undefined when it does not answer or holds none. */
  async liveOutput(runId: string, node: string): Promise<Json | undefined> {
    const output = await this.#query<Json>(runId, RUN_QUERIES.output, [node]);
    return output ?? undefined;
  }

  /** The state that the events in GICS give. Reads only what is new since the last time. */
  async fold(record: RunRecord): Promise<RunState> {
    return (await this.#folded(record)).state;
  }

  /** What the run said of an output when it came to be; undefined when it said nothing. */
  async liveLabel(record: RunRecord, node: string): Promise<Label | undefined> {
    const { labels } = await this.#folded(record);
    return labels.has(node) ? (labels.get(node) ?? CLEAN) : undefined;
  }

  async #folded(record: RunRecord): Promise<Fold> {
    const fold = this.#folds.get(record.id) ?? { state: await this.#initial(record), labels: new Map(), next: 1, work: Promise.resolve() };
    keep(this.#folds, record.id, fold, KEPT_FOLDS);
    fold.work = fold.work.then(() => this.#catchUp(fold, record.id));
    try {
      await fold.work;
    } catch (error) {
      this.#folds.delete(record.id);
      throw error;
    }
    return fold;
  }

  async #catchUp(fold: Fold, runId: string): Promise<void> {
    for (;;) {
      const entries = await this.#parts.gics.read<RunEvent>(runStreams.events(runId), { from: fold.next, limit: PAGE });
      for (const { data, offset } of entries) {
        applyEvent(fold.state, data);
        if (data.node !== null && data.change?.of === 'node' && data.change.label !== undefined)
          fold.labels.set(data.node, data.change.label);
        fold.next = offset + 1;
      }
      if (entries.length === 0) return;
    }
  }

  async #initial(record: RunRecord): Promise<RunState> {
    const approved = await this.#parts.gics.get<Approved>('approved', record.approved_id);
    return initialRunState(record.id, isDelegated(record) ? [] : (approved?.value.plan.nodes ?? []));
  }

  async #query<T>(runId: string, name: string, args: Json[]): Promise<T | null> {
    if (Date.now() < this.#pausedUntil || !(await this.#isWorkerAlive())) return null;
    const { client } = this.#parts.temporal;
    try {
      return await client.withDeadline(Date.now() + QUERY_DEADLINE_MS, () =>
        client.workflow.getHandle(runId).query<T, Json[]>(name, ...args),
      );
    } catch (error) {
      this.#parts.log.debug({ run_id: runId, query: name, reason: errorMessage(error) }, 'a run did not answer');
      if (!isNotFound(error)) this.#pausedUntil = Date.now() + PAUSE_MS;
      return null;
    }
  }

  async #isWorkerAlive(): Promise<boolean> {
    const record = await this.#parts.gics.get<WorkerPresence>('settings', 'worker');
    return record !== null && Date.now() - record.updated_at < PRESENCE_MS;
  }
}

/** The run is not at Temporal (yet, or any more): that says nothing about the next one. */
function isNotFound(error: unknown): boolean {
  return error instanceof Error && error.name === 'WorkflowNotFoundError';
}

/** Keeps the most recently used entries of a map. */
function keep<T>(map: Map<string, T>, key: string, value: T, limit: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > limit && oldest !== undefined) map.delete(oldest);
}
