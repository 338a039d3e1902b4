/** What every storage engine must pass: call `describeStore` from a test file with a function that opens an empty store. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifyChain } from '#contract/audit-chain.ts';
import { CHAIN_GENESIS, type GicsOp } from '#contract/gics.ts';
import type { Json } from '#contract/json.ts';
import { conflict, describeConditions, describeLists, describeRecords, type Stores } from './conformance-records.ts';
import { append, easyStore, put } from './easy-store.ts';
import { decodeEntry, encodeOp, PAGE_BYTES, type Store } from './store.ts';

type Opened = { store: Store; dispose: () => Promise<void> };

export function describeStore(name: string, open: () => Promise<Opened>): void {
  describe(`${name} as a store`, () => {
    let opened: Opened;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.dispose());
    const stores = () => ({ store: opened.store, easy: easyStore(opened.store) });
    describeRecords(stores);
    describeConditions(stores);
    describeLists(stores);
    describeStreams(stores);
    describeTransactions(stores);
  });
}

function describeStreams(stores: Stores): void {
  test('offsets start at 1, have no gaps, and belong to their stream', async () => {
    const { store, easy } = stores();
    expect(await easy.txn(append('a', 'x', 'y'), append('b', 'z'), append('a', 'w'))).toEqual([
      { offsets: [1, 2] },
      { offsets: [1] },
      { offsets: [3] },
    ]);
    expect(await easy.data('a')).toEqual(['x', 'y', 'w']);
    expect(await easy.data('a', { from: 2, limit: 1 })).toEqual(['y']);
    expect(await easy.data('a', { tailFirst: true, limit: 2 })).toEqual(['w', 'y']);
    expect(await easy.data('a', { tailFirst: true, from: 2 })).toEqual(['y', 'x']);
    expect(await store.info('a')).toEqual({ stream: 'a', first: 1, last: 3, hash: null });
    expect(await store.info('none')).toEqual({ stream: 'none', first: 1, last: 0, hash: null });
  });

  test('a key that the stream holds is dropped, and takes no offset', async () => {
    const { easy } = stores();
    const keyed = (...keys: string[]): GicsOp => ({ op: 'append', stream: 'a', items: keys.map((key) => ({ key, data: key })) });
    expect(await easy.txn(keyed('k1', 'k1', 'k2'))).toEqual([{ offsets: [1, null, 2] }]);
    expect(await easy.txn(keyed('k2', 'k3'))).toEqual([{ offsets: [null, 3] }]);
    expect(await easy.data('a')).toEqual(['k1', 'k2', 'k3']);
  });

  test('audit streams are chained from the genesis hash to the hash of the stream, and never dropped', async () => {
    const { store, easy } = stores();
    await easy.txn(append('audit', { b: 1, a: 'ü' }, [1.5, null]));
    await easy.txn(append('audit', 'last'));
    const entries = (await store.read('audit', {})).map((entry) => {
      const { prev = '', hash = '', ...rest } = decodeEntry<Json>(entry);
      return { stream: 'audit', ...rest, prev, hash };
    });
    expect(verifyChain(entries, CHAIN_GENESIS)).toEqual({ ok: true, first_bad: null });
    expect(entries.at(-1)?.hash).toBe((await store.info('audit')).hash);
    await expect(store.dropStream('audit')).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('a dropped stream is empty and its neighbours are not', async () => {
    const { easy, store } = stores();
    await easy.txn(append('a', 1), append('b', 2));
    await store.dropStream('a');
    expect([await easy.data('a'), await easy.data('b')]).toEqual([[], [2]]);
  });

  test('the listener hears of a stream after its entries can be read', async () => {
    const { store, easy } = stores();
    const heard: Promise<Json[]>[] = [];
    const stop = store.onAppend((streams) => heard.push(...[...streams].map((stream) => easy.data(stream))));
    await easy.txn(append('a', 1));
    stop();
    await easy.txn(append('a', 2));
    expect(await Promise.all(heard)).toEqual([[1]]);
  });
}

function describeTransactions(stores: Stores): void {
  test('a transaction that fails leaves nothing, and its neighbours in the same turn commit', async () => {
    const { store, easy } = stores();
    const good = easy.txn(put('a', {}), append('s', 'a'));
    const bad = easy.txn(
      put('b', {}),
      append('s', 'b'),
      append('audit', 'b'),
      { op: 'delete', collection: 'runs', id: 'a' },
      put('c', {}, 7),
    );
    const late = easy.txn(put('d', {}), append('s', 'd'));
    await expect(bad).rejects.toMatchObject(conflict(4, 0));
    expect([await good, await late]).toEqual([
      [{ rev: 1 }, { offsets: [1] }],
      [{ rev: 1 }, { offsets: [2] }],
    ]);
    expect(await easy.ids('runs')).toEqual(['d', 'a']);
    expect(await easy.data('s')).toEqual(['a', 'd']);
    expect(await store.info('audit')).toMatchObject({ last: 0, hash: null });
  });

  test('the steps of a transaction see those before them', async () => {
    const { easy } = stores();
    const results = await easy.txn(
      put('a', { n: 1 }, 0),
      { op: 'patch', collection: 'runs', id: 'a', set: { m: 2 }, rev: 1 },
      { op: 'check', collection: 'runs', id: 'a', rev: 2 },
    );
    expect(results).toEqual([{ rev: 1 }, { rev: 2 }, { rev: 2 }]);
  });

  test('a transaction that is sent again is answered as before and not applied again', async () => {
    const { store, easy } = stores();
    const ops = [put('a', {}, 0), append('s', 'once')].map(encodeOp);
    const first = await store.txn('txn-1', ops);
    expect(await store.txn('txn-1', ops)).toEqual(first);
    expect(
      await Promise.all([store.txn('txn-2', [encodeOp(append('s', 'two'))]), store.txn('txn-2', [encodeOp(append('s', 'two'))])]),
    ).toEqual([[{ offsets: [2] }], [{ offsets: [2] }]]);
    expect(await easy.data('s')).toEqual(['once', 'two']);
  });

  test('a value that is too large, or no JSON object, is refused', async () => {
    const { store, easy } = stores();
    await expect(easy.txn(put('a', { text: 'x'.repeat(PAGE_BYTES) }))).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
    for (const json of ['[]', '{', 'null', '']) {
      await expect(store.txn(randomUUID(), [{ op: 'put', collection: 'runs', id: 'a', json }])).rejects.toMatchObject({
        code: 'BAD_REQUEST',
      });
    }
  });

  test('an append that is no JSON is refused and the store goes on', async () => {
    const { store, easy } = stores();
    await expect(store.txn(randomUUID(), [{ op: 'append', stream: 's', items: [{ json: '{' }] }])).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    expect(await easy.txn(append('s', 1))).toEqual([{ offsets: [1] }]);
  });
}
