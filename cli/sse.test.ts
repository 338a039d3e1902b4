import fc from 'fast-check';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiClient } from './api-client.ts';
import { ApiFailure } from './failure.ts';
import { followEvents, SseParser } from './sse.ts';
import { gimo, startTestApi, type TestApi } from './test-api.ts';

const RUN = 'r_01J8ZC5V3N9Q2T4W6Y8B0D2F4H';
const open: TestApi[] = [];

afterEach(async () => {
  for (const api of open.splice(0)) await api.close();
});

describe('the parser of server-sent events', () => {
  it('gives the same events however the stream is cut', () => {
    const stream = ': hello\r\nid: 1\r\ndata: one\r\ndata: more\r\n\r\nevent: note\ndata:two\n\nid: 3\ndata: {"a":1}\r\r';
    const expected = [
      { id: '1', event: 'message', data: 'one\nmore' },
      { id: '1', event: 'note', data: 'two' },
      { id: '3', event: 'message', data: '{"a":1}' },
    ];
    fc.assert(
      fc.property(fc.array(fc.nat({ max: stream.length }), { maxLength: 20 }), (cuts) => {
        const parser = new SseParser();
        const edges = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const events = edges.flatMap((edge, index) => parser.push(stream.slice(edges[index - 1] ?? 0, edge)));
        expect([...events, ...parser.push('\n')]).toEqual(expected);
      }),
    );
  });
});

/** Events 1 to `count`; the connection is cut in the middle of every third one. */
async function flakyApi(count: number): Promise<TestApi & { connections: string[] }> {
  const connections: string[] = [];
  let sent = 0;
  const api = await startTestApi((request, response) => {
    if (request.url === `/ops/runs/${RUN}`) {
      const body = { status: sent === count ? 'done' : 'running' };
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }
    connections.push(String(request.headers['last-event-id']));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    return sendFrom(response, Number(request.headers['last-event-id']));
  });
  const sendFrom = (response: ServerResponse, last: number): void => {
    for (let seq = last + 1; seq <= count; seq++) {
      const text = `id: ${seq}\ndata: ${JSON.stringify({ seq, at: '2026-01-01T00:00:00.000Z', node: null, level: 'info', text: `line ${seq}`, change: null })}\n\n`;
      if (seq % 3 === 0 && seq > last + 1) return void response.write(text.slice(0, 20), () => response.socket?.destroy());
      response.write(text);
      sent = Math.max(sent, seq);
    }
    response.end();
  };
  open.push(api);
  return { ...api, connections };
}

describe('following a stream', () => {
  it('loses and repeats nothing when connections break in the middle of an event', async () => {
    const { url, connections } = await flakyApi(10);
    const { code, stdout } = await gimo(['logs', '-f', RUN, '--json', '--url', url, '--token', 'a-token-by-hand']);
    expect(code).toBe(0);
    const seqs = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(connections.length).toBeGreaterThan(3);
  });

  it('waits for a server that is gone and goes on where it was', async () => {
    const { url, close } = await flakyApi(2);
    const { port } = new URL(url);
    const client = new ApiClient({ url, tokens: [{ role: null, token: 't' }] });
    const stop = new AbortController();
    const seen: string[] = [];
    const restarts: Promise<void>[] = [];
    const stream = followEvents({
      open: (lastId) =>
        client.send('runs_events', { params: { id: RUN }, signal: stop.signal, headers: { 'last-event-id': lastId ?? '0' } }),
      signal: stop.signal,
      goesOn: async () => {
        await close();
        return true;
      },
      onDown: () => {
        restarts.push(restartAt(Number(port)));
      },
    });
    for await (const event of stream) {
      seen.push(event.id ?? '');
      if (event.id === '3') stop.abort();
    }
    await Promise.all(restarts);
    expect(seen).toEqual(['1', '2', '3']);
    expect(restarts).toHaveLength(1);
  });

  it('gives up at once when the server refuses', async () => {
    const refusing = await startTestApi((_, response) => response.writeHead(404).end('{}'));
    open.push(refusing);
    const client = new ApiClient({ url: refusing.url, tokens: [{ role: null, token: 't' }] });
    const stream = followEvents({
      open: () => client.send('runs_events', { params: { id: RUN } }),
      signal: new AbortController().signal,
      goesOn: () => Promise.resolve(true),
    });
    await expect(stream.next()).rejects.toThrow(ApiFailure);
  });
});

/** The same address again, with one more event. */
async function restartAt(port: number): Promise<void> {
  const again = await startTestApi((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`id: ${Number(request.headers['last-event-id']) + 1}\ndata: x\n\n`);
  }, port);
  open.push(again);
}
