/** Messages to a run: each is an update with a validator and a signal of the same name; one handler serves both. */
import { ApplicationFailure, defineQuery, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import { DecisionSchema, type Decision } from '#contract/decision.ts';
import { DelegateCommandSchema, verifyDelegateCommand, type DelegateCommand } from '#contract/delegation.ts';
import type { ErrorCode } from '#contract/errors.ts';
import { graphPage, type GraphPage } from '#contract/graph-page.ts';
import type { Json } from '#contract/json.ts';
import { ADMIT_SIGNAL, RUN_QUERIES, type CommandName, type RunCommand, type RunMessage } from '#contract/messages.ts';
import { NODE_VERBS, NodeCommandSchema, verifyNodeCommand, type NodeCommand, type NodeVerb } from '#contract/node-command.ts';
import { PRIORITIES, type Priority } from '#contract/priority.ts';
import type { LogEntry, RunState } from '#contract/run-state.ts';
import { addGuest, guestRefusal } from './guests.ts';
import type { Journal } from './journal.ts';
import type { RunContext } from './run-context.ts';

type Refusal = { code: ErrorCode; message: string };

/** What has been asked of a run so far; lives before the run is loaded. */
export class Controls {
  readonly journal: Journal;
  /** Set once the approval has been verified. */
  context: RunContext | null = null;
  cancelled: RunCommand | null = null;
  isAdmitted = false;
  priority: Priority | undefined;
  /** How many messages came in this segment. */
  count = 0;
  #seen = new Set<string>();
  #onCancel: () => void;
  /** Messages that came before a run that goes on in this workflow was there; null once it is, and in a run that begins. */
  #early: (() => void)[] | null;

  constructor(journal: Journal, onCancel: () => void, isGoingOn: boolean) {
    this.#early = isGoingOn ? [] : null;
    this.journal = journal;
    this.#onCancel = onCancel;
  }

  register(): void {
    for (const name of ['approve', 'reject'] as const) this.#decisions(name);
    for (const name of ['cancel', 'pause', 'resume', 'priority'] as const) this.#commands(name);
    for (const verb of NODE_VERBS) this.#nodeCommands(verb);
    this.#delegations();
    setHandler(defineSignal(ADMIT_SIGNAL), () => void (this.isAdmitted = true));
    this.#queries();
  }

  get seen(): string[] {
    return [...this.#seen];
  }

  /** The run is there again, so that what came meanwhile can be judged. In: the messages that were obeyed before. */
  goOn(seen: readonly string[]): void {
    for (const id of seen) this.#seen.add(id);
    const early = this.#early ?? [];
    this.#early = null;
    for (const act of early) act();
  }

  #whenReady(act: () => void): void {
    this.count++;
    if (this.#early === null) act();
    else this.#early.push(act);
  }

  #refuses(name: RunMessage, payload: unknown): string | null {
    const parsed = DecisionSchema.safeParse(payload);
    if (!parsed.success) return 'it is not a signed decision';
    if (parsed.data.verdict !== name) return `its verdict is not ${name}`;
    if (this.#early !== null) return null;
    return this.context === null ? 'the run has not started yet' : this.context.gates.refusal(parsed.data);
  }

  #decisions(name: 'approve' | 'reject'): void {
    const validator = (decision: Decision): void => {
      const refusal = this.#refuses(name, decision);
      if (refusal !== null) throw ApplicationFailure.nonRetryable(refusal, 'APPROVAL_INVALID');
    };
    // What cannot be answered any more is written into the log of the run when it is refused.
    const handle = (decision: Decision): void =>
      this.#whenReady(() => {
        const refusal = this.#refuses(name, decision);
        if (refusal === null) this.context?.gates.decide(decision);
        else this.journal.note(null, 'warn', `ignored a signal \`${name}\`: ${refusal}`);
      });
    setHandler(defineUpdate<void, [Decision]>(name), handle, { validator });
    setHandler(defineSignal<[Decision]>(name), handle);
  }

  #commands(name: CommandName): void {
    const handle = (command: RunCommand): void => this.#whenReady(() => this.#apply(name, command));
    const validator = (command: RunCommand): void => {
      if (!isCommand(command)) throw ApplicationFailure.nonRetryable('it is not a command', 'BAD_REQUEST');
    };
    setHandler(defineUpdate<void, [RunCommand]>(name), handle, { validator });
    setHandler(defineSignal<[RunCommand]>(name), (command) => handle(isCommand(command) ? command : anonymous()));
  }

  #nodeCommands(verb: NodeVerb): void {
    const validator = (command: NodeCommand): void => {
      const refusal = this.#refusesNode(verb, command);
      if (refusal !== null) throw ApplicationFailure.nonRetryable(refusal.message, refusal.code);
    };
    const handle = (command: NodeCommand): void =>
      this.#whenReady(() => {
        const refusal = this.#refusesNode(verb, command);
        if (refusal === null) this.#obey(command);
        else this.journal.note(null, 'warn', `ignored a signal \`${verb}\`: ${refusal.message}`);
      });
    setHandler(defineUpdate<void, [NodeCommand]>(verb), handle, { validator });
    setHandler(defineSignal<[NodeCommand]>(verb), handle);
  }

  #delegations(): void {
    const validator = (command: DelegateCommand): void => {
      const refusal = this.#refusesDelegation(command);
      if (refusal !== null) throw ApplicationFailure.nonRetryable(refusal.message, refusal.code);
    };
    const obey = (command: DelegateCommand): void => {
      if (this.context && this.#isNew(command)) addGuest(this.context, command);
    };
    setHandler(defineUpdate<void, [DelegateCommand]>('delegate'), obey, { validator });
    setHandler(defineSignal<[DelegateCommand]>('delegate'), (command) => {
      const refusal = this.#refusesDelegation(command);
      if (refusal === null) obey(command);
      else this.journal.note(null, 'warn', `ignored a signal \`delegate\`: ${refusal.message}`);
    });
  }

  #refusesDelegation(payload: unknown): Refusal | null {
    const parsed = DelegateCommandSchema.safeParse(payload);
    const { context } = this;
    if (!parsed.success) return { code: 'BAD_REQUEST', message: 'it is not a signed command' };
    if (this.#seen.has(parsed.data.command_id)) return null;
    if (context === null) return { code: 'RUN_NOT_ACTIVE', message: 'the run has not started yet' };
    if (parsed.data.run_id !== context.input.run_id || !verifyDelegateCommand(parsed.data, context.approved.key_ring))
      return { code: 'APPROVAL_INVALID', message: 'the signature does not verify for this run' };
    const message = guestRefusal(context, parsed.data);
    return message === null ? null : { code: 'RUN_NOT_ACTIVE', message };
  }

  /** Acknowledges a command. Out: false when it has taken effect before. */
  #isNew({ command_id: id }: { command_id: string }): boolean {
    this.journal.acknowledge(id);
    if (this.#seen.has(id)) return false;
    this.#seen.add(id);
    return true;
  }

  #refusesNode(verb: NodeVerb, payload: unknown): Refusal | null {
    const parsed = NodeCommandSchema.safeParse(payload);
    const { context } = this;
    if (!parsed.success || parsed.data.verb !== verb) return { code: 'BAD_REQUEST', message: 'it is not a signed command' };
    const command = parsed.data;
    if (this.#early !== null) return null;
    if (this.#seen.has(command.command_id)) return null;
    if (context === null) return { code: 'RUN_NOT_ACTIVE', message: 'the run has not started yet' };
    if (context.halted !== null) return { code: 'RUN_NOT_ACTIVE', message: `the run is ending: ${context.halted}` };
    if (command.run_id !== context.input.run_id || !verifyNodeCommand(command, context.approved.key_ring))
      return { code: 'APPROVAL_INVALID', message: 'the signature does not verify for this run' };
    if (command.attempt !== (context.journal.state.nodes[command.node]?.attempt_count ?? 0))
      return { code: 'NODE_STATE', message: 'it has begun another attempt since' };
    return context.steering.refusal(command);
  }

  #obey(command: NodeCommand): void {
    if (this.#isNew(command)) this.context?.steering.obey(command);
  }

  #apply(name: CommandName, command: RunCommand): void {
    if (!this.#isNew(command)) return;
    if (name === 'cancel') this.cancel(command);
    else if (name === 'pause') this.#pause(command);
    else if (name === 'resume') this.#resume(command);
    else this.#prioritise(command);
  }

  /** Temporal's own Cancel, which is no message of ours. */
  cancelNatively(command: RunCommand): void {
    this.#whenReady(() => this.cancel(command));
  }

  cancel(command: RunCommand): void {
    if (this.cancelled !== null) return;
    this.cancelled = command;
    this.journal.run('warn', `${command.by} cancelled the run`, {});
    this.#onCancel();
  }

  #pause(command: RunCommand): void {
    const { context } = this;
    if (context === null || context.halted !== null) return;
    if (!context.isPaused) {
      context.pause();
      this.journal.run('info', `${command.by} paused the run`, { paused: true });
    }
    if (command.running !== 'stop') return;
    const count = context.steering.stopEffects();
    if (count > 0) this.journal.note(null, 'info', `the pause stops ${count === 1 ? 'one node' : `${count} nodes`} at work`);
  }

  #resume(command: RunCommand): void {
    if (this.context === null || !this.context.isPaused) return;
    this.context.resume();
    this.journal.run('info', `${command.by} resumed the run`, { paused: false });
  }

  /** Also while it waits for a place: the record that it was loaded from says what held before. */
  #prioritise({ priority, by }: RunCommand): void {
    if (priority === undefined || !PRIORITIES.includes(priority)) return;
    this.priority = priority;
    if (this.context) this.context.priority.level = priority;
    this.journal.run('info', `${by} gave the run the priority ${priority}`, {});
  }

  #outputs(ids: string[]): Record<string, Json> {
    return Object.fromEntries(ids.flatMap((id) => (this.context?.outputs.has(id) ? [[id, this.context.outputs.get(id) ?? null]] : [])));
  }

  /** Throws while a run that goes on here is still being loaded: whoever asks has what GICS knows. */
  get #state(): RunState {
    if (this.#early !== null) throw new Error('the run is being loaded');
    return this.journal.state;
  }

  #queries(): void {
    setHandler(defineQuery<RunState>(RUN_QUERIES.state), () => this.#state);
    setHandler(defineQuery<GraphPage, [number?]>(RUN_QUERIES.graph), (from = 0) => graphPage(this.#state, from));
    setHandler(defineQuery<LogEntry[]>(RUN_QUERIES.log), () => this.#state.log);
    setHandler(defineQuery<Record<string, Json>, [string[]]>(RUN_QUERIES.outputs), (ids) => this.#outputs(ids));
    setHandler(defineQuery<Json, [string]>(RUN_QUERIES.output), (id) => this.context?.outputs.get(id) ?? null);
  }
}

function isCommand(value: unknown): value is RunCommand {
  return (
    typeof value === 'object' &&
    value !== null &&
    'command_id' in value &&
    typeof value.command_id === 'string' &&
    'by' in value &&
    typeof value.by === 'string'
  );
}

/** A bare signal from another Temporal client: stopping needs no signature, so it counts; who sent it is not known. */
function anonymous(): RunCommand {
  const at = new Date().toISOString();
  return { command_id: `signal-${at}`, by: 'a Temporal client', at };
}
