import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '#contract/json.ts';
import { extractJson } from './structured-output.ts';
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

const SCHEMA = {
  type: 'object',
  properties: { answer: { type: 'integer' } },
  required: ['answer'],
  additionalProperties: false,
};

describe.each(PROTOCOL_NAMES)('structured output over %s', (protocol: ProtocolName) => {
  test('gives structured output that fits at once, without a second call', async () => {
    mock.onMessage('compute', mockAnswer('```json\n{"answer": 42}\n```'));
    const result = await testProvider(protocol, url).invoke({ prompt: 'compute', schema: SCHEMA, max_output_tokens: 50 }, callOptions());
    expect(result).toMatchObject({ json: { answer: 42 }, usage: usageOfTurns(1) });
    expect(mock.getRequests()).toHaveLength(1);
    expect(JSON.stringify(mock.getLastRequest()?.body)).toContain('JSON Schema');
  });

  test('repairs a bad answer once, says what was wrong, and charges both turns', async () => {
    mock.onMessage('is required', mockAnswer('{"answer": 42}'));
    mock.onMessage('compute', mockAnswer('{"ansver": 42}'));
    const turns = new Set<number>();
    const result = await testProvider(protocol, url).invoke(
      { prompt: 'compute', schema: SCHEMA, max_output_tokens: 50 },
      callOptions({ onDelta: (_text, turn) => turns.add(turn) }),
    );
    expect(result).toMatchObject({ text: '{"answer": 42}', json: { answer: 42 }, usage: usageOfTurns(2) });
    expect(result.cost_usd).toBeCloseTo(2 * TURN_USD, 10);
    expect([...turns]).toEqual([1, 2]);
    expect(mock.getRequests()).toHaveLength(2);
  });

  test('gives up after one repair with PROVIDER_BAD_OUTPUT, which knows what both turns cost', async () => {
    mock.onMessage(/.*/, mockAnswer('I would rather not.'));
    const error = await errorOf(
      testProvider(protocol, url).invoke({ prompt: 'compute', schema: SCHEMA, max_output_tokens: 50 }, callOptions()),
    );
    expect(error).toMatchObject({ code: 'PROVIDER_BAD_OUTPUT', data: { usage: usageOfTurns(2), cost_usd: 2 * TURN_USD } });
    expect(error.faults).toMatchObject([{ message: 'is not JSON' }]);
    expect(mock.getRequests()).toHaveLength(2);
  });

  test('does not ask again when the JSON was cut by max_output_tokens', async () => {
    mock.onMessage('compute', { ...mockAnswer('{"answer":'), finishReason: 'length' });
    const error = await errorOf(
      testProvider(protocol, url).invoke({ prompt: 'compute', schema: SCHEMA, max_output_tokens: 5 }, callOptions()),
    );
    expect(error).toMatchObject({ code: 'PROVIDER_BAD_OUTPUT', hint: expect.stringContaining('max_output_tokens') });
    expect(mock.getRequests()).toHaveLength(1);
  });

  test('refuses a schema that cannot be checked before anything is sent', async () => {
    const schema = { type: 'object', if: { required: ['a'] } };
    const error = await errorOf(testProvider(protocol, url).invoke({ prompt: 'x', schema, max_output_tokens: 5 }, callOptions()));
    expect(error).toMatchObject({ code: 'BAD_REQUEST', faults: [{ path: 'schema/if' }] });
    expect(mock.getRequests()).toHaveLength(0);
  });

  const tools = [{ name: 'look', description: '', input_schema: { type: 'object' } }];

  test('does not read an answer that asks for a tool as one that has to fit', async () => {
    mock.onMessage('compute', { content: 'I look.', toolCalls: [{ name: 'look', arguments: '{}' }] });
    const request = { prompt: 'compute', schema: SCHEMA, tools, max_output_tokens: 50 };
    const result = await testProvider(protocol, url).invoke(request, callOptions());
    expect(result).toMatchObject({ json: null, faults: [], tool_calls: [{ name: 'look' }] });
    expect(mock.getRequests()).toHaveLength(1);
    expect(JSON.stringify(mock.getLastRequest()?.body)).toContain('When you need no more tools, answer');
  });

  test('tells what does not fit, and asks no more, where somebody else asks', async () => {
    mock.onMessage('compute', mockAnswer('{"ansver": 42}'));
    const request = { prompt: 'compute', schema: SCHEMA, repair: 'none' as const, max_output_tokens: 50 };
    const result = await testProvider(protocol, url).invoke(request, callOptions());
    expect(result).toMatchObject({ json: null, text: '{"ansver": 42}', usage: usageOfTurns(1) });
    expect(result.faults).toEqual([
      { path: '/answer', message: 'is required' },
      { path: '/ansver', message: 'is not allowed' },
    ]);
    expect(mock.getRequests()).toHaveLength(1);
  });

  test('asks in words alone when the endpoint refuses the native schema', async () => {
    const { start, text, finish, end } = PROTOCOLS[protocol];
    await using server = await startTestServer((response, body) => {
      if (/response_format|output_config/.test(body)) {
        sendJson(response, 400, { error: { type: 'invalid_request_error', message: 'unknown parameter' } });
        return;
      }
      openSse(response);
      const reason = protocol === 'openai' ? 'stop' : 'end_turn';
      [...start, text('{"answer": 1}'), finish(reason), ...end].forEach((event) => sendEvent(response, event));
      response.end();
    });
    const result = await testProvider(protocol, server.url).invoke(
      { prompt: 'compute', schema: SCHEMA, max_output_tokens: 50 },
      callOptions(),
    );
    expect(result.json).toEqual({ answer: 1 });
    expect(server.bodies).toHaveLength(2);
  });
});

test.each<[string, Json | undefined]>([
  ['{"a":1}', { a: 1 }],
  [' [1] \n', [1]],
  ['```json\n{"a":1}\n```', { a: 1 }],
  ['Here it is:\n```\n{"a":1}\n```\nDone.', { a: 1 }],
  ['The answer is {"a":{"b":[1]}} as asked.', { a: { b: [1] } }],
  ['<think>{"no":1}</think>{"a":1}', { a: 1 }],
  ['"text"', 'text'],
  ['no JSON', undefined],
  ['{"a":', undefined],
  ['', undefined],
])('the JSON in %j is found', (text, expected) => {
  expect(extractJson(text)).toEqual(expected);
});
