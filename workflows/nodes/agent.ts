import { AGENT_LIMITS } from '#contract/nodes/agent.ts';
import { canonicalJson } from '#contract/canonical.ts';
import type { Json } from '#contract/json.ts';
import type { AskedCall, LlmMessage, ToolResult } from '#contract/llm-talk.ts';
import { plural } from '#contract/plural.ts';
import { AgentSteps, type Said } from '../agent-steps.ts';
import { errorInfo, NodeFailure } from '../failure.ts';
import type { NodeRunner } from './runner.ts';

/** What is said to the model at most; a turn that is longer is not asked for. */
const MAX_TALK_CHARS = 1_000_000;

/** Turn and calls, one step after the other, until the model answers without asking for anything. Throws: AGENT_LIMIT, what a turn fails of. */
export const runAgent: NodeRunner<'agent'> = async (call) => {
  const { max_turns: maxTurns, max_tool_calls: maxCalls } = call.node.with;
  const steps = new AgentSteps(call);
  const limit = (message: string): NodeFailure => new NodeFailure(errorInfo('AGENT_LIMIT', message, call.attempt));
  const talk: LlmMessage[] = [];
  const repeats = new Repeats();
  let calls = 0;
  for (let turn = 0; turn < maxTurns; turn++) {
    const isLast = turn === maxTurns - 1 || calls >= maxCalls;
    // What ended in the segment before is there at once: whoever judges messages waits for no promise of it.
    const saying = steps.turn(turn, talk, !isLast);
    const said = saying instanceof Promise ? await saying : saying;
    if (said.tool_calls.length === 0) return endOf(said, turn + 1, calls);
    if (isLast)
      throw limit(`After ${plural(turn + 1, 'turn')} and ${plural(calls, 'call')}, the most that it may make, it still asks for more.`);
    if (repeats.after(said.tool_calls) > AGENT_LIMITS.sameTurns)
      throw limit(
        `It asked for the same ${AGENT_LIMITS.sameTurns + 1} times in a row: ${said.tool_calls.map(({ name }) => name).join(', ')}.`,
      );
    const doing = steps.calls(turn, said, maxCalls - calls);
    const results = doing instanceof Promise ? await doing : doing;
    calls += said.tool_calls.length;
    talk.push(answerOf(said, results), { role: 'tool', results });
    const chars = JSON.stringify(talk).length;
    if (chars > MAX_TALK_CHARS) throw limit(`Its conversation has grown to ${chars} characters; at most ${MAX_TALK_CHARS} are sent.`);
  }
  throw limit('It has no turn left.');
};

function endOf({ text, finish }: Said, turns: number, calls: number): Json {
  return { text, finish, turns, tool_calls: calls };
}

/** The model hears its own calls again under the ids of their results. A name that no protocol takes is not repeated. */
function answerOf({ text, tool_calls: asked }: Said, results: ToolResult[]): LlmMessage {
  const named = (name: string): string => name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64) || 'unnamed';
  return {
    role: 'assistant',
    text,
    tool_calls: asked.map(({ name, arguments: given }, at) => ({ id: results[at]?.id ?? '', name: named(name), arguments: given })),
  };
}

/** How often in a row the same was asked for. */
class Repeats {
  #last = '';
  #count = 0;

  after(calls: AskedCall[]): number {
    const key = canonicalJson(calls);
    this.#count = key === this.#last ? this.#count + 1 : 1;
    this.#last = key;
    return this.#count;
  }
}
