import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runStreams } from '#contract/gics.ts';
import type { Approved, Draft, Run } from '#contract/objects.ts';
import { startApp, TOKENS, type TestApp } from '#test/helpers/app.ts';

type Reader = { text: () => string; status: number; ended: Promise<void>; close: () => void };

describe('event streams', () => {
  let t: TestApp;
  let port: number;
  const open = (path: string, headers: Record<string, string> = {}): Promise<Reader> =>
    new Promise((resolve, reject) => {
      const asked = request({
        host: '127.0.0.1',
        port,
        path,
        headers: { host: 'localhost:9325', authorization: `Bearer ${TOKENS.actions}`, ...headers },
      });
      asked.on('error', reject);
      asked.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        const ended = new Promise<void>((done) => response.on('close', done));
        resolve({ text: () => text, status: response.statusCode ?? 0, ended, close: () => asked.destroy() });
      });
      asked.end();
    });
  const start = async (): Promise<string> => {
    const plan = { version: 1, title: 'Streamed', nodes: [{ id: 'a', kind: 'noop' }] };
    const draft = await t.post<Draft>('/ops/drafts', { plan });
    const { body } = await t.post<{ approved: Approved; run: Run }>(`/ops/drafts/${draft.body.id}/approve?auto_run=true`);
    return body.run.id;
  };
  const append = (stream: string, ...texts: string[]): Promise<unknown> =>
    t.store.gics.txn([{ op: 'append', stream, items: texts.map((text) => ({ data: { text } })) }]);
  beforeEach(async () => {
    t = await startApp();
    await t.app.listen({ host: '127.0.0.1', port: 0 });
    const address = t.app.server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterEach(() => t.close());

  it('sends what is there and what comes, then `end` once the run is closed', async () => {
    const id = await start();
    const stream = runStreams.events(id);
    await append(stream, 'one', 'two');
    const reader = await open(`/ops/runs/${id}/events`);
    await expect.poll(reader.text).toContain('id: 2\ndata: {"text":"two"}\n\n');
    await append(stream, 'three');
    await expect.poll(reader.text).toContain('id: 3\ndata: {"text":"three"}\n\n');
    await t.store.gics.txn([{ op: 'patch', collection: 'runs', id, set: { status: 'done', final_ref: 'x' } }]);
    await reader.ended;
    expect(reader.text()).toMatch(/id: 3\n.*\n\nevent: end\ndata: \{\}\n\n$/);
  });

  it('goes on after Last-Event-ID', async () => {
    const id = await start();
    await append(runStreams.output(id, 'a'), 'one', 'two', 'three');
    const reader = await open(`/ops/runs/${id}/nodes/a/stream`, { 'last-event-id': '2' });
    await expect.poll(reader.text).toContain('id: 3\n');
    expect(reader.text()).not.toContain('id: 2\n');
    reader.close();
    expect((await open(`/ops/runs/${id}/events`, { 'last-event-id': 'x' })).status).toBe(400);
  });

  it('ends its streams when the API stops', async () => {
    const id = await start();
    const readers = await Promise.all(Array.from({ length: 5 }, () => open(`/ops/runs/${id}/events`)));
    await t.app.close();
    await Promise.all(readers.map(({ ended }) => ended));
    expect(readers[0]?.text()).not.toContain('event: end');
  });

  it('refuses the 101st stream of one credential, and the 201st of all', async () => {
    const id = await start();
    const openAs = (token: string): Promise<Reader> => open(`/ops/runs/${id}/events`, { authorization: `Bearer ${token}` });
    const readers = await Promise.all(Array.from({ length: 100 }, () => openAs(TOKENS.actions)));
    expect((await openAs(TOKENS.actions)).status).toBe(429);
    readers.push(...(await Promise.all(Array.from({ length: 100 }, () => openAs(TOKENS.operator)))));
    expect(readers.every(({ status }) => status === 200)).toBe(true);
    expect((await openAs(TOKENS.admin)).status).toBe(429);
    for (const reader of readers) reader.close();
    await expect.poll(async () => (await openAs(TOKENS.actions)).status).toBe(200);
  });
});
