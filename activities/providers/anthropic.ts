/** Anthropic Messages. */
import Anthropic from '@anthropic-ai/sdk';
import type { MessageCreateParamsStreaming, MessageParam, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { LlmUsage } from '#contract/provider.ts';
import { CallParts } from './tool-calls.ts';
import type { Adapter, AdapterOptions, Finish, Message, Turn, TurnEvent } from './port.ts';

export function anthropic(options: AdapterOptions): Adapter {
  const client = new Anthropic({
    // The client adds /v1 itself.
    baseURL: options.baseUrl.replace(/\/(?:v1\/?)?$/, ''),
    // An explicit key keeps the client from looking for others in the environment and in files.
    apiKey: options.key ?? 'none',
    maxRetries: 0,
    logLevel: 'off',
    // A redirect would carry prompt and key to another host.
    fetchOptions: { redirect: 'manual' },
  });
  return {
    stream: (turn, signal, timeoutMs) => streamTurn(client, options, turn, { signal, timeout: timeoutMs }),
    listModels: async (signal, timeout) => {
      const page = await client.models.list({ limit: 1000 }, { signal, timeout });
      return page.data.map((model) => model.id);
    },
  };
}

async function* streamTurn(
  client: Anthropic,
  options: AdapterOptions,
  turn: Turn,
  call: { signal: AbortSignal; timeout: number },
): AsyncGenerator<TurnEvent, void> {
  const { data, request_id } = await client.messages.create(bodyOf(options, turn), call).withResponse();
  yield { type: 'open', requestId: request_id ?? null };
  let usage: LlmUsage | null = null;
  let finish: Finish | null = null;
  const calls = new CallParts();
  for await (const event of data) {
    if (event.type === 'message_start') usage = usageOf(event.message.usage, null);
    if (event.type === 'message_delta') {
      usage = usageOf(event.usage, usage);
      if (event.delta.stop_reason !== null) finish = finishOf(event.delta.stop_reason);
    }
    if (usage !== null && event.type.startsWith('message_')) yield { type: 'usage', usage };
    yield* textOf(event);
    yield* callsOf(event, calls);
    // Only message_stop ends an answer: a stop reason alone may precede a cut.
    if (event.type === 'message_stop' && finish !== null) yield { type: 'finish', finish };
  }
}

function* textOf(event: RawMessageStreamEvent): Generator<TurnEvent, void> {
  if (event.type !== 'content_block_delta') return;
  if (event.delta.type === 'text_delta') yield { type: 'text', text: event.delta.text };
  if (event.delta.type === 'thinking_delta') yield { type: 'hidden', text: event.delta.thinking };
}

function* callsOf(event: RawMessageStreamEvent, calls: CallParts): Generator<TurnEvent, void> {
  if (event.type === 'content_block_start' && event.content_block.type === 'tool_use')
    yield calls.add(event.index, { name: event.content_block.name });
  if (event.type === 'content_block_delta' && event.delta.type === 'input_json_delta')
    yield calls.add(event.index, { argumentsText: event.delta.partial_json });
  if (event.type === 'message_stop') yield* calls.complete();
}

function messageParam(message: Message): MessageParam {
  if (message.role === 'tool')
    return {
      role: 'user',
      content: message.results.map(({ id, text, is_error }) => ({
        type: 'tool_result',
        tool_use_id: id,
        content: text === '' ? '(empty)' : text,
        is_error,
      })),
    };
  const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
  if (calls.length === 0) return { role: message.role, content: message.content };
  // An empty text block is refused.
  const text = message.content === '' ? [] : [{ type: 'text' as const, text: message.content }];
  return {
    role: 'assistant',
    content: [...text, ...calls.map(({ id, name, arguments: input }) => ({ type: 'tool_use' as const, id, name, input }))],
  };
}

function toolParams({ tools, mayCallTools }: Turn): Pick<MessageCreateParamsStreaming, 'tools' | 'tool_choice'> {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(({ name, description, input_schema }) => ({ name, description, input_schema: { ...input_schema, type: 'object' } })),
    ...(mayCallTools ? {} : { tool_choice: { type: 'none' } }),
  };
}

function bodyOf(options: AdapterOptions, turn: Turn): MessageCreateParamsStreaming {
  return {
    model: options.model,
    max_tokens: turn.maxOutputTokens,
    messages: turn.messages.map(messageParam),
    stream: true,
    ...toolParams(turn),
    ...(turn.system === null ? {} : { system: turn.system }),
    ...(turn.temperature === null ? {} : { temperature: turn.temperature }),
    ...(turn.nativeSchema === null
      ? {}
      : { output_config: { format: { type: 'json_schema' as const, schema: turn.nativeSchema.schema } } }),
  };
}

function finishOf(reason: string): Finish {
  if (reason === 'max_tokens' || reason === 'model_context_window_exceeded') return 'length';
  return reason === 'refusal' ? 'refusal' : 'stop';
}

type RawUsage = {
  input_tokens?: number | null;
  output_tokens?: number;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
  output_tokens_details?: { thinking_tokens?: number } | null;
};

/** Anthropic's `input_tokens` leaves cache tokens out; ours is the whole prompt. Later events repeat only what changed. */
function usageOf(raw: RawUsage, earlier: LlmUsage | null): LlmUsage {
  const read = raw.cache_read_input_tokens ?? earlier?.cache_read_tokens ?? 0;
  const written = raw.cache_creation_input_tokens ?? earlier?.cache_write_tokens ?? 0;
  const earlierFresh = earlier === null ? 0 : earlier.input_tokens - earlier.cache_read_tokens - earlier.cache_write_tokens;
  return {
    input_tokens: (raw.input_tokens ?? earlierFresh) + read + written,
    output_tokens: raw.output_tokens ?? earlier?.output_tokens ?? 0,
    cache_read_tokens: read,
    cache_write_tokens: written,
    reasoning_tokens: raw.output_tokens_details?.thinking_tokens ?? earlier?.reasoning_tokens ?? 0,
  };
}
