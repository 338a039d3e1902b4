/**
 * The effect ledger: intent, act, result. Its key is run, node, the interpreter's attempt and how often a person asked for
 * it anew, never Temporal's own attempt, so that a retry of the activity finds what the one before it did.
 */
import { hashOf } from '#contract/canonical.ts';
import { errorCode, GimoError } from '#contract/errors.ts';
import { COST_STREAM, runStreams, type Gics, type GicsOp } from '#contract/gics.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import { outputLabel } from '#contract/label-reads.ts';
import type { Label } from '#contract/labels.ts';
import type { EffectInput, EffectResult, EventBatch } from '#contract/messages.ts';
import type { EffectMode } from '#contract/nodes/kind.ts';
import type { ErrorInfo } from '#contract/run-state.ts';
import { redactJson } from '#platform/redact.ts';
import { audit } from './audit.ts';
import type { VerifiedApproval } from './permits.ts';

export type LedgerState = 'intent' | 'lost' | 'done' | 'error' | 'stopped' | 'unknown';

export type LedgerEntry = {
  run_id: string;
  node: string;
  kind: string;
  attempt: number;
  redo: number;
  input_hash: string;
  state: LedgerState;
  worker: string;
  started_at: string;
  finished_at: string | null;
  with: JsonObject;
  /** Of its output; absent in runs that have no labels. */
  label?: Label | undefined;
  output: Json;
  output_ref: string | null;
  error: ErrorInfo | null;
  provider: string | null;
  model: string | null;
  usage: Json;
  cost_usd: number | null;
  tokens: number | null;
  processes_left: number;
  /** Of an unknown outcome that no crash left. */
  why?: string | undefined;
};

/** What a kind adds to its result for the record: who answered, what it used. */
export type EffectFacts = { provider?: string; model?: string; usage?: Json; output_ref?: string };

/** What an effect came to. */
export type Acted = {
  result: Exclude<EffectResult, { outcome: 'unknown' | 'lost' }>;
  facts: EffectFacts;
  /** Secrets were masked in the output where it came in. */
  isClean?: true;
};

export type Begun =
  | { state: 'act'; key: string; entry: LedgerEntry }
  | { state: 'recorded'; result: EffectResult }
  | { state: 'crashed'; key: string; entry: LedgerEntry }
  | { state: 'lost'; key: string; entry: LedgerEntry }
  | { state: 'cancelled' };

export function ledgerKey(input: Pick<EffectInput, 'run_id' | 'node' | 'attempt' | 'redo'>): string {
  return `${input.run_id}/${input.node}/${input.attempt}/${input.redo}`;
}

/** Events and the summary of a run as steps of a transaction, without secrets; both are safe to repeat. */
export function batchOps(runId: string, { events, summary }: EventBatch): GicsOp[] {
  const ops: GicsOp[] = [];
  if (events.length > 0) {
    const items = events.map((event) => ({ key: String(event.seq), data: redactJson(event as unknown as Json) }));
    ops.push({ op: 'append', stream: runStreams.events(runId), items });
  }
  if (summary !== null) {
    const set = summary as unknown as JsonObject;
    ops.push({ op: 'patch', collection: 'runs', id: runId, set, below: { field: 'seq', value: summary.seq } });
  }
  return ops;
}

export class Ledger {
  readonly #gics: Gics;
  readonly #workerId: string;
  /** Entries that this process wrote an intent for and has not acted on yet: a retry may go on with them. */
  #untouched = new Set<string>();

  constructor(gics: Gics, workerId: string) {
    this.#gics = gics;
    this.#workerId = workerId;
  }

