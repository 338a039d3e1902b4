/** Chat Completions of OpenAI and of all who speak like it: Ollama, LM Studio, vLLM, Groq, OpenRouter, DeepSeek. */
import OpenAI from 'openai';
import type {
  ChatCompletionChunk,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import type { LlmUsage } from '#contract/provider.ts';
import { CallParts } from './tool-calls.ts';
import type { Adapter, AdapterOptions, Finish, Message, Turn, TurnEvent } from './port.ts';

// These two refuse or deprecate `max_tokens`; most others know nothing else.
const NEW_LIMIT_HOSTS = new Set(['api.openai.com', 'api.groq.com']);

export function openAiCompatible(options: AdapterOptions): Adapter {
  const client = new OpenAI({
    baseURL: options.baseUrl,
    apiKey: options.key ?? 'none',
    // The client would else read these from the environment and send them to any address.
    organization: null,
    project: null,
    adminAPIKey: null,
    maxRetries: 0,
    logLevel: 'off',
    // A redirect would carry prompt and key to another host.
    fetchOptions: { redirect: 'manual' },
    ...(options.key === null ? { defaultHeaders: { Authorization: null } } : {}),
  });
  return {
    stream: (turn, signal, timeoutMs) => streamTurn(client, options, turn, { signal, timeout: timeoutMs }),
    listModels: async (signal, timeout) => {
      const page = await client.models.list({ signal, timeout });
      return page.data.map((model) => model.id);
    },
  };
}

async function* streamTurn(
  client: OpenAI,
  options: AdapterOptions,
  turn: Turn,
  call: { signal: AbortSignal; timeout: number },
): AsyncGenerator<TurnEvent, void> {
  const { data, request_id } = await client.chat.completions.create(bodyOf(options, turn), call).withResponse();
  yield { type: 'open', requestId: request_id };
  const calls = new CallParts();
  for await (const chunk of data) yield* eventsOf(chunk, calls);
}

function bodyOf(options: AdapterOptions, turn: Turn): ChatCompletionCreateParamsStreaming {
  const system = turn.system === null ? [] : [{ role: 'system' as const, content: turn.system }];
  const isNewLimit = NEW_LIMIT_HOSTS.has(new URL(options.baseUrl).hostname);
  return {
    model: options.model,
    messages: [...system, ...turn.messages.flatMap(messageParams)],
    stream: true,
    ...toolParams(turn),
    stream_options: { include_usage: true },
    ...(isNewLimit ? { max_completion_tokens: turn.maxOutputTokens } : { max_tokens: turn.maxOutputTokens }),
    ...(turn.temperature === null ? {} : { temperature: turn.temperature }),
    ...(turn.nativeSchema === null
      ? {}
      : {
          response_format: {
            type: 'json_schema' as const,
            json_schema: { name: 'output', schema: turn.nativeSchema.schema, strict: turn.nativeSchema.isStrict },
          },
        }),
  };
}

// Not in the types: `reasoning_content` (DeepSeek, vLLM), `reasoning` (Ollama, OpenRouter), `usage.cost` (OpenRouter).
type Delta = { content?: string | null; refusal?: string | null; reasoning_content?: unknown; reasoning?: unknown };

function* eventsOf(chunk: ChatCompletionChunk, calls: CallParts): Generator<TurnEvent, void> {
  const choice = chunk.choices?.[0];
  const delta: Delta = choice?.delta ?? {};
  const hidden = delta.reasoning_content ?? delta.reasoning;
  if (typeof hidden === 'string' && hidden !== '') yield { type: 'hidden', text: hidden };
  if (typeof delta.content === 'string' && delta.content !== '') yield { type: 'text', text: delta.content };
  if (typeof delta.refusal === 'string' && delta.refusal !== '') yield { type: 'finish', finish: 'refusal' };
  for (const part of choice?.delta?.tool_calls ?? []) yield calls.add(part.index ?? 0, partOf(part.function));
  if (choice?.finish_reason) {
    yield* calls.complete();
    yield { type: 'finish', finish: finishOf(choice.finish_reason) };
  }
  if (chunk.usage) {
    yield { type: 'usage', usage: usageOf(chunk.usage) };
    const cost = 'cost' in chunk.usage ? chunk.usage.cost : null;
    if (typeof cost === 'number') yield { type: 'reported_cost', usd: cost };
  }
}

function partOf(part: { name?: string; arguments?: string } | undefined): { name?: string; argumentsText?: string } {
  return {
    ...(part?.name === undefined ? {} : { name: part.name }),
    ...(part?.arguments === undefined ? {} : { argumentsText: part.arguments }),
  };
}

function messageParams(message: Message): ChatCompletionMessageParam[] {
  // The protocol has no word for a result that is an error: its text says so.
  if (message.role === 'tool') return message.results.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text }));
  const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
  if (calls.length === 0) return [{ role: message.role, content: message.content }];
  return [
    {
      role: 'assistant',
      content: message.content === '' ? null : message.content,
      tool_calls: calls.map(({ id, name, arguments: given }) => ({
        id,
        type: 'function',
        function: { name, arguments: JSON.stringify(given) },
      })),
    },
  ];
}

function toolParams({ tools, mayCallTools }: Turn): Pick<ChatCompletionCreateParamsStreaming, 'tools' | 'tool_choice'> {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(({ name, description, input_schema }) => ({
      type: 'function',
      function: { name, description, parameters: input_schema },
    })),
    ...(mayCallTools ? {} : { tool_choice: 'none' }),
  };
}

function finishOf(reason: string): Finish {
  if (reason === 'length') return 'length';
  return reason === 'content_filter' ? 'refusal' : 'stop';
}

function usageOf(usage: NonNullable<ChatCompletionChunk['usage']>): LlmUsage {
  return {
    input_tokens: usage.prompt_tokens,
    output_tokens: usage.completion_tokens,
    cache_read_tokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    cache_write_tokens: 0,
    reasoning_tokens: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}
