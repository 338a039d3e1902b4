import { describe, expect, test } from 'vitest';
import type { GicsClient } from '#gics/client.ts';
import { readdirSync } from 'node:fs';
import { verifyChain, type ChainEntry } from '#contract/audit-chain.ts';
import { CHAIN_GENESIS } from '#contract/gics.ts';
import { ended, TestDaemon } from './gics-daemon.ts';

type Load = { acknowledged: Set<string>; stop: () => Promise<void> };
const WRITERS = 8;

/** Each transaction writes two records and two stream entries that name it: a half of one is easy to see. */
function writeLoad(gics: GicsClient): Load {
  const acknowledged = new Set<string>();
  const stopping = new AbortController();
  const write = async (writer: number): Promise<void> => {
    for (let n = 0; !stopping.signal.aborted; n += 1) {
      const id = `${writer}-${n}`;
      await gics.txn([
        { op: 'put', collection: 'runs', id, value: { status: 'done' }, rev: 0 },
        { op: 'put', collection: 'drafts', id, value: { status: 'approved' }, rev: 0 },
        { op: 'append', stream: 'audit', items: [{ data: id }] },
        { op: 'append', stream: 'changes', items: [{ data: id }] },
      ]);
      acknowledged.add(id);
    }
  };
  const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer));
  return {
    acknowledged,
    stop: async () => {
      stopping.abort();
      await Promise.all(writers);
    },
  };
}

async function idsOf(gics: GicsClient, collection: 'runs' | 'drafts'): Promise<Set<string>> {
  const ids = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await gics.list(collection, { limit: 1000, cursor });
    for (const record of page.records) ids.add(record.id);
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return ids;
}

async function entriesOf(gics: GicsClient, stream: string): Promise<ChainEntry[]> {
  const all: ChainEntry[] = [];
  for (;;) {
    const entries = await gics.read(stream, { from: all.length + 1 });
    if (entries.length === 0) return all;
    for (const { prev = '', hash = '', ...entry } of entries) all.push({ stream, ...entry, prev, hash });
  }
}

describe('a daemon that is killed in the middle of writes', () => {
  // verifies: P0-1, ARC-7, PRIN-2
  test('keeps every acknowledged transaction, none by half, none twice, and its clients go on', async () => {
    await using daemon = await new TestDaemon().start();
    const gics = daemon.client({ timeoutMs: 60_000 });
    const load = writeLoad(gics);
    for (let kill = 0; kill < 5; kill += 1) {
      const before = load.acknowledged.size;
      await expect.poll(() => load.acknowledged.size, { timeout: 30_000 }).toBeGreaterThan(before + 200);
      await daemon.stop('SIGKILL');
      await daemon.start();
    }
    // `rev: 0` and a re-sent transaction: without the memory of transaction ids this would end in a conflict.
    await load.stop();
    const [runs, drafts] = [await idsOf(gics, 'runs'), await idsOf(gics, 'drafts')];
    expect(runs).toEqual(load.acknowledged);
    expect(drafts).toEqual(runs);
    for (const stream of ['audit', 'changes']) {
      const entries = await entriesOf(gics, stream);
      expect(entries).toHaveLength(runs.size);
      expect(new Set(entries.map((entry) => entry.data))).toEqual(runs);
      expect(entries.map((entry) => entry.offset)).toEqual(entries.map((_, index) => index + 1));
    }
    expect(verifyChain(await entriesOf(gics, 'audit'), CHAIN_GENESIS).ok).toBe(true);
  });

  test.for(['before', 'after'] as const)(
    'exactly %s a commit applies the transaction once, and its client learns the result',
    async (moment) => {
      await using daemon = await new TestDaemon().start({ GIMO_FAILPOINTS: `gics.${moment}_commit:2` });
      const gics = daemon.client({ timeoutMs: 60_000 });
      await gics.txn([{ op: 'append', stream: 'changes', items: [{ data: 1 }] }]);
      const pending = gics.txn([
        { op: 'put', collection: 'runs', id: 'r', value: {}, rev: 0 },
        { op: 'append', stream: 'changes', items: [{ data: 2 }] },
      ]);
      await daemon.gone();
      await daemon.start();
      expect(await pending).toEqual([{ rev: 1 }, { offsets: [2] }]);
      expect((await gics.read('changes')).map((entry) => entry.data)).toEqual([1, 2]);
    },
  );

  test('gives a tail every entry once and in order, over kills and restarts', async () => {
    await using daemon = await new TestDaemon().start();
    const stop = new AbortController();
    const seen: number[] = [];
    const tailer = daemon.client();
    const tailing = (async () => {
      for await (const entry of tailer.tail('changes', { from: 1, signal: stop.signal })) seen.push(entry.offset);
    })();
    const gics = daemon.client({ timeoutMs: 60_000 });
    const load = writeLoad(gics);
    for (let kill = 0; kill < 3; kill += 1) {
      const before = seen.length;
      await expect.poll(() => seen.length, { timeout: 30_000 }).toBeGreaterThan(before + 100);
      await daemon.stop('SIGKILL');
      await daemon.start();
    }
    await load.stop();
    const { last } = await gics.info('changes');
    await expect.poll(() => seen.length, { timeout: 30_000 }).toBe(last);
    stop.abort();
    await tailing;
    expect(seen).toEqual(Array.from({ length: last }, (_, index) => index + 1));
  });
});

describe('the data directory', () => {
  test('belongs to one daemon, and to the next when that one is killed', async () => {
    await using daemon = await new TestDaemon().start();
    const second = await ended(daemon.spawn());
    expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(/^The data directory is in use by another instance\..*\n$/) });
    expect(await daemon.client().count('runs')).toBe(0);
    await daemon.stop('SIGKILL');
    expect(readdirSync(daemon.paths.gics)).toContain('gics.sock');
    await daemon.start();
    expect(await daemon.client().count('runs')).toBe(0);
  });
});

describe('a daemon that is asked to stop', () => {
  test.for(['SIGTERM', 'SIGINT'] as const)('by %s under load loses nothing and exits 0', async (signal) => {
    await using daemon = await new TestDaemon().start();
    const gics = daemon.client({ timeoutMs: 60_000 });
    const load = writeLoad(gics);
    await expect.poll(() => load.acknowledged.size, { timeout: 30_000 }).toBeGreaterThan(100);
    expect(await daemon.stop(signal)).toEqual({ code: 0 });
    expect(readdirSync(daemon.paths.gics).sort()).toEqual(['blobs', 'gics.sqlite', 'lock.sqlite']);
    await daemon.start();
    await load.stop();
    expect(await idsOf(gics, 'runs')).toEqual(load.acknowledged);
  });
});
