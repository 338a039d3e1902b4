/** Every effect goes this way: permit → intent → act → result. */
import { setTimeout as delay } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { errorCode, errorMessage, GimoError } from '#contract/errors.ts';
import { runStreams } from '#contract/gics.ts';
import type { JsonObject } from '#contract/json.ts';
import type { EffectInput, EffectResult } from '#contract/messages.ts';
import { NODE_KINDS, type EffectKind } from '#contract/nodes/index.ts';
import type { EffectMode, KindSpec } from '#contract/nodes/kind.ts';
import type { WithOf } from '#contract/plan.ts';
import { failpoint } from '#platform/failpoints.ts';
import { redactJson } from '#platform/redact.ts';
import type { ActivityDeps } from '../deps.ts';
import { callFacts, costOf, isInfrastructure, toApplicationFailure, toErrorInfo } from '../failure.ts';
import { FREE, type EffectAct } from '../nodes/act.ts';
import { audit } from './audit.ts';
import { batchOps, evidenceOf, ledgerKey, refusedEntry, type Acted, type Begun, type Ledger, type LedgerEntry } from './ledger.ts';
import { OutputStream } from './output-stream.ts';
import { onApproval } from './on-approval.ts';
import type { Permit } from './permits.ts';

const HEARTBEAT_MS = 1000;
const WRITE_RETRY_MS = 250;

type UnderWay = { stop: AbortController; result: Promise<EffectResult> };

/** The activity of one effect kind. Failures of the node are values; only what Temporal should try again is thrown. */
export function effectActivity<K extends EffectKind>(
  deps: ActivityDeps,
  ledger: Ledger,
  kind: K,
  act: EffectAct<K>,
): (input: EffectInput) => Promise<EffectResult> {
  // After an outage Temporal tries again what still runs here: the second try waits for the first and never acts beside it.
  const underWay = new Map<string, UnderWay>();
  const start = (key: string, input: EffectInput): UnderWay => {
    const stop = new AbortController();
    const watches = [input.run_id, ...(input.ancestors ?? [])].map((id) => deps.stops.watch(id));
    const signal = AbortSignal.any([...watches.map((watch) => watch.signal), stop.signal]);
    const result = new Effect(deps, ledger, kind, act, input, signal).run().finally(() => {
      for (const watch of watches) watch.release();
      underWay.delete(key);
    });
    return { stop, result };
  };
  const watched = async (input: EffectInput, context: Context): Promise<EffectResult> => {
    const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
    const key = ledgerKey(input);
    const effect = underWay.get(key) ?? start(key, input);
    underWay.set(key, effect);
    context.cancellationSignal.addEventListener('abort', () => onCancel(context, effect.stop));
    try {
      return await effect.result;
    } finally {
      clearInterval(beat);
    }
  };
  return async (input) => {
    const context = Context.current();
    try {
      // A pure effect is over before it could be stopped or a heartbeat be due.
      const isPure = effectMode(kind, input) === 'pure';
      return await (isPure ? new Effect(deps, ledger, kind, act, input, context.cancellationSignal).run() : watched(input, context));
    } catch (error) {
      throw toApplicationFailure(error);
    }
  };
}

/** That Temporal has forgotten or timed out this try is no reason to stop: the effect goes on, its result is recorded. */
function onCancel({ cancellationDetails: why }: Context, stop: AbortController): void {
  if (why?.workerShutdown === true) stop.abort(new GimoError('WORKER_LOST', { message: 'The worker is shutting down.' }));
  else if (why?.cancelRequested === true) stop.abort(new Error('the node was cancelled'));
}

class Effect<K extends EffectKind> {
  readonly #deps: ActivityDeps;
  readonly #ledger: Ledger;
  readonly #kind: K;
  readonly #act: EffectAct<K>;
  readonly #input: EffectInput;
  readonly #signal: AbortSignal;

  constructor(deps: ActivityDeps, ledger: Ledger, kind: K, act: EffectAct<K>, input: EffectInput, signal: AbortSignal) {
    this.#deps = deps;
    this.#ledger = ledger;
    this.#kind = kind;
    this.#act = act;
    this.#input = input;
    this.#signal = signal;
  }

  async run(): Promise<EffectResult> {
    let start: { permit: Permit; begun: Begun; pure: Acted | null };
    try {
      start = await this.#begin();
    } catch (error) {
      if (isInfrastructure(error)) throw error;
      return this.#refused(error);
    }
    failpoint('effect.after-intent');
    const { begun, pure, permit } = start;
    if (begun.state === 'cancelled') return { outcome: 'stopped', processes_left: 0, ...FREE };
    if (begun.state === 'recorded') return begun.result;
    if (begun.state === 'crashed') return this.#crashed(begun);
    if (begun.state === 'lost') return this.#ledger.markLost(begun.key, begun.entry, this.#input.max_usd);
    return pure ? pure.result : this.#perform(begun, permit);
  }

