/** Tools on the wire of both protocols: offered, asked for, answered, and everything that a model can get wrong about them. */
import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '#contract/json.ts';
import type { LlmMessage, LlmTool } from '#contract/llm-talk.ts';
import type { LlmRequest } from '#contract/provider.ts';
import { worstCaseTokens, worstCaseUsd } from '#contract/worst-case.ts';
import { callOptions, errorOf, openSse, PROTOCOL_NAMES, PROTOCOLS, sendEvent, startTestServer, testProvider } from './test-server.ts';
import type { ProtocolName } from './test-server.ts';

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

const TOOLS: LlmTool[] = [
  { name: 'read_file', description: 'Reads a file', input_schema: { type: 'object', properties: { path: { type: 'string' } } } },
  { name: 'ask', description: 'Asks a person', input_schema: { type: 'object' } },
];
const request = (more: Partial<LlmRequest> = {}): LlmRequest => ({ prompt: 'look', tools: TOOLS, max_output_tokens: 50, ...more });
const call = (name: string, given: string): { name: string; arguments: string } => ({ name, arguments: given });
const TALK: LlmMessage[] = [
  { role: 'assistant', text: '', tool_calls: [{ id: 't0_0', name: 'read_file', arguments: { path: 'a' } }] },
  { role: 'tool', results: [{ id: 't0_0', text: 'the text of a', is_error: false }] },
  { role: 'assistant', text: 'and', tool_calls: [{ id: 't1_0', name: 'ask', arguments: {} }] },
  { role: 'tool', results: [{ id: 't1_0', text: '', is_error: true }] },
  { role: 'user', text: 'go on' },
];

