import { AGENT_LIMITS } from '#contract/nodes/agent.ts';
import { canonicalJson } from '#contract/canonical.ts';
import type { Json, JsonObject } from '#contract/json.ts';
import type { AskedCall, LlmMessage, ToolResult } from '#contract/llm-talk.ts';
import { plural } from '#contract/plural.ts';
import { CUT_HINT, faultSummary, repairDemand } from '#contract/structured-answer.ts';
import { AgentSteps, type Said } from '../agent-steps.ts';
import { errorInfo, NodeFailure } from '../failure.ts';
import type { NodeCall, NodeRunner } from './runner.ts';

/** What is said to the model at most; a turn that is longer is not asked for. */
const MAX_TALK_CHARS = 1_000_000;

/**
 * Turn and calls, one step after the other, until the model answers without asking for anything. Throws: AGENT_LIMIT, PROVIDER_BAD_OUTPUT,
 * what a turn fails of.
 */
export const runAgent: NodeRunner<'agent'> = async (call) => {
  const { max_tool_calls: maxCalls, output_schema: schema } = call.node.with;
  // One is kept for correcting the answer.
  const maxTurns = call.node.with.max_turns - (schema === undefined ? 0 : 1);
  const steps = new AgentSteps(call);
  const limit = (message: string): NodeFailure => limitReached(message, call.attempt);
  const talk: LlmMessage[] = [];
  const repeats = new Repeats();
  let calls = 0;
  for (let turn = 0; turn < maxTurns; turn++) {
    const isLast = turn === maxTurns - 1 || calls >= maxCalls;
    // What ended in the segment before is there at once: whoever judges messages waits for no promise of it.
    const saying = steps.turn(turn, talk, !isLast);
    const said = saying instanceof Promise ? await saying : saying;
    if (said.tool_calls.length === 0) {
      if (schema === undefined) return endOf(said, turn + 1, calls);
      return fitted(call, steps, { talk, turn, calls, said });
    }
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
    refuseLongTalk(talk, call.attempt);
  }
  throw limit('It has no turn left.');
};

type Answered = { talk: LlmMessage[]; turn: number; calls: number; said: Said };

/** The answer as the schema wants it, if need be after one turn that corrects it. Throws: AGENT_LIMIT, PROVIDER_BAD_OUTPUT, what that turn fails of. */
async function fitted(call: NodeCall<'agent'>, steps: AgentSteps, { talk, turn, calls, said }: Answered): Promise<Json> {
  if (said.faults.length === 0) return { ...endOf(said, turn + 1, calls), json: said.json };
  if (said.finish === 'length') throw unfit(call, said, 'it was cut at `max_output_tokens`');
  // Some endpoints refuse an empty message.
  talk.push({ role: 'assistant', text: said.text || '(empty)', tool_calls: [] }, { role: 'user', text: repairDemand(said.faults) });
  refuseLongTalk(talk, call.attempt);
  const saying = steps.turn(turn + 1, talk, false, `asks the model to correct its answer: ${faultSummary(said.faults)}`);
  const again = saying instanceof Promise ? await saying : saying;
  if (again.tool_calls.length > 0) throw unfit(call, again, 'asked to correct it, it asks for tools');
  if (again.faults.length > 0) throw unfit(call, again, `also when asked to correct it: ${faultSummary(again.faults)}`);
  return { ...endOf(again, turn + 2, calls), json: again.json };
}

function unfit({ attempt }: NodeCall<'agent'>, said: Said, why: string): NodeFailure {
  const info = errorInfo('PROVIDER_BAD_OUTPUT', `Its answer does not fit \`output_schema\`; ${why}.`, attempt);
  return new NodeFailure(said.finish === 'length' ? { ...info, hint: CUT_HINT } : info);
}

function refuseLongTalk(talk: LlmMessage[], attempt: number): void {
  const chars = JSON.stringify(talk).length;
  if (chars <= MAX_TALK_CHARS) return;
  throw limitReached(`Its conversation has grown to ${chars} characters; at most ${MAX_TALK_CHARS} are sent.`, attempt);
}

function limitReached(message: string, attempt: number): NodeFailure {
  return new NodeFailure(errorInfo('AGENT_LIMIT', message, attempt));
}

function endOf({ text, finish }: Said, turns: number, calls: number): JsonObject {
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
