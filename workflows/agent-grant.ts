/** What one agent may do: what its own node says, not all that the plan may; a person may add to it, call by call. */
import { canonicalJson } from '#contract/canonical.ts';
import { commandCovers } from '#contract/commands/form.ts';
import type { Envelope } from '#contract/envelope.ts';
import { saysWhatRuns } from '#contract/label-rules.ts';
import { deltaLines, deltaOf, widened, type Delta } from '#contract/plan-delta.ts';
import { plannedEffects } from '#contract/plan-envelope.ts';
import { growthOf, type PlanNode } from '#contract/plan.ts';
import { askForEnvelope } from './ask-envelope.ts';
import { errorInfo, NodeFailure } from './failure.ts';
import type { NodeCall } from './nodes/runner.ts';
import { renderedIn } from './run-effects.ts';
import type { AddedRules } from './scope-place.ts';
import type { Scope } from './scope.ts';

export class AgentGrant implements AddedRules {
  readonly #call: NodeCall<'agent'>;
  readonly #id: string;

  constructor(call: NodeCall<'agent'>) {
    this.#call = call;
    this.#id = call.scope.instanceId(call.node.id);
  }

  /** Null when the node lies inside. Waits: for a person otherwise. Throws: OUTSIDE_ENVELOPE when the answer is or was no. */
  admit(inner: Scope, node: PlanNode, attempt: number): Promise<void> | null {
    // Nothing in it is a pattern or a reference: it is what it says.
    const place = { depth: inner.depth, room: Number.MAX_SAFE_INTEGER };
    const delta = deltaOf(this.#grantedFor(inner, node), [node], place, renderedIn(inner.run));
    return delta === null ? null : this.#ask(inner, node, attempt, delta);
  }

  get #said(): { granted: Delta[]; refused: Delta[] } {
    return this.#call.scope.run.progress.of(this.#id)?.agent ?? { granted: [], refused: [] };
  }

  get #envelope(): Envelope {
    const { node, scope } = this.#call;
    const { read, write, ...lists } = plannedEffects(node);
    const own = { ...scope.run.envelope, ...lists, paths: { read, write }, kinds: growthOf(node)?.kinds ?? [] };
    return widened(own, this.#said.granted);
  }

  /** What its model chose is no parameter where the pattern leaves open what is run. */
  #grantedFor({ run }: Scope, node: PlanNode): Envelope {
    const envelope = this.#envelope;
    if (run.approved.has_whole_commands !== true) return envelope;
    const { commands } = renderedIn(run)(node);
    const names = (pattern: string[]): boolean =>
      commands.every((command) => !commandCovers(pattern, command) || saysWhatRuns(pattern, command));
    return { ...envelope, commands: envelope.commands.filter(names) };
  }

  async #ask(inner: Scope, node: PlanNode, attempt: number, delta: Delta): Promise<void> {
    const { run } = inner;
    if (this.#said.refused.some((item) => canonicalJson(item) === canonicalJson(delta)))
      throw new NodeFailure(
        errorInfo('OUTSIDE_ENVELOPE', `A person has said no to this before: ${deltaLines(delta).join('; ')}.`, attempt),
      );
    try {
      await askForEnvelope(run, { id: inner.instanceId(node.id), kind: node.kind, attempt }, delta, {
        title: `May ${this.#id} do more than was approved for it?`,
        reason: `Its model asks for it in ${inner.instanceId(node.id)}.`,
        nodes: [node],
        from: this.#id,
        timeoutMs: this.#call.node.timeout_ms ?? null,
      });
    } catch (error) {
      if (error instanceof NodeFailure && error.info.code === 'OUTSIDE_ENVELOPE') this.#note({ refused: delta });
      throw error;
    }
    this.#note({ granted: delta });
  }

  #note({ granted, refused }: { granted?: Delta; refused?: Delta }): void {
    const said = this.#said;
    const agent = {
      granted: [...said.granted, ...(granted ? [granted] : [])],
      refused: [...said.refused, ...(refused ? [refused] : [])],
    };
    this.#call.scope.run.progress.note(this.#id, { agent });
  }
}
