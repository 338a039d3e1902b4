/** Answers the gates of a run that is being followed: by asking, by --yes, or by saying how it can be answered elsewhere. */
import type { Gate } from '#contract/objects.ts';
import type { ApiClient } from './api-client.ts';
import { ApiFailure, EXIT, exitCodeOf } from './failure.ts';
import { gateScreen } from './gate-view.ts';
import type { ProgressBoard } from './progress-board.ts';
import { isYes, type Terminal } from './terminal.ts';

export type GatePolicy = 'ask' | 'yes' | 'leave';
export type DeskOptions = { client: ApiClient; terminal: Terminal; policy: GatePolicy; board: ProgressBoard; signal: AbortSignal };

export class GateDesk {
  readonly #options: DeskOptions;
  readonly #seen = new Set<string>();
  #queue: Promise<void> = Promise.resolve();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Takes note of a gate; gates are answered one after another while the run is shown on. */
  open(gateId: string): void {
    if (this.#seen.has(gateId)) return;
    this.#seen.add(gateId);
    this.#queue = this.#queue.then(() => this.#handle(gateId)).catch((error: unknown) => this.#fail(gateId, error));
  }

  /** Waits: for the answer that is on its way. */
  async close(): Promise<void> {
    await this.#queue;
  }

  async #handle(gateId: string): Promise<void> {
    const { client, policy, signal } = this.#options;
    if (signal.aborted) return;
    const { data: gate } = await client.call('gates_get', { params: { id: gateId }, signal });
    if (gate.status !== 'open') return;
    // What happened in a crash, or whether to go on after a failure, is not a question that a flag may answer.
    if (gate.kind !== 'question' || policy === 'leave') return this.#pointOut(gate);
    this.#options.board.hold();
    try {
      for (const line of ['', ...(await this.#screen(gate))]) this.#options.terminal.note(line);
      const isApproved = policy === 'yes' || isYes(await this.#ask());
      await client.call(isApproved ? 'gates_approve' : 'gates_reject', { params: { id: gateId }, body: { hash: gate.hash }, signal });
      this.#options.terminal.note(isApproved ? 'Approved.' : 'Rejected.');
    } finally {
      this.#options.board.release();
    }
  }

  #ask(): Promise<string> {
    return this.#options.terminal.ask('Approve? [y/N] ', this.#options.signal);
  }

  #screen(gate: Gate): Promise<string[]> {
    const { client, terminal } = this.#options;
    return gateScreen(client, gate, terminal.notePaint, terminal.width);
  }

  async #pointOut(gate: Gate): Promise<void> {
    const { board } = this.#options;
    const choice = gate.kind === 'unknown' ? ' --choice done|redo' : gate.kind === 'failed' ? ' --choice redo|continue' : '';
    board.say(`${gate.node} waits:`);
    for (const line of await this.#screen(gate)) board.say(`  ${line}`);
    board.say(`  gimo gates approve ${gate.id} --hash ${gate.hash}${choice}`);
    board.say(`  gimo gates reject ${gate.id} --hash ${gate.hash}`);
  }

  #fail(gateId: string, error: unknown): void {
    const { signal, board } = this.#options;
    if (signal.aborted) return;
    // Somebody else was faster: the run goes on by itself.
    if (exitCodeOf(error) === EXIT.conflict) return;
    const code = error instanceof ApiFailure ? ` (${error.problem.code})` : '';
    board.say(`The gate ${gateId} could not be answered: ${error instanceof Error ? error.message : String(error)}${code}`);
  }
}
