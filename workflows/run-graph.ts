import { CancellationScope, condition, makeContinueAsNewFunc, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { errorMessage } from '#contract/errors.ts';
import type { Json } from '#contract/json.ts';
import { SEARCH_ATTRIBUTES, type LoadedRun, type RunInput, type SegmentRef, type StoppedNode } from '#contract/messages.ts';
import type { RunSegment } from '#contract/segment.ts';
import type { PlanNode } from '#contract/plan.ts';
import { plural } from '#contract/plural.ts';
import { workflowTaskMs } from '#contract/segment-size.ts';
import { initialRunState, type ErrorInfo, type NodeState, type RunStatus } from '#contract/run-state.ts';
import { bookkeeping, closing } from './activities.ts';
import { admittedAtOnce, load } from './beginning.ts';
import { Controls } from './controls.ts';
import { errorInfo } from './failure.ts';
import { Gates } from './gates.ts';
import { guestsGone } from './guests.ts';
import { handOn, type SegmentLimits } from './hand-on.ts';
import { Journal } from './journal.ts';
import { RunContext } from './run-context.ts';
import { Scope } from './scope.ts';
import { takeUp } from './segment.ts';

/** A run in the queue asks again after this, should the signal that wakes it be lost. */
const ADMISSION_POLL_MS = 10_000;
/** Steps from the start of a node to the innermost one that it holds. */
const TAKING_UP_STEPS = 200;
const nothing = (): null => null;

export type RunResult = { run_id: string; status: RunStatus; error: ErrorInfo | null };
/** `next`: the run goes on in another workflow. */
type RunEnd = RunResult | { next: SegmentRef; taskMs: number | null };

/**
 * One run of an approved artifact. It trusts nobody who started it: the first step verifies the approval.
 * The workflow is the writer of the run's state; effects are activities behind the ledger.
 */
export async function runGraph(input: RunInput): Promise<RunResult> {
  const end = await execute(input);
  if (!('next' in end)) return end;
  const goOn = makeContinueAsNewFunc<typeof runGraph>(end.taskMs === null ? {} : { workflowTaskTimeout: end.taskMs });
  return goOn({ ...input, segment: end.next });
}

async function execute(input: RunInput): Promise<RunEnd> {
  const graph = new CancellationScope();
  const journal = new Journal(input.run_id, initialRunState(input.run_id, []));
  const controls = new Controls(journal, () => stop(controls, graph), input.segment !== undefined);
  controls.register();
  watchNativeCancel(controls);
  return CancellationScope.nonCancellable(() => new Run(input, graph, journal, controls).execute());
}

function stop(controls: Controls, graph: CancellationScope): void {
  if (controls.context) controls.context.halt('the run was cancelled');
  else graph.cancel();
}

/** Temporal's own Cancel is our cancel. It does not say who sent it: whoever delegated a run stops it in this way. */
function watchNativeCancel(controls: Controls): void {
  void CancellationScope.current().cancelRequested.catch(() => {
    const isDelegated = controls.context?.approved.delegation !== undefined;
    const by = isDelegated ? 'the run that delegated it or a Temporal client' : 'a Temporal client';
    controls.cancelNatively({ command_id: 'temporal-cancel', by, at: new Date().toISOString() });
  });
}

class Run {
  readonly #input: RunInput;
  readonly #graph: CancellationScope;
  readonly #journal: Journal;
  readonly #controls: Controls;
  #stopped: StoppedNode[] = [];

  constructor(input: RunInput, graph: CancellationScope, journal: Journal, controls: Controls) {
    this.#input = input;
    this.#graph = graph;
    this.#journal = journal;
    this.#controls = controls;
  }

  async execute(): Promise<RunEnd> {
    this.#journal.clock.look();
    const loaded = await load(this.#input);
    if (loaded.ok && !loaded.resumed) this.#journal.startAfter(loaded.last_seq);
    this.#journal.forgetsRewritten = loaded.ok && loaded.segment_events !== undefined;
    this.#journal.writesMessagesAtOnce = loaded.ok && loaded.writes_messages_at_once === true;
    const writing = this.#journal.keepWriting();
    const end = loaded.ok ? await this.#runApproved(loaded) : await this.#close('error', loaded.error, {}, null);
    await writing;
    return end;
  }

  async #runApproved(approved: Extract<LoadedRun, { ok: true }>): Promise<RunEnd> {
    if (approved.resumed) return this.#runScope(this.#contextOf(approved));
    const { nodes } = approved.plan;
    const isDelegated = approved.delegation !== undefined;
    Object.assign(this.#journal.state, initialRunState(this.#input.run_id, isDelegated ? [] : nodes), {
      seq: this.#journal.state.seq,
      log: this.#journal.state.log,
    });
    setCurrentDetails(`**${approved.plan.title}**\n\n${plural(nodes.length, 'node')}. Waits for a place among the running ones.`);
    // What its parent has a place for needs none of its own: a parent that waits for it would wait for ever.
    if (!isDelegated && !(await this.#admitted())) return this.#close('cancelled', null, {}, null);
    const context = this.#contextOf(approved);
    this.#controls.context = context;
    this.#journal.run('info', `started: ${approved.plan.title}`, { status: 'running' });
    if (isDelegated) this.#namePlanned(nodes);
    this.#show('running', approved.plan.title);
    return this.#runScope(context);
  }

  #contextOf(approved: Extract<LoadedRun, { ok: true }>): RunContext {
    const gates = new Gates(this.#input.run_id, approved, this.#journal);
    const context = new RunContext({ input: this.#input, approved, journal: this.#journal, gates, graph: this.#graph });
    context.priority.level = this.#controls.priority ?? context.priority.level;
    context.onStoppedAbove = () =>
      this.#controls.cancel({ command_id: 'stopped-above', by: 'the run that delegated it', at: new Date().toISOString() });
    return context;
  }

  /** Who folds the events of a delegated run does not know its plan. */
  #namePlanned(nodes: PlanNode[]): void {
    for (const { id, kind, needs } of nodes) this.#journal.node(id, 'info', 'planned', { kind, status: 'pending', needs });
  }

  async #admitted(): Promise<boolean> {
    let isFirst = true;
    for (;;) {
      if (this.#controls.cancelled) return false;
      this.#controls.isAdmitted = false;
      if (await this.#askForPlace(isFirst)) return this.#controls.cancelled === null;
      isFirst = false;
      this.#journal.note(null, 'info', 'waits for a place: as many runs as allowed are under way, or the instance is being drained');
      await condition(() => this.#controls.isAdmitted || this.#controls.cancelled !== null, ADMISSION_POLL_MS);
    }
  }

  async #askForPlace(isFirst: boolean): Promise<boolean> {
    const atOnce = isFirst ? await admittedAtOnce(this.#input) : null;
    if (atOnce !== null) return atOnce;
    const cargo = this.#journal.load();
    const { admitted } = await bookkeeping.admitRun({ ...cargo.batch, ...this.#input });
    cargo.arrived();
    return admitted;
  }

  async #runScope(context: RunContext): Promise<RunEnd> {
    const { resumed } = context.approved;
    if (resumed) takeUp(resumed, context);
    const scope = new Scope(context, context.approved.plan.nodes, { prefix: '', outer: null, variables: {} });
    this.#rememberStopped(context);
    let error: ErrorInfo | null = null;
    try {
      const ended = this.#graph.run(() => scope.execute());
      if (resumed) await this.#goOn(context, resumed);
      const { segment_events: maxEvents, segment_entries: maxEntries = Infinity } = context.approved;
      // Runs that began before there were segments go on in one workflow, in the order that they have always had.
      const next = maxEvents === undefined ? null : await this.#handedOn(context, ended, { maxEvents, maxEntries });
      if (next !== null) return { next, taskMs: maxEntries === Infinity ? null : workflowTaskMs(this.#journal.state.seq) };
      const failure = await ended;
      if (context.guests.size > 0) await guestsGone(context);
      context.isEnding = true;
      if (failure?.undoes === true && !this.#controls.cancelled) await context.compensations.undo(scope);
      error = failure === null ? null : { ...failure.error, message: `${failure.node}: ${failure.error.message}` };
    } catch (fault) {
      context.halt('the run failed');
      error = errorInfo('INTERNAL', errorMessage(fault), 1);
    }
    if (this.#controls.cancelled) return this.#close('cancelled', null, {}, context);
    if (error) return this.#close('error', error, {}, context);
    return this.#finish(context, scope);
  }

  /** The nodes of the segment before are taken up, then the messages that came meanwhile are judged. */
  async #goOn(context: RunContext, { seen }: RunSegment): Promise<void> {
    this.#controls.context = context;
    for (let step = 0; step < TAKING_UP_STEPS; step++) await Promise.resolve();
    this.#controls.goOn(seen);
    this.#show('running', context.approved.plan.title);
  }

  /** Out: what the next segment begins with, null when the run ends in this one. */
  async #handedOn(context: RunContext, ended: Promise<unknown>, limits: SegmentLimits): Promise<SegmentRef | null> {
    let isOver = false;
    const isEnding = (): boolean => isOver || context.halted !== null;
    const next = handOn({ run: context, controls: this.#controls, ...limits, isOver: isEnding });
    const first = await Promise.race([ended.then(nothing, nothing), next]);
    isOver = true;
    if (first !== null) this.#journal.handOn();
    return first;
  }

  /** What is under way in the instant of the stop is what the receipt has to account for. */
  #rememberStopped(context: RunContext): void {
    context.onHalt = () => {
      const isOpen = ({ kind, status }: NodeState): boolean =>
        status === 'waiting' || status === 'unknown' || (kind === 'delegate' && status === 'running');
      const waiting = Object.values(this.#journal.state.nodes).filter(isOpen);
      this.#stopped = [
        ...context.running.values(),
        ...waiting.map((node) => ({ id: node.id, was: node.status, attempt: node.attempt_count, redo: 0, is_effect: false })),
      ];
    };
  }

  #finish(context: RunContext, scope: Scope): Promise<RunResult> {
    const outputs: Record<string, Json> = {};
    try {
      for (const [name, source] of Object.entries(context.approved.plan.outputs)) outputs[name] = scope.evaluate(source);
    } catch (fault) {
      return this.#close('error', errorInfo('EXPRESSION_FAILED', errorMessage(fault), 1), {}, context);
    }
    return this.#close('done', null, outputs, context);
  }

  async #close(status: RunStatus, error: ErrorInfo | null, outputs: Record<string, Json>, context: RunContext | null): Promise<RunResult> {
    const text = status === 'error' && error ? `ended with an error: ${error.message}` : status === 'done' ? 'done' : 'cancelled';
    this.#journal.run(status === 'done' ? 'info' : 'warn', text, { status, error, paused: false });
    this.#show(status, text);
    const batch = this.#journal.close();
    await closing.closeRun({
      ...batch,
      ...this.#input,
      status,
      outputs,
      node_outputs: Object.fromEntries(context?.outputs ?? []),
      ...(context?.labels.isOn ? { node_labels: context.labels.kept } : {}),
      state: this.#journal.state,
      had_effect: context?.hadEffect ?? false,
      cancel: this.#controls.cancelled ? { command: this.#controls.cancelled, nodes: this.#stopped } : null,
    });
    return { run_id: this.#input.run_id, status, error };
  }

  #show(status: RunStatus, text: string): void {
    upsertSearchAttributes({ [SEARCH_ATTRIBUTES.status]: [status] });
    setCurrentDetails(text);
  }
}
