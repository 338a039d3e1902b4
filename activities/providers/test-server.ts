/** For tests: an HTTP server on loopback that answers as the test says, for what the mock server of the protocols cannot produce. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TextResponse } from '@copilotkit/aimock';
import { GimoError } from '#contract/errors.ts';
import type { Json } from '#contract/json.ts';
import type { Price, ProviderType } from '#contract/provider.ts';
import { createProvider } from './create-provider.ts';
import type { InvokeOptions, LlmProvider } from './port.ts';

type Answer = (response: ServerResponse, body: string, request: IncomingMessage) => void;
export type TestServer = AsyncDisposable & { url: string; bodies: string[]; closed: Promise<void> };

/** `closed` resolves when the connection of the latest request is gone. */
export async function startTestServer(answer: Answer): Promise<TestServer> {
  const bodies: string[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      bodies.push(body);
      response.on('close', resolve);
      answer(response, body, request);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return { url: `http://127.0.0.1:${port}`, bodies, closed, [Symbol.asyncDispose]: stop };
}

export function sendJson(response: ServerResponse, status: number, body: Json, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export function openSse(response: ServerResponse, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
}

/** One event of the stream, in both protocols' framing (OpenAI's clients ignore the event name). */
export function sendEvent(response: ServerResponse, data: Json): void {
  const type = typeof data === 'object' && data !== null && !Array.isArray(data) && typeof data['type'] === 'string' ? data['type'] : null;
  response.write(`${type === null ? '' : `event: ${type}\n`}data: ${JSON.stringify(data)}\n\n`);
}

const openAiChunk = (choice: Json): Json => ({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [choice] });

/** The events of each protocol: `start`, one piece of `text`, `finish` with a reason, `end`. */
export const PROTOCOLS = {
  openai: {
    type: 'openai_compat',
    path: '/v1',
    start: [] as Json[],
    text: (text: string): Json => openAiChunk({ index: 0, delta: { content: text }, finish_reason: null }),
    finish: (reason: string): Json => openAiChunk({ index: 0, delta: {}, finish_reason: reason }),
    end: [] as Json[],
  },
  anthropic: {
    type: 'anthropic',
    path: '',
    start: [
      {
        type: 'message_start',
        message: { id: 'm1', type: 'message', role: 'assistant', content: [], model: 'm', usage: { input_tokens: 7, output_tokens: 1 } },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ] as Json[],
    text: (text: string): Json => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    finish: (reason: string): Json => ({ type: 'message_delta', delta: { stop_reason: reason }, usage: { output_tokens: 3 } }),
    end: [{ type: 'message_stop' }] as Json[],
  },
} as const satisfies Record<string, { type: ProviderType; path: string; start: Json[]; end: Json[]; [key: string]: unknown }>;

export type ProtocolName = keyof typeof PROTOCOLS;
export const PROTOCOL_NAMES = Object.keys(PROTOCOLS) as ProtocolName[];

/** US dollars per million tokens of the test provider: no price of a real model. */
export const TEST_PRICE: Price = { input_usd_per_mtok: 1000, output_usd_per_mtok: 2000 };

/** A provider named `p` with the model `m`. `price` null: none is configured. */
export function testProvider(protocol: ProtocolName, url: string, price: Price | null = TEST_PRICE): LlmProvider {
  const { type, path } = PROTOCOLS[protocol];
  const entry = { type, base_url: url + path, model: 'm', api_key: '${KEY}', ...(price === null ? {} : { price }) };
  const made = createProvider('p', entry, () => 'the-key-of-the-test');
  return {
    invoke: async (request, options) => (await made).invoke(request, options),
    health: async (options) => (await made).health(options),
  };
}

export function callOptions(more: Partial<InvokeOptions> = {}): InvokeOptions {
  return { signal: new AbortController().signal, timeoutMs: 5000, ...more };
}

/** Usage in both protocols' words: 100 in, 20 out. */
export const mockAnswer = (content: string): TextResponse => ({
  content,
  usage: { prompt_tokens: 100, completion_tokens: 20, input_tokens: 100, output_tokens: 20 },
});
export const usageOfTurns = (turns: number) => ({
  input_tokens: 100 * turns,
  output_tokens: 20 * turns,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  reasoning_tokens: 0,
});
/** 100 tokens at 1,000 and 20 at 2,000 dollars a million. */
export const TURN_USD = 0.14;

/** The coded error that a call ends with. */
export async function errorOf(outcome: Promise<unknown>): Promise<GimoError> {
  const error = await outcome.catch((thrown: unknown) => thrown);
  if (!(error instanceof GimoError)) throw new Error(`no coded error but ${JSON.stringify(error)}`);
  return error;
}
