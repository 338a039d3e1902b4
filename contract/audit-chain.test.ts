import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chainHash, verifyChain, type ChainEntry } from './audit-chain.ts';
import { CHAIN_GENESIS } from './gics.ts';
import type { Json } from './json.ts';

function chainOf(items: Json[]): ChainEntry[] {
  let prev = CHAIN_GENESIS;
  return items.map((data, index) => {
    const link = { stream: 'audit', offset: index + 1, at: 1000 + index, data, prev };
    prev = chainHash(link);
    return { ...link, hash: prev };
  });
}

describe('the audit chain', () => {
  test('hashes the canonical text of stream, offset, at, data and prev, and nothing else', () => {
    const text = `{"at":7,"data":{"a":1,"b":[null,"ü"]},"offset":1,"prev":"${CHAIN_GENESIS}","stream":"audit"}`;
    const link = { stream: 'audit', offset: 1, at: 7, data: { b: [null, 'ü'], a: 1 }, prev: CHAIN_GENESIS, key: 'k' };
    expect(chainHash(link)).toBe(createHash('sha256').update(text).digest('hex'));
  });

  test('holds for every chain, also from its middle on', () => {
    const items = fc.array(
      fc.json().map((text) => JSON.parse(text) as Json),
      { minLength: 2, maxLength: 8 },
    );
    fc.assert(
      fc.property(items, (data) => {
        const chain = chainOf(data);
        expect(verifyChain(chain, CHAIN_GENESIS)).toEqual({ ok: true, first_bad: null });
        expect(verifyChain(chain.slice(1), chain[0]?.hash ?? '')).toEqual({ ok: true, first_bad: null });
      }),
    );
  });

  test.for([
    {
      change: 'other data',
      at: 2,
      edit: (chain: ChainEntry[]) => chain.map((entry) => (entry.offset === 2 ? { ...entry, data: 'forged' } : entry)),
    },
    {
      change: 'another time',
      at: 3,
      edit: (chain: ChainEntry[]) => chain.map((entry) => (entry.offset === 3 ? { ...entry, at: 1 } : entry)),
    },
    { change: 'a missing entry', at: 3, edit: (chain: ChainEntry[]) => chain.filter((entry) => entry.offset !== 2) },
    { change: 'a missing beginning', at: 2, edit: (chain: ChainEntry[]) => chain.slice(1) },
  ])('is broken at the place of $change', ({ at, edit }) => {
    expect(verifyChain(edit(chainOf([1, 2, 3, 4])), CHAIN_GENESIS)).toEqual({ ok: false, first_bad: at });
  });

  test('is broken by an entry that was forged together with its hash, at the one after it', () => {
    const chain = chainOf([1, 2, 3]);
    const [, second] = chain;
    if (second === undefined) throw new Error('the chain is too short');
    const link = { ...second, data: 'forged' };
    chain[1] = { ...link, hash: chainHash(link) };
    expect(verifyChain(chain, CHAIN_GENESIS)).toEqual({ ok: false, first_bad: 3 });
  });
});
