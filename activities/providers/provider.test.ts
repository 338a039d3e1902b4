import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Provider } from '#contract/provider.ts';
import { createProvider } from './create-provider.ts';
import {
  PROTOCOLS,
  TURN_USD,
  errorOf,
  mockAnswer,
  usageOfTurns,
  PROTOCOL_NAMES,
  callOptions,
  openSse,
  sendEvent,
  sendJson,
  startTestServer,
  testProvider,
  type ProtocolName,
} from './test-server.ts';

const mock = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: 5 });
let url = '';
beforeAll(async () => {
  url = await mock.start();
});
afterAll(() => mock.stop());
afterEach(() => {
  mock.clearFixtures();
  mock.clearRequests();
});

// verifies: PRV-2, PRV-4
describe.each(PROTOCOL_NAMES)('a call over %s', (protocol: ProtocolName) => {
  // verifies: PRV-2
  test('streams its text and ends with usage and cost', async () => {
    mock.onMessage('greet', mockAnswer('Hello to all of you.'));
    const pieces: string[] = [];
    const result = await testProvider(protocol, url).invoke(
      { prompt: 'greet', system: 'be kind', max_output_tokens: 50, temperature: 0 },
      callOptions({ onDelta: (text, turn) => pieces.push(`${turn}:${text}`) }),
    );
    expect(result).toMatchObject({
      text: 'Hello to all of you.',
      json: null,
      finish: 'stop',
      usage: usageOfTurns(1),
      cost_basis: 'config',
      model: 'm',
      provider: 'p',
    });
    expect(result.cost_usd).toBeCloseTo(TURN_USD, 10);
    expect(pieces).toEqual(['1:Hello', '1: to a', '1:ll of', '1: you.']);
    const sent = mock.getLastRequest()?.body;
    expect(sent).toMatchObject({ model: 'm', stream: true, max_tokens: 50, temperature: 0 });
    expect(JSON.stringify(sent)).toContain('be kind');
    expect(JSON.stringify(sent)).not.toContain('tools');
  });

  test('says that the answer reached its limit', async () => {
    mock.onMessage('greet', { ...mockAnswer('Hello'), finishReason: 'length' });
    expect(await testProvider(protocol, url).invoke({ prompt: 'greet', max_output_tokens: 5 }, callOptions())).toMatchObject({
      finish: 'length',
    });
  });

  test('a stop in mid-stream ends it at once, closes the connection and leaves usage unknown', async () => {
    await using server = await startTestServer((response) => {
      openSse(response);
      [...PROTOCOLS[protocol].start, PROTOCOLS[protocol].text('half an')].forEach((event) => sendEvent(response, event));
    });
    const stop = new AbortController();
    const outcome = testProvider(protocol, server.url).invoke(
      { prompt: 'x', max_output_tokens: 50 },
      callOptions({ signal: stop.signal, onDelta: () => stop.abort() }),
    );
    const error = await errorOf(outcome);
    expect(error).toMatchObject({ code: 'STOPPED', data: { partial_text: 'half an', received_chars: 7, usage: null, cost_usd: null } });
    expect(error.data['estimated_cost_usd']).toBeGreaterThan(0);
    await server.closed;
  });

  test('a call that was stopped before it began sends nothing', async () => {
    const error = await errorOf(
      testProvider(protocol, url).invoke({ prompt: 'x', max_output_tokens: 5 }, callOptions({ signal: AbortSignal.abort() })),
    );
    expect(error).toMatchObject({ code: 'STOPPED', data: { cost_usd: 0 } });
    expect(mock.getRequests()).toHaveLength(0);
  });

  test('a call is cut in mid-stream when its cost passes the limit', async () => {
    const { start, text } = PROTOCOLS[protocol];
    await using server = await startTestServer((response) => {
      openSse(response);
      start.forEach((event) => sendEvent(response, event));
      const timer = setInterval(() => sendEvent(response, text('0123456789abcdef')), 1);
      response.on('close', () => clearInterval(timer));
    });
    // 16 characters are 4 tokens: 0.008 dollars a piece; the prompt is 0.001 (or the 7 reported tokens: 0.007).
    const error = await errorOf(
      testProvider(protocol, server.url).invoke({ prompt: 'go', max_output_tokens: 100_000 }, callOptions({ maxCostUsd: 0.05 })),
    );
    expect(error).toMatchObject({ code: 'BUDGET_EXCEEDED', data: { usage: null, cost_usd: null } });
    expect(error.data['estimated_cost_usd']).toBeGreaterThan(0.05);
    expect(error.data['estimated_cost_usd']).toBeLessThan(0.06);
    expect(error.data['received_chars']).toBe(protocol === 'openai' ? 112 : 96);
    await server.closed;
  });

  test('a prompt that alone passes the limit is not sent', async () => {
    const error = await errorOf(
      testProvider(protocol, url).invoke({ prompt: 'x'.repeat(1000), max_output_tokens: 5 }, callOptions({ maxCostUsd: 0.1 })),
    );
    expect(error).toMatchObject({ code: 'BUDGET_EXCEEDED', data: { cost_usd: 0 } });
    expect(mock.getRequests()).toHaveLength(0);
  });

  test('a model of this machine costs nothing, and says so', async () => {
    mock.onMessage('greet', mockAnswer('Hello'));
    expect(await testProvider(protocol, url, null).invoke({ prompt: 'greet', max_output_tokens: 5 }, callOptions())).toMatchObject({
      cost_usd: 0,
      cost_basis: 'local',
    });
  });

  test('a rate limit of the mock server is passed on with its waiting time, after one request', async () => {
    mock.onMessage('greet', { error: { message: 'slow down', type: 'rate_limit_error' }, status: 429, retryAfter: 3 });
    const error = await errorOf(testProvider(protocol, url).invoke({ prompt: 'greet', max_output_tokens: 50 }, callOptions()));
    expect(error).toMatchObject({ code: 'PROVIDER_RATE_LIMITED', data: { retry_after_ms: 3000 } });
    expect(mock.getRequests()).toHaveLength(1);
  });

  // verifies: PRV-4
  test('health lists the models, and names what is wrong when it cannot', async () => {
    const signal = new AbortController().signal;
    expect(await testProvider(protocol, url).health({ signal })).toMatchObject({ ok: true, models: expect.arrayContaining(['gpt-4o']) });
    await using server = await startTestServer((response) => sendJson(response, 401, { error: { message: 'hunter2-planted' } }));
    const health = await testProvider(protocol, server.url).health({ signal });
    expect(health).toMatchObject({ ok: false, detail: expect.stringContaining('status 401') });
    expect(JSON.stringify(health)).not.toContain('hunter2');
  });
});