  #begin(): Promise<{ permit: Permit; begun: Begun; pure: Acted | null }> {
    const mode = effectMode(this.#kind, this.#input);
    // What is acted on is what has to be covered: with every field that was left out.
    const covered = { ...this.#input, with: parseWith(this.#kind, this.#input) as JsonObject };
    return onApproval(this.#deps.permits, covered, async (permit) => {
      const pure = mode === 'pure' ? await this.#call(ledgerKey(this.#input), this.#ledger.newEntry(this.#input), permit).acted : null;
      return { permit, begun: await this.#ledger.begin(this.#input, permit, mode, pure), pure };
    });
  }

  #call(key: string, entry: LedgerEntry, permit: Permit): { acted: Promise<Acted>; output: OutputStream } {
    const { run_id, node, attempt, redo } = this.#input;
    const { approved, delegation, mayWrite } = permit;
    const parent = delegation && runStreams.output(delegation.parent_run_id, delegation.node);
    const output = new OutputStream(this.#deps.gics, { runId: run_id, node, attempt, redo, parent });
    const value = parseWith(this.#kind, this.#input);
    const call = { deps: this.#deps, input: this.#input, with: value, approved, mayWrite, key, entry, signal: this.#signal, output };
    return { acted: this.#guarded(() => this.#act(call)), output };
  }

  /** Nothing was done. The events that travelled along are written all the same, and the refusal is audited. */
  async #refused(error: unknown): Promise<EffectResult> {
    const { run_id, attempt } = this.#input;
    const info = toErrorInfo(error, attempt);
    await this.#deps.gics.txn([...batchOps(run_id, this.#input), refusedEntry({ ...this.#input, error: info })]);
    return { outcome: 'error', error: info, ...FREE };
  }

  /** Nobody knows what became of it; `why`: what this process saw of it, when it was not a crash. */
  async #crashed({ key, entry }: { key: string; entry: LedgerEntry }, why?: string): Promise<EffectResult> {
    await this.#untilWritten(async () => {
      await this.#ledger.markUnknown(key, entry, why);
      await this.#deps.gics.txn([audit('effect.unknown', key, {})]);
    });
    return { outcome: 'unknown', evidence: evidenceOf({ ...entry, why }) };
  }

  async #perform({ key, entry }: Extract<Begun, { state: 'act' }>, permit: Permit): Promise<EffectResult> {
    this.#ledger.touched(key);
    const { acted: acting, output } = this.#call(key, entry, permit);
    const acted = await acting.catch((error: unknown) => this.#crashed({ key, entry }, errorMessage(error)));
    if ('outcome' in acted) return acted;
    if (this.#isShuttingDown() && acted.result.outcome !== 'done')
      throw new GimoError('WORKER_LOST', { message: 'The worker is shutting down.' });
    failpoint('effect.before-result');
    await this.#untilWritten(async () => {
      await output.end();
      await this.#ledger.finish(key, entry, acted);
    });
    failpoint('effect.after-result');
    return acted.result;
  }

  async #guarded(act: () => Promise<Acted>): Promise<Acted> {
    try {
      return withoutSecrets(await act());
    } catch (error) {
      const info = toErrorInfo(error, this.#input.attempt);
      const costUsd = costOf(error);
      if (info.code === 'OUTCOME_UNKNOWN' && !this.#signal.aborted) throw new GimoError(info.code, { message: info.message });
      if (this.#signal.aborted)
        return { result: { outcome: 'stopped', processes_left: 0, cost_usd: costUsd, tokens: null }, facts: callFacts(error) };
      if (info.code === 'INTERNAL')
        this.#deps.log.error({ err: error, node: this.#input.node, run_id: this.#input.run_id }, 'an effect failed in an unforeseen way');
      return { result: { outcome: 'error', error: info, cost_usd: costUsd, tokens: costUsd === 0 ? 0 : null }, facts: callFacts(error) };
    }
  }

  #isShuttingDown(): boolean {
    return errorCode(this.#signal.reason) === 'WORKER_LOST';
  }

  /** The effect has happened: its result is kept until the store takes it. Ends early only with this process. */
  async #untilWritten(write: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        if (!isInfrastructure(error)) throw error;
        await delay(WRITE_RETRY_MS);
      }
    }
  }
}

/** An output is kept by Temporal and GICS, and goes to other nodes and to providers. */
function withoutSecrets(acted: Acted): Acted {
  const { result, isClean } = acted;
  return result.outcome === 'done' && isClean !== true ? { ...acted, result: { ...result, output: redactJson(result.output) } } : acted;
}

/** What references made of a node has to fit its kind like the plan did: no path that climbs out, no list too long. */
function parseWith<K extends EffectKind>(kind: K, input: EffectInput): WithOf<K> {
  const spec = NODE_KINDS[kind] as unknown as KindSpec<WithOf<K>>;
  const parsed = spec.with.safeParse(input.with);
  if (parsed.success) {
    const refused = spec.refusal?.(parsed.data, { drafted: input.drafted });
    if (refused) throw refused.error;
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  throw new GimoError('EXPRESSION_FAILED', {
    message: `The rendered node is not valid: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`,
  });
}

function effectMode(kind: EffectKind, input: EffectInput): EffectMode {
  const spec = NODE_KINDS[kind] as unknown as KindSpec<unknown>;
  return spec.effectMode?.(input.with) ?? 'at_most_once';
}
