import { readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectGics, type GicsClient } from '#gics/client.ts';
import { encodeFrame } from '#gics/wire.ts';
import { GICS_LIMITS, type StreamEntry } from '#contract/gics.ts';
import { ended, TestDaemon } from './gics-daemon.ts';

const TOKEN = 'a-token-of-sixteen-or-more';

// verifies: ARC-7
describe('a daemon on its socket', () => {
  let daemon: TestDaemon;
  let gics: GicsClient;
  beforeAll(async () => {
    daemon = await new TestDaemon().start();
    gics = daemon.client();
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  const raw = async (): Promise<Socket> => {
    const socket = connect(daemon.paths.gicsSocket);
    await once(socket, 'connect');
    return socket;
  };

  test('lets only its user in', () => {
    expect(statSync(daemon.paths.gicsSocket).mode & 0o777).toBe(0o600);
    expect(statSync(daemon.paths.gics).mode & 0o777).toBe(0o700);
  });

  test('lets exactly one of two compare-and-set writers win, in each of 100 rounds', async () => {
    const rivals = [daemon.client(), daemon.client()];
    for (let round = 0; round < 100; round += 1) {
      const outcomes = await Promise.allSettled(
        rivals.map((rival, index) => rival.txn([{ op: 'put', collection: 'drafts', id: 'd', value: { round, by: index }, rev: round }])),
      );
      const losses = outcomes.filter((outcome) => outcome.status === 'rejected').map((outcome) => outcome.reason as unknown);
      expect(losses).toMatchObject([{ code: 'GICS_CONFLICT', data: { index: 0, rev: round + 1 } }]);
    }
    expect(await gics.get('drafts', 'd')).toMatchObject({ rev: 100, value: { round: 99 } });
  });

  test('gives what the client asks for in one piece, larger than an answer may be', async () => {
    const text = 'x'.repeat(GICS_LIMITS.recordBytes - 100);
    const ids = ['l1', 'l2', 'l3'];
    for (const id of ids) await gics.txn([{ op: 'put', collection: 'settings', id, value: { text } }]);
    const records = await gics.getMany<{ text: string }>('settings', [...ids, 'none']);
    expect(records.map((record) => record?.value.text.length ?? null)).toEqual([text.length, text.length, text.length, null]);
    await expect(gics.txn(ids.map((id) => ({ op: 'put', collection: 'settings', id, value: { text } })))).rejects.toMatchObject({
      code: 'BODY_TOO_LARGE',
    });
  });

  test('names every fault of a request', async () => {
    await expect(gics.list('nowhere' as 'runs')).rejects.toMatchObject({ code: 'BAD_REQUEST', faults: [{ path: 'collection' }] });
    await expect(gics.txn([{ op: 'check', collection: 'runs', id: '', rev: -1 }])).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      faults: [{ path: 'ops.0.id' }, { path: 'ops.0.rev' }],
    });
  });

  test('keeps and checks blobs, whole and in ranges', async () => {
    const bytes = new Uint8Array(randomBytes(2.5 * GICS_LIMITS.blobChunkBytes));
    const { sha256, size } = await gics.putBlob(bytes);
    expect([size, await gics.statBlob(sha256)]).toEqual([bytes.length, { size: bytes.length }]);
    expect(Buffer.compare((await gics.getBlob(sha256)) ?? Buffer.alloc(0), bytes)).toBe(0);
    const range = { start: GICS_LIMITS.blobChunkBytes - 5, end: 2 * GICS_LIMITS.blobChunkBytes + 5 };
    expect(Buffer.compare((await gics.getBlob(sha256, range)) ?? Buffer.alloc(0), bytes.subarray(range.start, range.end))).toBe(0);
    expect(await gics.getBlob(sha256, { start: size - 1, end: size + 10 })).toHaveLength(1);
    expect((await gics.putBlob(new Uint8Array(0))).size).toBe(0);
    await gics.dropBlob(sha256);
    expect(await gics.getBlob(sha256)).toBeNull();
  });

  const lengthAndNoise = Buffer.concat([Buffer.from([0, 0, 0, 64]), randomBytes(64)]);
  test.for([
    ['noise', Buffer.concat([Buffer.from([0xff]), randomBytes(300)])],
    ['a frame of noise', lengthAndNoise],
    ['a frame that is no msgpack', Buffer.from([0, 0, 0, 3, 0xc1, 0xc1, 0xc1])],
    ['a frame that is no request', encodeFrame({ hello: 1 })],
    ['an empty frame', Buffer.from([0, 0, 0, 0])],
    ['a length beyond the limit', Buffer.from([1, 0, 0, 1, 0])],
    ['an array longer than the frame', Buffer.from([0, 0, 0, 5, 0xdd, 0xff, 0xff, 0xff, 0xff])],
  ] as const)('closes a connection that sends %s, and no other', async ([, bytes]) => {
    const other = daemon.client();
    const pending = other.txn([{ op: 'append', stream: 'others', items: [{ data: 1 }] }]);
    const socket = await raw();
    const closed = once(socket, 'close');
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(bytes);
    await closed;
    await pending;
    expect(await other.count('runs')).toBe(0);
  });

  test('answers people over HTTP on the same socket', async () => {
    expect(await get(daemon, '/health')).toMatchObject({ status: 200, body: { ok: true } });
    expect(await get(daemon, '/status')).toMatchObject({ status: 200, body: { schema: 1, records: { drafts: 1 } } });
    expect(await get(daemon, '/other')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });

  test.skipIf(process.platform !== 'linux')('holds nothing for a reader that does not read, and serves it all later', async () => {
    const text = 'x'.repeat(500_000);
    for (let index = 0; index < 16; index += 1) await gics.txn([{ op: 'append', stream: 'heavy', items: [{ data: text }] }]);
    const socket = await raw();
    const requests = 100;
    for (let id = 1; id <= requests; id += 1) socket.write(encodeFrame([id, 'read', { stream: 'heavy' }]));
    const before = memoryKib(daemon.pid);
    await expect.poll(() => gics.read('heavy', { limit: 1 }).then((entries) => entries.length)).toBe(1);
    // 100 answers of 8 MB would be 800 MB.
    expect(memoryKib(daemon.pid) - before).toBeLessThan(200 * 1024);
    let bytes = 0;
    for await (const chunk of socket) {
      bytes += (chunk as Buffer).length;
      if (bytes >= requests * 16 * text.length) break;
    }
    expect(bytes).toBeGreaterThanOrEqual(requests * 16 * text.length);
  });

  test('a tail gives what is there, then what comes, and ends with its signal', async () => {
    const stop = new AbortController();
    const seen: unknown[] = [];
    await gics.txn([{ op: 'append', stream: 't', items: [{ data: 0 }, { data: 1 }] }]);
    for await (const entry of gics.tail('t', { from: 2, signal: stop.signal })) {
      seen.push(entry.data);
      if (seen.length === 3) stop.abort();
      else await gics.txn([{ op: 'append', stream: 't', items: [{ data: seen.length + 1 }] }]);
    }
    expect(seen).toEqual([1, 2, 3]);
  });

  test('a tail that waits ends at once with its signal, and with its client', async () => {
    const stop = new AbortController();
    const client = daemon.client();
    const collect = async (tail: AsyncIterable<StreamEntry>): Promise<StreamEntry[]> => {
      const entries: StreamEntry[] = [];
      for await (const entry of tail) entries.push(entry);
      return entries;
    };
    const [first, second] = [
      collect(client.tail('quiet', { from: 1, signal: stop.signal })),
      collect(client.tail('quiet', { from: 1, signal: new AbortController().signal })),
    ];
    await client.count('runs');
    stop.abort();
    expect(await first).toEqual([]);
    await client.close();
    expect(await second).toEqual([]);
  });
});

describe('a daemon on TCP', () => {
  test('refuses to start without a token, in one sentence', async () => {
    await using daemon = new TestDaemon({ GIMO_GICS_URL: 'tcp://127.0.0.1:0' });
    const { code, stderr } = await ended(daemon.spawn());
    expect([code, stderr.trim().split('\n')]).toEqual([1, [expect.stringContaining('only with a token')]]);
  });

  test('serves its token and refuses others, over frames and HTTP', async () => {
    await using daemon = new TestDaemon({ GIMO_GICS_URL: 'tcp://127.0.0.1:0', GIMO_GICS_TOKEN: TOKEN });
    await daemon.start();
    expect(await daemon.client({ token: TOKEN }).count('runs')).toBe(0);
    for (const token of [null, `${TOKEN}x`])
      await expect(daemon.client({ token }).count('runs')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const http = daemon.url.replace('tcp:', 'http:');
    expect((await fetch(`${http}/status`)).status).toBe(401);
    expect((await fetch(`${http}/status`, { headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(200);
    expect((await fetch(`${http}/health`)).status).toBe(200);
  });
});

describe('a client without a daemon', () => {
  test('waits for its timeout and says that the store is unavailable', async () => {
    const client = connectGics('unix:/tmp/gimo-no-such-daemon.sock', { timeoutMs: 200 });
    await expect(client.get('runs', 'r')).rejects.toMatchObject({ code: 'GICS_UNAVAILABLE' });
    await client.close();
  });

  // verifies: P0-1
  test('is answered when the daemon comes up within the timeout', async () => {
    await using daemon = new TestDaemon();
    const pending = daemon.client().txn([{ op: 'put', collection: 'runs', id: 'r', value: {} }]);
    await daemon.start();
    expect(await pending).toEqual([{ rev: 1 }]);
  });
});

function get(daemon: TestDaemon, url: string): Promise<{ status: number | undefined; body: unknown }> {
  return new Promise((resolve, reject) => {
    request({ socketPath: daemon.paths.gicsSocket, path: url }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(text) }));
    })
      .on('error', reject)
      .end();
  });
}

/** Resident memory as Linux tells it. */
function memoryKib(pid: number | undefined): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