describe('what only OpenAI-compatible endpoints say', () => {
  const chunk = (more: object) => ({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], ...more });

  test('usage with cached and reasoning tokens, and a cost of their own, are taken over', async () => {
    await using server = await startTestServer((response) => {
      openSse(response);
      sendEvent(response, PROTOCOLS.openai.text('yes'));
      sendEvent(response, PROTOCOLS.openai.finish('stop'));
      const usage = {
        prompt_tokens: 9,
        completion_tokens: 4,
        prompt_tokens_details: { cached_tokens: 3 },
        completion_tokens_details: { reasoning_tokens: 2 },
        cost: 0.5,
      };
      sendEvent(response, chunk({ usage }));
      response.end('data: [DONE]\n\n');
    });
    expect(await testProvider('openai', server.url).invoke({ prompt: 'x', max_output_tokens: 5 }, callOptions())).toMatchObject({
      usage: { input_tokens: 9, output_tokens: 4, cache_read_tokens: 3, reasoning_tokens: 2 },
      cost_usd: 0.5,
      cost_basis: 'reported',
    });
  });

  test('an answer without usage is complete, at unknown cost', async () => {
    await using server = await startTestServer((response) => {
      openSse(response);
      sendEvent(response, PROTOCOLS.openai.text('yes'));
      sendEvent(response, PROTOCOLS.openai.finish('stop'));
      response.end('data: [DONE]\n\n');
    });
    expect(await testProvider('openai', server.url).invoke({ prompt: 'x', max_output_tokens: 5 }, callOptions())).toMatchObject({
      text: 'yes',
      usage: null,
      cost_usd: null,
      cost_basis: 'unknown',
    });
  });

  test('a provider without a key sends none', async () => {
    let authorization: string | undefined = 'not asked';
    await using server = await startTestServer((response, _body, request) => {
      authorization = request.headers.authorization;
      sendJson(response, 500, {});
    });
    const entry: Provider = { type: 'openai_compat', base_url: server.url, model: 'm', api_key: null };
    const provider = await createProvider('p', entry, () => 'unused');
    await errorOf(provider.invoke({ prompt: 'x', max_output_tokens: 5 }, callOptions()));
    expect(authorization).toBeUndefined();
  });
});

