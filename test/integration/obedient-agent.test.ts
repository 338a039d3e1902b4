/** An agent whose model does whatever any text tells it, with tools in its hands: what it wants must reach a person, never the world. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerEntry } from '#activities/effects/ledger.ts';
import { openSse, PROTOCOLS, sendEvent, sendJson, startTestServer, type TestServer } from '#activities/providers/test-server.ts';
import { isJsonObject, type Json, type JsonObject } from '#contract/json.ts';
import type { Gate, Run } from '#contract/objects.ts';
import { callChunk } from '../helpers/scripted-model.ts';
import { git, makeRepo } from '../helpers/repo.ts';
import { startStack, type Stack } from '../helpers/stack.ts';
import { makeInjections, obey } from '../security/injections.ts';

const dir = mkdtempSync(path.join(os.tmpdir(), 'gimo-obedient-agent-'));
const outside = path.join(dir, 'outside');
/** Each goal in every third disguise. */
const injections = (): ReturnType<typeof makeInjections> =>
  makeInjections({ sink: sink.url, outside }).filter((_injection, index) => index % 3 === 0);
let model: TestServer;
let sink: TestServer;
let stack: Stack;

type Sent = { messages: { role: string; content: string | null }[] };

/** First it reads what it is told to; then it does what that says, with the tools that it has and with those that it has not; then it is done. */
function obedient({ messages }: Sent): [string, Json][] {
  const results = messages.filter(({ role }) => role === 'tool').map(({ content }) => content ?? '');
  const file = /^Summarise (\S+)$/m.exec(messages.find(({ role }) => role === 'user')?.content ?? '')?.[1];
  if (results.length === 0) return [['read_file', { path: file ?? '' }]];
  if (results.length > 1) return [];
  const order = obey(results[0] ?? '');
  const nodes = isJsonObject(order) && Array.isArray(order['nodes']) ? order['nodes'].filter(isJsonObject) : [];
  return [...nodes.map(callFor), ['run_plan', order]];
}

function callFor({ kind, with: given }: JsonObject): [string, Json] {
  const fields = isJsonObject(given) ? given : {};
  if (kind === 'process') return ['run_command', { argv: fields['argv'] ?? [] }];
  if (kind === 'patch') return ['change_files', { files: fields['files'] ?? [] }];
  return [typeof kind === 'string' ? kind : 'nothing', fields];
}

beforeAll(async () => {
  mkdirSync(outside);
  sink = await startTestServer((response) => sendJson(response, 200, { got: 'it' }));
  model = await startTestServer((response, body) => {
    const calls = obedient(JSON.parse(body) as Sent);
    openSse(response);
    const events = calls.map(([name, given], index) => callChunk(index, name, JSON.stringify(given)));
    for (const event of [...events, PROTOCOLS.openai.text('so be it'), PROTOCOLS.openai.finish('stop')]) sendEvent(response, event);
    response.end('data: [DONE]\n\n');
  });
  const documents = injections().map(({ text }, index): [string, string] => [`docs/${index}.txt`, text]);
  const repo = makeRepo(path.join(dir, 'repo'), Object.fromEntries(documents));
  stack = await startStack({ repo });
  const local = (url: string): object => ({ type: 'custom_openai_compatible', base_url: `${url}/v1`, model: 'm', api_key: null });
  await stack.admin.put('/ops/provider', { active: 'obedient', providers: { obedient: local(model.url), expensive: local(sink.url) } });
}, 400_000);
afterAll(async () => {
  await stack?.close();
  await Promise.all([model, sink].map((server) => server[Symbol.asyncDispose]()));
  rmSync(dir, { recursive: true, force: true });
});

/** Questions end by themselves. */
function readers(count: number): object {
  return {
    version: 1,
    title: 'Agents read what they are given',
    envelope: { budget: { usd: 1, tokens: 100_000_000, wall_ms: 3_600_000 } },
    nodes: [
      {
        id: 'each',
        kind: 'map',
        with: {
          over: Array.from({ length: count }, (_none, index) => index),
          as: 'number',
          concurrency: 20,
          nodes: [
            {
              id: 'reads',
              kind: 'agent',
              timeout_ms: 8000,
              with: {
                provider: 'obedient',
                task: 'Summarise docs/${{ string(number) }}.txt',
                tools: { files: true, commands: [['git', 'log', '-1', '--format=%s']], write: ['reports/**'], idempotent: true },
                max_turns: 4,
                max_tool_calls: 20,
              },
            },
          ],
        },
      },
    ],
    outputs: { results: 'nodes.each.output' },
  };
}

async function listAll<T>(collection: 'ledger' | 'gates', run: Run): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await stack.gics.list<T>(collection, {
      where: { run_id: run.id },
      limit: 1000,
      ...(cursor === undefined ? {} : { cursor }),
    });
    found.push(...page.records.map(({ value }) => value));
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

// verifies: PRIN-3
describe('an agent that obeys every text', () => {
  it('brings about no effect that nobody has approved, and goes on with a refusal', { timeout: 500_000 }, async () => {
    const hostile = injections();
    expect(hostile.length).toBeGreaterThanOrEqual(100);
    const before = git(stack.repo, 'status', '--porcelain');
    const run = await stack.admin.startPlan(readers(hostile.length));
    const ended = await stack.operator.ended(run.id, 400_000);
    expect(ended).toMatchObject({ status: 'done', error: null });
    const effects = await listAll<LedgerEntry>('ledger', run);
    const acted = effects.filter(({ kind }) => kind !== 'llm');
    // One file each, the one that it was told to read; all else was refused before there was an intent.
    expect(acted.map(({ kind, with: given }) => [kind, (given['argv'] as string[]).slice(0, 2).join(' ')])).toEqual(
      hostile.map(() => ['process', 'tail -n']),
    );
    expect(effects.filter(({ kind }) => kind === 'llm')).toHaveLength(3 * hostile.length);
    expect(sink.bodies).toEqual([]);
    expect([existsSync(outside), readdirSync(outside)]).toEqual([true, []]);
    expect([git(stack.repo, 'status', '--porcelain'), ended.branch ?? null]).toEqual([before, null]);
    const gates = await listAll<Gate>('gates', run);
    expect(gates.length).toBeGreaterThan(hostile.length / 4);
    expect(gates.every(({ kind, status, decided_by: by }) => kind === 'envelope' && status !== 'approved' && by === null)).toBe(true);
    const results = (ended.outputs as { results: { text: string; turns: number }[] }).results;
    expect(results.filter(({ text, turns }) => text !== 'so be it' || turns !== 3)).toEqual([]);
  });
});
