import { describe, expect, test } from 'vitest';
import type { GimoError } from '#contract/errors.ts';
import type { Json } from '#contract/json.ts';
import {
  PROTOCOLS,
  PROTOCOL_NAMES,
  callOptions,
  errorOf,
  openSse,
  sendEvent,
  sendJson,
  startTestServer,
  testProvider,
  type ProtocolName,
} from './test-server.ts';

const SECRET = 'hunter2-planted-in-the-body';
const request = { prompt: 'say something', max_output_tokens: 50 };

const failureOf = (protocol: ProtocolName, url: string, more = {}): Promise<GimoError> =>
  errorOf(testProvider(protocol, url).invoke(request, callOptions(more)));

/** Everything of an error that could reach a log or an answer. */
function allOf(error: GimoError): string {
  return JSON.stringify([error.message, error.hint, error.faults, error.data, String(error.stack), String(error.cause)]);
}

/** The error body of each protocol; the message always quotes the request. */
function errorBody(protocol: ProtocolName, fields: { code?: string; type?: string; message?: string }): Json {
  const message = `${fields.message ?? 'no'} ${SECRET}`;
  const inner = { type: fields.type ?? SECRET, code: fields.code ?? SECRET, message, param: SECRET };
  return protocol === 'openai' ? { error: inner } : { type: 'error', error: inner };
}

type Row = {
  name: string;
  status: number;
  body?: { code?: string; type?: string; message?: string };
  headers?: Record<string, string>;
  code: string;
  data?: Record<string, Json>;
};
const ROWS: Row[] = [
  {
    name: '429 with Retry-After in seconds',
    status: 429,
    headers: { 'retry-after': '7' },
    code: 'PROVIDER_RATE_LIMITED',
    data: { retry_after_ms: 7000 },
  },
  {
    name: '429 with retry-after-ms',
    status: 429,
    headers: { 'retry-after-ms': '1500', 'retry-after': '7' },
    code: 'PROVIDER_RATE_LIMITED',
    data: { retry_after_ms: 1500 },
  },
  {
    name: '429 with x-ratelimit-reset',
    status: 429,
    headers: { 'x-ratelimit-reset-tokens': '2.5s' },
    code: 'PROVIDER_RATE_LIMITED',
    data: { retry_after_ms: 2500 },
  },
  {
    name: '429 insufficient_quota',
    status: 429,
    body: { code: 'insufficient_quota', type: 'insufficient_quota' },
    code: 'PROVIDER_QUOTA',
    data: { reason: 'insufficient_quota' },
  },
  { name: '402', status: 402, code: 'PROVIDER_QUOTA' },
  {
    name: '400 for a used up credit',
    status: 400,
    body: { type: 'invalid_request_error', message: 'Your credit balance is too low' },
    code: 'PROVIDER_QUOTA',
  },
  { name: '408', status: 408, code: 'PROVIDER_UNAVAILABLE' },
  { name: '409', status: 409, code: 'PROVIDER_UNAVAILABLE' },
  { name: '500', status: 500, code: 'PROVIDER_UNAVAILABLE' },
  { name: '503', status: 503, headers: { 'retry-after': '2' }, code: 'PROVIDER_UNAVAILABLE', data: { retry_after_ms: 2000 } },
  {
    name: '529 overloaded',
    status: 529,
    body: { type: 'overloaded_error' },
    code: 'PROVIDER_UNAVAILABLE',
    data: { reason: 'overloaded_error' },
  },
  { name: '400', status: 400, body: { type: 'invalid_request_error' }, code: 'PROVIDER_REFUSED_REQUEST' },
  {
    name: '404 for an unknown model',
    status: 404,
    body: { code: 'model_not_found' },
    code: 'PROVIDER_REFUSED_REQUEST',
    data: { reason: 'model_not_found' },
  },
  { name: '422', status: 422, code: 'PROVIDER_REFUSED_REQUEST' },
  { name: 'a redirect', status: 307, headers: { location: 'http://127.0.0.1:9/' }, code: 'PROVIDER_REFUSED_REQUEST' },
  { name: '400 context_length_exceeded', status: 400, body: { code: 'context_length_exceeded' }, code: 'PROVIDER_CONTEXT_TOO_LONG' },
  {
    name: '400 that says the prompt is too long',
    status: 400,
    body: { type: 'invalid_request_error', message: 'prompt is too long: 210000 tokens' },
    code: 'PROVIDER_CONTEXT_TOO_LONG',
  },
  { name: '413', status: 413, code: 'PROVIDER_CONTEXT_TOO_LONG' },
  { name: '401', status: 401, body: { type: 'authentication_error' }, code: 'PROVIDER_AUTH' },
  { name: '403', status: 403, code: 'PROVIDER_AUTH' },
  { name: '400 content_filter', status: 400, body: { code: 'content_filter' }, code: 'PROVIDER_REFUSAL' },
];