test('cache tokens of Anthropic count as part of the prompt', async () => {
  const { start, text, finish, end } = PROTOCOLS.anthropic;
  await using server = await startTestServer((response) => {
    openSse(response);
    const usage = { input_tokens: 10, cache_read_input_tokens: 200, cache_creation_input_tokens: 30, output_tokens: 1 };
    sendEvent(response, {
      type: 'message_start',
      message: { id: 'm1', type: 'message', role: 'assistant', content: [], model: 'm', usage },
    });
    [...start.slice(1), text('yes'), finish('end_turn'), ...end].forEach((event) => sendEvent(response, event));
    response.end();
  });
  const result = await testProvider('anthropic', server.url).invoke({ prompt: 'x', max_output_tokens: 5 }, callOptions());
  expect(result.usage).toEqual({
    input_tokens: 240,
    output_tokens: 3,
    cache_read_tokens: 200,
    cache_write_tokens: 30,
    reasoning_tokens: 0,
  });
});

test('a stop reason of Anthropic without the closing event is not yet an answer', async () => {
  const { start, text, finish } = PROTOCOLS.anthropic;
  await using server = await startTestServer((response) => {
    openSse(response);
    [...start, text('half an'), finish('end_turn')].forEach((event) => sendEvent(response, event));
    response.end();
  });
  expect(await errorOf(testProvider('anthropic', server.url).invoke({ prompt: 'x', max_output_tokens: 5 }, callOptions()))).toMatchObject({
    code: 'PROVIDER_TRUNCATED',
    data: { partial_text: 'half an', usage: null },
  });
});

describe('createProvider', () => {
  const never = (): string => {
    throw new Error('no key is needed');
  };
  test.each(['gemini', 'codex'] as const)('refuses to call a provider of type %s with a sentence', async (type) => {
    const made = createProvider('g', { type, model: 'm', api_key: '${KEY}' }, never);
    await expect(made).rejects.toThrow(/adapter is not part of this build/);
  });
  test('refuses a provider that needs a key and has none', async () => {
    await expect(createProvider('o', { type: 'openai', model: 'm', api_key: null }, never)).rejects.toThrow(/needs an api_key/);
  });
  test('a money limit is refused where the price is unknown, before anything is sent', async () => {
    const entry: Provider = { type: 'custom_openai_compatible', base_url: 'http://models.invalid/v1', model: 'm', api_key: null };
    const provider = await createProvider('c', entry, never);
    const outcome = provider.invoke({ prompt: 'x', max_output_tokens: 5 }, callOptions({ maxCostUsd: 1 }));
    expect(await errorOf(outcome)).toMatchObject({ code: 'BUDGET_EXCEEDED', message: expect.stringContaining('price') });
  });
});