  /**
   * Writes the intent, in one transaction with: the approval is still what was verified, the run was not cancelled and has not ended.
   * A pure effect has acted already and has its result written in the same instant.
   * Out: act, or what an earlier try left. Throws: CONFLICT when the approval changed, RUN_NOT_ACTIVE, GICS_UNAVAILABLE.
   */
  async begin(input: EffectInput, permit: Pick<VerifiedApproval, 'checks'>, mode: EffectMode, pure: Acted | null): Promise<Begun> {
    const key = ledgerKey(input);
    const intent = this.newEntry(input);
    const entry = pure === null ? intent : finished(intent, pure);
    // What stops a run stops those that it delegated.
    const runs = [input.run_id, ...(input.ancestors ?? [])];
    if (mode === 'at_most_once' || input.max_usd !== null) this.#untouched.add(key);
    try {
      await this.#gics.txn([
        ...runs.map((id): GicsOp => ({ op: 'check', collection: 'cancels', id, rev: 0 })),
        { op: 'check', collection: 'ended', id: input.run_id, rev: 0 },
        ...permit.checks,
        { op: 'put', collection: 'ledger', id: key, value: entry, rev: 0 },
        ...batchOps(input.run_id, input),
      ]);
      return { state: 'act', key, entry };
    } catch (error) {
      if (errorCode(error) !== 'GICS_CONFLICT') throw error;
      const index = error instanceof GimoError ? error.data['index'] : null;
      if (index === runs.length)
        throw new GimoError('RUN_NOT_ACTIVE', { message: 'The run has ended, so nothing of it is done any more.', cause: error });
      if (typeof index === 'number' && index > runs.length && index <= runs.length + permit.checks.length)
        throw new GimoError('CONFLICT', { message: 'The approval changed.', cause: error });
      // The events that travelled along happened all the same.
      const events = batchOps(input.run_id, input);
      if (events.length > 0) await this.#gics.txn(events);
      return typeof index === 'number' && index < runs.length ? { state: 'cancelled' } : this.#existing(key, input, mode);
    }
  }

  newEntry(input: EffectInput): LedgerEntry {
    return {
      run_id: input.run_id,
      node: input.node,
      kind: input.kind,
      attempt: input.attempt,
      redo: input.redo,
      input_hash: hashOf('gimo.effect.v1', input.with),
      state: 'intent',
      worker: this.#workerId,
      started_at: new Date().toISOString(),
      finished_at: null,
      with: input.with,
      ...(input.labels === undefined ? {} : { label: outputLabel(input, input.node, input.labels.all) }),
      output: null,
      output_ref: null,
      error: null,
      provider: null,
      model: null,
      usage: null,
      cost_usd: null,
      tokens: null,
      processes_left: 0,
    };
  }

  async #existing(key: string, input: EffectInput, mode: EffectMode): Promise<Begun> {
    const record = await this.#gics.get<LedgerEntry>('ledger', key);
    if (!record) throw new GimoError('WORKER_LOST', { message: 'The ledger entry vanished while it was read.' });
    const entry = record.value;
    if (entry.input_hash !== hashOf('gimo.effect.v1', input.with)) {
      throw new GimoError('APPROVAL_INVALID', { message: 'The ledger holds this effect with another input.' });
    }
    if (entry.state !== 'intent') return { state: 'recorded', result: recordedResult(entry) };
    if (entry.worker === this.#workerId && this.#untouched.has(key)) return { state: 'act', key, entry };
    if (mode === 'at_most_once') return { state: 'crashed', key, entry };
    // What an earlier try took of its reservation is not known, so there may be nothing left of it.
    return { state: input.max_usd === null ? 'act' : 'lost', key, entry };
  }

  /** From here on the effect may have happened. */
  touched(key: string): void {
    this.#untouched.delete(key);
  }

  /** Writes the result with everything that belongs to it, in one transaction. Throws: GICS_UNAVAILABLE. */
  async finish(key: string, entry: LedgerEntry, acted: Acted): Promise<void> {
    const value = finished(entry, acted);
    const ops: GicsOp[] = [
      { op: 'put', collection: 'ledger', id: key, value },
      { op: 'delete', collection: 'processes', id: key },
    ];
    if (acted.facts.provider !== undefined) ops.push({ op: 'append', stream: COST_STREAM, items: [{ key, data: costEntry(value) }] });
    // That it lay outside of what was approved was only seen when it was worked out.
    if (value.error?.code === 'OUTSIDE_ENVELOPE') ops.push(refusedEntry(value, key));
    await this.#gics.txn(ops);
  }

  /** The crash of a call that is paid for: what it cost is not known, except where nothing is ever paid. */
  async markLost(key: string, entry: LedgerEntry, maxUsd: number | null): Promise<EffectResult> {
    const cost_usd = maxUsd === 0 ? 0 : null;
    const { provider: named } = entry.with;
    const provider = typeof named === 'string' ? named : '';
    const value: LedgerEntry = { ...entry, state: 'lost', finished_at: new Date().toISOString(), provider, cost_usd };
    await this.#gics.txn([
      { op: 'put', collection: 'ledger', id: key, value },
      { op: 'append', stream: COST_STREAM, items: [{ key, data: costEntry(value) }] },
    ]);
    return recordedResult(value);
  }

  async markUnknown(key: string, entry: LedgerEntry, why: string | undefined): Promise<void> {
    const value = { ...entry, state: 'unknown', finished_at: new Date().toISOString(), ...(why === undefined ? {} : { why }) };
    await this.#gics.txn([{ op: 'put', collection: 'ledger', id: key, value }]);
  }
}

function finished(entry: LedgerEntry, { result, facts }: Acted): LedgerEntry {
  return {
    ...entry,
    state: result.outcome,
    finished_at: new Date().toISOString(),
    output: result.outcome === 'done' ? result.output : null,
    output_ref: facts.output_ref ?? null,
    error: result.outcome === 'error' ? result.error : null,
    provider: facts.provider ?? null,
    model: facts.model ?? null,
    usage: facts.usage ?? null,
    cost_usd: result.cost_usd,
    tokens: result.tokens,
    processes_left: result.outcome === 'stopped' ? result.processes_left : 0,
  };
}

export function refusedEntry({ run_id, node, kind, error }: Pick<LedgerEntry, 'run_id' | 'node' | 'kind' | 'error'>, key?: string): GicsOp {
  return audit('effect.refused', `${run_id}/${node}`, { kind, code: error?.code ?? '', message: error?.message ?? '' }, key);
}

function costEntry(entry: LedgerEntry): Json {
  const { run_id, node, attempt, provider, model, usage, cost_usd, tokens, finished_at } = entry;
  return { run_id, node, attempt, provider, model, usage, cost_usd, tokens, at: finished_at };
}

function recordedResult(entry: LedgerEntry): EffectResult {
  const spent = { cost_usd: entry.cost_usd, tokens: entry.tokens };
  if (entry.state === 'lost') return { outcome: 'lost', ...spent };
  if (entry.state === 'done') return { outcome: 'done', output: entry.output, ...spent };
  if (entry.state === 'stopped') return { outcome: 'stopped', processes_left: entry.processes_left, ...spent };
  if (entry.state === 'error' && entry.error) return { outcome: 'error', error: entry.error, ...spent };
  return { outcome: 'unknown', evidence: evidenceOf(entry) };
}

/** What a person needs to judge an effect whose outcome a crash left open. */
export function evidenceOf(entry: LedgerEntry): Json {
  const { kind, attempt, started_at, worker, why } = entry;
  return { kind, attempt, started_at, worker, with: entry.with, ...(why === undefined ? {} : { why }) };
}
