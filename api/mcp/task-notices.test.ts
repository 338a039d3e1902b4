/** Notices of tasks (`subscriptions/listen`), read off the wire over HTTP and stdio and checked by the schemas of the extension itself. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { TaskStatusNotificationV2Schema } from '@modelcontextprotocol/ext-tasks/core/v2';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '#contract/json.ts';
import { runStreams } from '#contract/gics.ts';
import type { Run } from '#contract/objects.ts';
import { TOKENS } from '#test/helpers/app.ts';
import { openGateOf, startRunOf } from '#test/helpers/gate.ts';
import { postMcp, startListeningApp, wireHeaders, wireMessage, type ListeningApp } from '#test/helpers/mcp.ts';

const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
const PLAN = { version: 1, title: 'Listened to', nodes: [{ id: 'ask', kind: 'gate', with: { title: 'Go on?' } }] };
const GIMO = path.resolve(import.meta.dirname, '../../cli/main.ts');
const NOBODYS = `r_${'0'.repeat(26)}`;
const WAYS = ['http', 'stdio'] as const;

type Notice = { id?: unknown; method?: string; params?: JsonObject; result?: JsonObject; error?: { code: number } };
type Listener = { heard: Notice[]; ended: Promise<unknown>; send: (message: object) => void; close: () => void };
type Ask = { taskIds: string[]; capabilities?: object; token?: string };

let t: ListeningApp;
const open: Listener[] = [];
beforeAll(async () => void (t = await startListeningApp()));
afterEach(() => open.splice(0).forEach((listener) => listener.close()));
afterAll(() => t.close());

function messageOf({ taskIds, capabilities = TASKS }: Ask): object {
  return wireMessage({ method: 'subscriptions/listen', params: { notifications: { taskIds } }, capabilities }, 'sub-1');
}

async function overHttp(ask: Ask): Promise<Listener> {
  const gone = new AbortController();
  const heard: Notice[] = [];
  const message = messageOf(ask);
  const headers = wireHeaders(ask.token ?? TOKENS.operator, 'subscriptions/listen');
  const response = await fetch(`${t.url}/mcp`, { method: 'POST', headers, body: JSON.stringify(message), signal: gone.signal });
  const read = async (): Promise<void> => {
    let text = '';
    for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const events = (text + piece).split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) if (event.includes('data: ')) heard.push(JSON.parse(event.slice(event.indexOf('data: ') + 6)));
    }
    if (text !== '') heard.push(JSON.parse(text));
  };
  return { heard, ended: read().catch(() => undefined), send: () => undefined, close: () => gone.abort() };
}

async function overStdio(ask: Ask): Promise<Listener> {
  const child = spawn(process.execPath, [GIMO, 'mcp', '--url', t.url, '--token', ask.token ?? TOKENS.operator]);
  const heard: Notice[] = [];
  const ended = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const notice = JSON.parse(line) as Notice;
      heard.push(notice);
      if (notice.id === 'sub-1') resolve();
    });
  });
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify(message)}\n`);
  send(messageOf(ask));
  return { heard, ended, send, close: () => void child.kill() };
}

async function listen(way: (typeof WAYS)[number], ask: Ask): Promise<Listener> {
  const listener = await (way === 'http' ? overHttp(ask) : overStdio(ask));
  open.push(listener);
  return listener;
}

async function change(run: Run, set: JsonObject): Promise<void> {
  await t.store.gics.txn([
    { op: 'patch', collection: 'runs', id: run.id, set },
    { op: 'append', stream: runStreams.events(run.id), items: [{ data: { text: 'news' } }] },
  ]);
}

const finish = (run: Run): Promise<void> =>
  change(run, { status: 'done', waiting: false, finished_at: new Date().toISOString(), outputs: { answer: 42 } });
const tasksIn = ({ heard }: Listener): Notice[] => heard.filter(({ method }) => method === 'notifications/tasks');
const statesOf = (listener: Listener): unknown[] => tasksIn(listener).map(({ params }) => params?.['status']);

describe.each(WAYS)('a client that listens for a task over %s', (way) => {
  it('is told how it stands now, when a person is asked, and how it ended, with all that tasks/get says', async () => {
    const run = await startRunOf(t, PLAN);
    const listener = await listen(way, { taskIds: [run.id, NOBODYS, 'd_01ARZ3NDEKTSV4RRFFQ69G5FAV'] });
    await expect.poll(() => statesOf(listener)).toEqual(['working']);
    expect(listener.heard[0]).toMatchObject({
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: { taskIds: [run.id] }, _meta: { 'io.modelcontextprotocol/subscriptionId': 'sub-1' } },
    });
    await openGateOf(t, run);
    await change(run, {});
    await expect.poll(() => statesOf(listener)).toEqual(['working', 'input_required']);
    await finish(run);
    await listener.ended;
    expect(statesOf(listener)).toEqual(['working', 'input_required', 'completed']);
    for (const notice of tasksIn(listener)) expect(TaskStatusNotificationV2Schema.safeParse(notice).error).toBeUndefined();
    const got = await postMcp({ url: t.url, token: TOKENS.operator, method: 'tasks/get', params: { taskId: run.id }, capabilities: TASKS });
    const { _meta: stamp, ...told } = tasksIn(listener).at(-1)?.params ?? {};
    expect(got.result).toMatchObject(told);
    expect(stamp).toEqual({ 'io.modelcontextprotocol/subscriptionId': 'sub-1' });
    expect(listener.heard.at(-1)).toMatchObject({ id: 'sub-1', result: { resultType: 'complete' } });
  });

  it('is told that its client lacks the extension, and gets nothing', async () => {
    const run = await startRunOf(t, PLAN);
    const listener = await listen(way, { taskIds: [run.id], capabilities: {} });
    await listener.ended;
    expect(listener.heard).toMatchObject([{ id: 'sub-1', error: { code: -32_021 } }]);
  });

  it('is promised nothing of runs that do not exist, and the stream ends', async () => {
    const listener = await listen(way, { taskIds: [NOBODYS] });
    await listener.ended;
    expect(listener.heard).toMatchObject([{ params: { notifications: {} } }, { id: 'sub-1', result: { resultType: 'complete' } }]);
  });
});

describe('a subscription', () => {
  it('is closed to who has no valid token', async () => {
    const listener = await listen('http', { taskIds: [NOBODYS], token: 'unknown-token-of-nobody' });
    await listener.ended;
    expect(listener.heard).toMatchObject([{ code: 'UNAUTHENTICATED' }]);
  });

  it('holds no stream of the API once its reader is gone', async () => {
    const run = await startRunOf(t, PLAN);
    const tails = vi.spyOn(t.store.gics, 'tail');
    const listener = await listen('http', { taskIds: [run.id] });
    await expect.poll(() => statesOf(listener)).toEqual(['working']);
    await expect.poll(() => tails.mock.calls).toHaveLength(1);
    expect(tails.mock.calls[0]?.[1].signal?.aborted).toBe(false);
    listener.close();
    await expect.poll(() => tails.mock.calls[0]?.[1].signal?.aborted).toBe(true);
    tails.mockRestore();
  });

  it('on a pipe is taken back with its id, and told nothing more', async () => {
    const run = await startRunOf(t, PLAN);
    const tails = vi.spyOn(t.store.gics, 'tail');
    const listener = await listen('stdio', { taskIds: [run.id] });
    await expect.poll(() => statesOf(listener)).toEqual(['working']);
    await expect.poll(() => tails.mock.calls).toHaveLength(1);
    listener.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'sub-1' } });
    await expect.poll(() => tails.mock.calls[0]?.[1].signal?.aborted).toBe(true);
    tails.mockRestore();
    await finish(run);
    listener.send(wireMessage({ method: 'tasks/get', params: { taskId: run.id }, capabilities: TASKS }, 'after'));
    await expect.poll(() => listener.heard.find(({ id }) => id === 'after')?.result).toMatchObject({ status: 'completed' });
    expect(statesOf(listener)).toEqual(['working']);
  });
});