describe.each(PROTOCOL_NAMES)('tools over %s', (protocol: ProtocolName) => {
  test('that the model asks for arrive whole and in order, beside its text, and cost what they take', async () => {
    const toolCalls = [call('read_file', '{"path":"docs/a very long name.md"}'), call('ask', '{"question":"why?"}')];
    mock.onMessage('look', {
      content: 'I look.',
      toolCalls,
      usage: { prompt_tokens: 100, completion_tokens: 20, input_tokens: 100, output_tokens: 20 },
    });
    const result = await testProvider(protocol, url).invoke(request(), callOptions());
    expect(result).toMatchObject({
      text: 'I look.',
      finish: 'stop',
      tool_calls: [
        { name: 'read_file', arguments: { path: 'docs/a very long name.md' }, fault: null },
        { name: 'ask', arguments: { question: 'why?' }, fault: null },
      ],
    });
    expect(JSON.stringify(mock.getLastRequest()?.body)).toContain('Reads a file');
  });

  test('are faults, not failures, where the arguments are no JSON object', async () => {
    const { start, finish, end } = PROTOCOLS[protocol];
    await using server = await startTestServer((response) => {
      openSse(response);
      const calls = ['{"path":', '[1]', '{"a":1,"a":2}', ''].flatMap((given, index) => callEvents(protocol, index, given));
      for (const event of [...start.slice(0, 1), ...calls, finish(protocol === 'openai' ? 'tool_calls' : 'tool_use'), ...end])
        sendEvent(response, event);
      response.end();
    });
    const { tool_calls: calls } = await testProvider(protocol, server.url).invoke(request(), callOptions());
    expect(calls.map(({ arguments: given, fault }) => [given, fault === null])).toEqual([
      [{}, false],
      [{}, false],
      [{}, false],
      [{}, true],
    ]);
  });

  test('that were carried out are told to the model with what became of them', async () => {
    mock.onMessage(/.*/, { content: 'Done.' });
    const result = await testProvider(protocol, url).invoke(request({ messages: TALK }), callOptions());
    expect(result).toMatchObject({ text: 'Done.', tool_calls: [] });
    const sent = mock.getLastRequest()?.body as unknown as { messages: Json[] };
    const text = JSON.stringify(sent.messages);
    for (const part of ['look', 'the text of a', 't0_0', 't1_0', 'and', 'go on']) expect(text).toContain(part);
  });

  test('are named but may not be asked for when the call says so, and none are sent when there are none', async () => {
    const bodies: Record<string, unknown>[] = [];
    await using server = await startTestServer((response, body) => {
      bodies.push(JSON.parse(body) as Record<string, unknown>);
      const { start, text, finish, end } = PROTOCOLS[protocol];
      openSse(response);
      const reason = protocol === 'openai' ? 'stop' : 'end_turn';
      for (const event of [...start, text('ok'), finish(reason), ...end]) sendEvent(response, event);
      response.end();
    });
    const provider = testProvider(protocol, server.url);
    await provider.invoke(request({ messages: TALK, tool_choice: 'none' }), callOptions());
    await provider.invoke({ prompt: 'x', max_output_tokens: 5 }, callOptions());
    expect(bodies[0]).toMatchObject({ tool_choice: protocol === 'openai' ? 'none' : { type: 'none' } });
    expect(bodies[0]?.['tools']).toHaveLength(2);
    expect([bodies[1]?.['tools'], bodies[1]?.['tool_choice']]).toEqual([undefined, undefined]);
    // What Anthropic refuses: empty texts.
    expect(JSON.stringify(bodies[0])).not.toContain('"text":""');
  });

  test('of an answer that breaks off are never handed out', async () => {
    await using server = await startTestServer((response) => {
      openSse(response);
      for (const event of begunCall(protocol)) sendEvent(response, event);
      response.end();
    });
    expect(await errorOf(testProvider(protocol, server.url).invoke(request(), callOptions()))).toMatchObject({
      code: 'PROVIDER_TRUNCATED',
    });
  });

  test('are cut in mid-call when their arguments pass the limit of money', async () => {
    await using server = await startTestServer((response) => {
      openSse(response);
      for (const event of begunCall(protocol)) sendEvent(response, event);
      const more = begunCall(protocol).at(-1) ?? null;
      const timer = setInterval(() => sendEvent(response, more), 1);
      response.on('close', () => clearInterval(timer));
    });
    const outcome = testProvider(protocol, server.url).invoke(request({ max_output_tokens: 100_000 }), callOptions({ maxCostUsd: 0.3 }));
    expect(await errorOf(outcome)).toMatchObject({ code: 'BUDGET_EXCEEDED', data: { cost_usd: null } });
    await server.closed;
  });
});

const PIECE = '{"path":"0123456789abcdef';

/** The events of one call, which is complete only once the answer is. */
function callEvents(protocol: ProtocolName, index: number, given: string): Json[] {
  if (protocol === 'anthropic')
    return [
      { type: 'content_block_start', index, content_block: { type: 'tool_use', id: `x${index}`, name: 'read_file', input: {} } },
      { type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: given } },
    ];
  const chunk = (calls: Json[]): Json => ({
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta: { tool_calls: calls }, finish_reason: null }],
  });
  return [
    chunk([{ index, id: `x${index}`, type: 'function', function: { name: 'read_file', arguments: '' } }]),
    chunk([{ index, function: { arguments: given } }]),
  ];
}

const begunCall = (protocol: ProtocolName): Json[] => [...PROTOCOLS[protocol].start.slice(0, 1), ...callEvents(protocol, 0, PIECE)];

test('what was said and the tools that are offered count in the worst case', () => {
  const price = { basis: 'config', input_usd_per_mtok: 1000, output_usd_per_mtok: 0, max_input_tokens: null } as const;
  const bare = { prompt: 'look', max_output_tokens: 50 };
  const talk = JSON.stringify({ messages: TALK, tools: TOOLS }).length;
  const full = request({ messages: TALK });
  expect((worstCaseUsd(full, price) ?? 0) - (worstCaseUsd(bare, price) ?? 0)).toBeGreaterThanOrEqual(talk / 1000);
  expect(worstCaseTokens(full) - worstCaseTokens(bare)).toBeGreaterThanOrEqual(talk / 2 - 1);
});