describe.each(PROTOCOL_NAMES)('a failing %s endpoint', (protocol) => {
  test.each(ROWS)('$name becomes $code, once, without a word of the body', async ({ status, body, headers, code, data }) => {
    await using server = await startTestServer((response) =>
      sendJson(response, status, errorBody(protocol, body ?? {}), { 'x-request-id': 'req-1', 'request-id': 'req-1', ...headers }),
    );
    const error = await failureOf(protocol, server.url);
    expect(error).toMatchObject({ code, data: { provider: 'p', model: 'm', status, request_id: 'req-1', cost_usd: 0, ...data } });
    expect(error.message).toContain(`status ${status}`);
    expect(allOf(error)).not.toContain(SECRET);
    expect(allOf(error)).not.toContain('the-key-of-the-test');
    expect(server.bodies).toHaveLength(1);
  });

  test('a body that is not JSON is not shown either', async () => {
    await using server = await startTestServer((response) =>
      response.writeHead(502, { 'content-type': 'text/html' }).end(`<p>${SECRET}</p>`),
    );
    const error = await failureOf(protocol, server.url);
    expect(error.code).toBe('PROVIDER_UNAVAILABLE');
    expect(allOf(error)).not.toContain(SECRET);
  });

  test('a refused connection is PROVIDER_UNAVAILABLE and cost nothing', async () => {
    const server = await startTestServer(() => undefined);
    await server[Symbol.asyncDispose]();
    const error = await failureOf(protocol, server.url);
    expect(error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', data: { reason: 'ECONNREFUSED', cost_usd: 0 } });
  });

  test('a connection reset before an answer is PROVIDER_UNAVAILABLE, at unknown cost', async () => {
    await using server = await startTestServer((response) => response.destroy());
    expect(await failureOf(protocol, server.url)).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', data: { cost_usd: null, usage: null } });
  });

  test('silence until the time limit is PROVIDER_UNAVAILABLE', async () => {
    await using server = await startTestServer(() => undefined);
    expect(await failureOf(protocol, server.url, { timeoutMs: 200 })).toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      data: { cost_usd: null },
    });
  });

  test('an answer that is not complete at the time limit is TIMEOUT and keeps what arrived', async () => {
    await using server = await startTestServer((response) => {
      openSse(response);
      [...PROTOCOLS[protocol].start, PROTOCOLS[protocol].text('half an')].forEach((event) => sendEvent(response, event));
    });
    const error = await failureOf(protocol, server.url, { timeoutMs: 300 });
    expect(error).toMatchObject({ code: 'TIMEOUT', data: { partial_text: 'half an', received_chars: 7, usage: null, cost_usd: null } });
  });

  test.each([
    ['closed politely', (response: { end: () => void; destroy: () => void }) => response.end()],
    ['torn', (response: { end: () => void; destroy: () => void }) => response.destroy()],
  ])('a stream %s without a finish is PROVIDER_TRUNCATED', async (_name, close) => {
    const { promise: arrived, resolve } = Promise.withResolvers<void>();
    await using server = await startTestServer((response) => {
      openSse(response);
      [...PROTOCOLS[protocol].start, PROTOCOLS[protocol].text('half an')].forEach((event) => sendEvent(response, event));
      void arrived.then(() => close(response));
    });
    const error = await failureOf(protocol, server.url, { onDelta: () => resolve() });
    expect(error).toMatchObject({
      code: 'PROVIDER_TRUNCATED',
      data: { partial_text: 'half an', received_chars: 7, usage: null, cost_usd: null },
    });
    expect(error.retryable).toBe(true);
  });

  test('malformed events are PROVIDER_TRUNCATED and never shown', async () => {
    await using server = await startTestServer((response) => {
      openSse(response);
      PROTOCOLS[protocol].start.forEach((event) => sendEvent(response, event));
      response.end(`event: content_block_delta\ndata: {"${SECRET}\n\n`);
    });
    const error = await failureOf(protocol, server.url);
    expect(error.code).toBe('PROVIDER_TRUNCATED');
    expect(allOf(error)).not.toContain(SECRET);
  });

  test('an overload reported inside the stream is PROVIDER_UNAVAILABLE', async () => {
    await using server = await startTestServer((response) => {
      openSse(response);
      PROTOCOLS[protocol].start.forEach((event) => sendEvent(response, event));
      sendEvent(response, { type: 'error', error: { type: 'overloaded_error', message: SECRET } });
      response.end();
    });
    const error = await failureOf(protocol, server.url);
    expect(error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', data: { reason: 'overloaded_error' } });
    expect(allOf(error)).not.toContain(SECRET);
  });

  test('a refusal of the model is PROVIDER_REFUSAL', async () => {
    const { start, text, finish, end } = PROTOCOLS[protocol];
    await using server = await startTestServer((response) => {
      openSse(response);
      [...start, text('no'), finish(protocol === 'openai' ? 'content_filter' : 'refusal'), ...end].forEach((event) =>
        sendEvent(response, event),
      );
      response.end(protocol === 'openai' ? 'data: [DONE]\n\n' : '');
    });
    expect(await failureOf(protocol, server.url)).toMatchObject({ code: 'PROVIDER_REFUSAL' });
  });
});

test('a flagged prompt (403 of OpenRouter) is a refusal and not a fault of the key', async () => {
  const body = { error: { code: 403, message: SECRET, metadata: { reasons: ['x'], flagged_input: SECRET } } };
  await using server = await startTestServer((response) => sendJson(response, 403, body));
  const error = await failureOf('openai', server.url);
  expect(error.code).toBe('PROVIDER_REFUSAL');
  expect(allOf(error)).not.toContain(SECRET);
});

test('a refusal text of OpenAI is a refusal although the stream ends with stop', async () => {
  await using server = await startTestServer((response) => {
    openSse(response);
    sendEvent(response, {
      id: 'c',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta: { refusal: 'I will not' }, finish_reason: null }],
    });
    sendEvent(response, PROTOCOLS.openai.finish('stop'));
    response.end('data: [DONE]\n\n');
  });
  expect(await failureOf('openai', server.url)).toMatchObject({ code: 'PROVIDER_REFUSAL' });
});
