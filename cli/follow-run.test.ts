/** A run is followed to its end against a real HTTP server that streams its events. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import type { NodeStatus, RunEvent } from '#contract/run-state.ts';
import { ApiClient } from './api-client.ts';
import { followRun } from './follow-run.ts';
import type { GatePolicy } from './gate-desk.ts';
import { createTerminal } from './terminal.ts';
import { bodyOf, startTestApi, type TestApi } from './test-api.ts';

const RUN = 'r_01J8ZC5V3N9Q2T4W6Y8B0D2F4H';
const GATE = 'g_01J8ZC5V3N9Q2T4W6Y8B0D2F4H';
const HASH = 'ab'.repeat(32);
const open: TestApi[] = [];

afterEach(async () => {
  for (const api of open.splice(0)) await api.close();
});

function nodeEvent(seq: number, status: NodeStatus, gateId?: string): RunEvent {
  const change = { of: 'node' as const, kind: 'gate' as const, status, ...(gateId === undefined ? {} : { gate_id: gateId }) };
  return { seq, at: `2026-01-01T00:00:0${seq}.000Z`, node: 'ask', level: 'info', text: status, change };
}

const started: RunEvent = {
  seq: 1,
  at: '2026-01-01T00:00:01.000Z',
  node: null,
  level: 'info',
  text: '',
  change: { of: 'run', status: 'running' },
};
const ended: RunEvent = {
  seq: 4,
  at: '2026-01-01T00:00:04.000Z',
  node: null,
  level: 'info',
  text: '',
  change: { of: 'run', status: 'done' },
};

/** A run that waits at one gate and ends when that is answered. */
async function gatedApi(kind: 'question' | 'unknown'): Promise<TestApi & { answers: unknown[]; endRun: () => void }> {
  const answers: unknown[] = [];
  const streams: ServerResponse[] = [];
  const write = (events: RunEvent[]): void => {
    for (const stream of streams) for (const event of events) stream.write(`id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`);
  };
  const endRun = (): void => write([nodeEvent(3, 'done'), ended]);
  const json = (response: ServerResponse, value: unknown): void =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  const api = await startTestApi(async (request: IncomingMessage, response: ServerResponse) => {
    const { url = '' } = request;
    if (url.endsWith('/graph?') || url.endsWith('/graph')) return json(response, [{ id: 'ask', kind: 'gate', needs: [] }]);
    if (url.endsWith('/events')) {
      streams.push(response.writeHead(200, { 'content-type': 'text/event-stream' }));
      return write([started, nodeEvent(2, 'waiting', GATE)]);
    }
    if (request.method === 'POST') {
      answers.push({ url, body: await bodyOf(request) });
      json(response, {});
      return endRun();
    }
    if (url.includes('/gates/')) return json(response, gateOf(kind));
    return json(response, { id: RUN, status: 'done', title: 'T' });
  });
  open.push(api);
  return { ...api, answers, endRun };
}

function gateOf(kind: string): object {
  const words = { title: 'Go on?', message: 'All of it:\nHash 0, risk low', risk: 'low', evidence: { why: `lost ${'x'.repeat(50)}` } };
  return { id: GATE, run_id: RUN, node: 'ask', attempt: 1, kind, status: 'open', ...words, expires_at: null, hash: HASH };
}

type Screen = { terminal: ReturnType<typeof createTerminal>; text: () => string; type: (line: string) => void };

/** A terminal without redrawing; `asks` makes it one where a person sits. */
function screen(asks: boolean): Screen {
  const stdin = Object.assign(new PassThrough(), { isTTY: asks });
  const stderr = Object.assign(new PassThrough(), { isTTY: asks, columns: 100, rows: 30 });
  let text = '';
  stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const terminal = createTerminal({ stdin, stdout: new PassThrough(), stderr }, { isJson: true, noColor: true });
  return { terminal, text: () => text, type: (line) => void stdin.write(`${line}\n`) };
}

function follow(api: TestApi, { terminal }: Screen, gates: GatePolicy) {
  const client = new ApiClient({ url: api.url, tokens: [{ role: null, token: 't' }] });
  return followRun({ client, terminal, runId: RUN, gates });
}

describe('following a run', () => {
  it('asks at a gate and sends the answer with the hash that was shown', async () => {
    const api = await gatedApi('question');
    const view = screen(true);
    const run = follow(api, view, 'ask');
    await expect.poll(() => view.text()).toContain('Approve? [y/N]');
    view.type('y');
    expect(await run).toMatchObject({ status: 'done' });
    expect(api.answers).toEqual([{ url: `/ops/gates/${GATE}/approve`, body: { hash: HASH } }]);
    expect(view.text()).toContain(`Go on? (risk low)\nAsked by ask of the run ${RUN} (T)\n  │ All of it:\n  │ Hash 0, risk low\n`);
    expect(view.text()).toContain(`\n  why:\n  │ lost ${'x'.repeat(50)}\nIt is open · hash ${HASH}\n`);
  });

  it('takes every answer but yes for a no', async () => {
    const api = await gatedApi('question');
    const view = screen(true);
    const run = follow(api, view, 'ask');
    await expect.poll(() => view.text()).toContain('Approve? [y/N]');
    view.type('');
    await run;
    expect(api.answers).toEqual([{ url: `/ops/gates/${GATE}/reject`, body: { hash: HASH } }]);
  });

  it('says yes by itself when told to', async () => {
    const api = await gatedApi('question');
    await follow(api, screen(false), 'yes');
    expect(api.answers).toHaveLength(1);
  });

  it('never answers a question about a crash by a flag, but says how to answer it', async () => {
    const api = await gatedApi('unknown');
    const view = screen(false);
    const run = follow(api, view, 'yes');
    await expect.poll(() => view.text()).toContain(`gimo gates approve ${GATE} --hash ${HASH} --choice done|redo`);
    expect(view.text()).toContain(`  │ lost ${'x'.repeat(50)}`);
    api.endRun();
    await run;
    expect(api.answers).toEqual([]);
  });

  it('prints one line for each change', async () => {
    const view = screen(false);
    await follow(await gatedApi('question'), view, 'yes');
    expect(view.text()).toContain('   0.0 s  run running\n   1.0 s  ? ask waiting\n');
    expect(view.text()).toContain('   3.0 s  run done\n');
  });
});
