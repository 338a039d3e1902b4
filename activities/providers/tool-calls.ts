/** Calls that a model asks for, as they arrive piece by piece, and messages as the adapters take them. */
import { errorMessage } from '#contract/errors.ts';
import { isJsonObject } from '#contract/json.ts';
import type { AskedCall, LlmMessage } from '#contract/llm-talk.ts';
import { parseJsonBody } from '#contract/parse-body.ts';
import type { Message, RawCall, TurnEvent } from './port.ts';

const MAX_NAME_CHARS = 128;

/** The calls of one answer by their place in it; several may be written at a time. */
export class CallParts {
  #calls = new Map<number, RawCall>();

  /** Out: the piece, for the meter. */
  add(index: number, { name = '', argumentsText = '' }: Partial<RawCall>): TurnEvent {
    const call = this.#calls.get(index) ?? { name: '', argumentsText: '' };
    this.#calls.set(index, { name: call.name + name, argumentsText: call.argumentsText + argumentsText });
    return { type: 'hidden', text: name + argumentsText };
  }

  /** The answer is over, and with it each call. */
  *complete(): Generator<TurnEvent, void> {
    for (const [, call] of [...this.#calls].sort(([a], [b]) => a - b)) yield { type: 'tool_call', call };
    this.#calls.clear();
  }
}

/** Arguments are text of a model: what is no JSON object is a fault that it can be told of. */
export function readCall({ name, argumentsText }: RawCall): AskedCall {
  const asked = { name: name.slice(0, MAX_NAME_CHARS), arguments: {} };
  if (argumentsText.trim() === '') return { ...asked, fault: null };
  try {
    const value = parseJsonBody(argumentsText);
    return isJsonObject(value) ? { ...asked, arguments: value, fault: null } : { ...asked, fault: 'they are not a JSON object' };
  } catch (error) {
    return { ...asked, fault: `they are not JSON: ${errorMessage(error)}` };
  }
}

export function messageOf(message: LlmMessage): Message {
  if (message.role === 'tool') return message;
  const { role, text: content } = message;
  return role === 'assistant' ? { role, content, toolCalls: message.tool_calls } : { role, content };
}
