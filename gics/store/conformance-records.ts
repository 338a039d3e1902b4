import { expect, test } from 'vitest';
import type { GicsOp, ListQuery } from '#contract/gics.ts';
import { put, type EasyStore } from './easy-store.ts';
import { PAGE_BYTES, type Store } from './store.ts';

export type Stores = () => { store: Store; easy: EasyStore };
export const conflict = (index: number, rev: number) => ({ code: 'GICS_CONFLICT', data: { index, rev } });

export function describeRecords(stores: Stores): void {
  test('a put makes revision 1, the next 2, and keeps the time of creation', async () => {
    const { store, easy } = stores();
    expect(await easy.txn(put('r', { n: 1 }))).toEqual([{ rev: 1 }]);
    const [first] = await store.get('runs', ['r']);
    expect(await easy.txn(put('r', { n: 2, text: 'ü' }))).toEqual([{ rev: 2 }]);
    const [second] = await store.get('runs', ['r']);
    expect(second).toMatchObject({ id: 'r', rev: 2, json: '{"n":2,"text":"ü"}', created_at: first?.created_at });
  });

  test('a patch merges top-level fields and needs a record', async () => {
    const { easy } = stores();
    await easy.txn(put('r', { a: { x: 1 }, b: 2 }));
    await easy.txn({ op: 'patch', collection: 'runs', id: 'r', set: { a: { y: 1 }, c: null } });
    expect(await easy.get('runs', 'r')).toEqual({ a: { y: 1 }, b: 2, c: null });
    await expect(easy.txn({ op: 'patch', collection: 'runs', id: 'none', set: {} })).rejects.toMatchObject(conflict(0, 0));
  });

  test('a patch below a number is skipped when the record is not below it', async () => {
    const { easy } = stores();
    const project = (seq: number): GicsOp => ({
      op: 'patch',
      collection: 'runs',
      id: 'r',
      set: { seq },
      below: { field: 'seq', value: seq },
    });
    await easy.txn(put('r', {}));
    expect(await easy.txn(project(5), project(4), project(5), project(6))).toEqual([{ rev: 2 }, { rev: 0 }, { rev: 0 }, { rev: 3 }]);
    expect(await easy.get('runs', 'r')).toEqual({ seq: 6 });
  });

  test('a deleted record is gone and can be made anew', async () => {
    const { easy } = stores();
    await easy.txn(put('r', {}));
    expect(await easy.txn({ op: 'delete', collection: 'runs', id: 'r', rev: 1 })).toEqual([{ rev: 0 }]);
    expect(await easy.get('runs', 'r')).toBeNull();
    expect(await easy.txn(put('r', {}, 0))).toEqual([{ rev: 1 }]);
  });

  test('records of the same id in two collections are two records', async () => {
    const { easy } = stores();
    await easy.txn(put('r', { of: 'runs' }), { op: 'put', collection: 'drafts', id: 'r', value: { of: 'drafts' } });
    expect([await easy.get('runs', 'r'), await easy.get('drafts', 'r')]).toEqual([{ of: 'runs' }, { of: 'drafts' }]);
  });
}

export function describeConditions(stores: Stores): void {
  test('every step with a revision fails unless it is the present one', async () => {
    const { easy } = stores();
    await easy.txn(put('r', {}));
    const target = { collection: 'runs', id: 'r' } as const;
    const steps: GicsOp[] = [
      { op: 'check', ...target, rev: 2 },
      { op: 'put', ...target, value: {}, rev: 0 },
      { op: 'patch', ...target, set: {}, rev: 3 },
      { op: 'delete', ...target, rev: 0 },
    ];
    for (const step of steps) await expect(easy.txn(step)).rejects.toMatchObject(conflict(0, 1));
    await expect(easy.txn({ op: 'check', collection: 'runs', id: 'none', rev: 0 })).resolves.toEqual([{ rev: 0 }]);
  });

  test('check_count fails when the count is not below its limit', async () => {
    const { easy } = stores();
    const take = (id: string): GicsOp[] => [
      { op: 'check_count', collection: 'slots', below: 2 },
      { op: 'put', collection: 'slots', id, value: {} },
    ];
    await easy.txn(...take('a'));
    await easy.txn(...take('b'));
    await expect(easy.txn(...take('c'))).rejects.toMatchObject({ code: 'GICS_CONFLICT', data: { index: 0 } });
    expect(await easy.ids('slots')).toEqual(['b', 'a']);
  });
}

export function describeLists(stores: Stores): void {
  test('where compares value and type, and null stands for absent too', async () => {
    const { easy } = stores();
    const values = { a: true, b: 1, c: 'true', d: false, e: null, f: '1' };
    for (const [id, archived] of Object.entries(values)) await easy.txn(put(id, { archived }));
    await easy.txn(put('g', {}));
    const found = (archived: ListQuery['where']) => easy.ids('runs', { where: archived, order: 'asc' });
    expect(await found({ archived: true })).toEqual(['a']);
    expect(await found({ archived: 1 })).toEqual(['b']);
    expect(await found({ archived: 'true' })).toEqual(['c']);
    expect(await found({ archived: null })).toEqual(['e', 'g']);
    expect(await found({ archived: [true, '1', 1, null] })).toEqual(['a', 'b', 'e', 'f', 'g']);
    expect(await found({ archived: [] })).toEqual([]);
  });

  test('several fields of where must all hold', async () => {
    const { store, easy } = stores();
    await easy.txn(
      put('a', { status: 'done', archived: true }),
      put('b', { status: 'done', archived: false }),
      put('c', { status: 'error', archived: false }),
    );
    expect(await easy.ids('runs', { where: { status: 'done', archived: false } })).toEqual(['b']);
    expect(await store.count('runs', { status: ['done', 'error'] })).toBe(3);
  });

  test('a field that is not indexed is refused', async () => {
    await expect(stores().store.list('runs', { where: { title: 'x' } })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  test.for(['asc', 'desc'] as const)('pages in order %s hold every record once', async (order) => {
    const { store, easy } = stores();
    const ids = Array.from({ length: 25 }, (_, index) => `r${String(index).padStart(2, '0')}`);
    await easy.txn(...ids.map((id, index) => put(id, { status: index % 5 === 0 ? 'done' : 'error' })));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.list('runs', { where: { status: 'error' }, limit: 7, order, cursor });
      seen.push(...page.records.map((record) => record.id));
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined);
    const expected = ids.filter((_, index) => index % 5 !== 0);
    expect(seen).toEqual(order === 'asc' ? expected : expected.toReversed());
  });

  test('a page ends before it outgrows its bytes, and goes on from there', async () => {
    const { store, easy } = stores();
    for (const id of ['a', 'b', 'c']) await easy.txn(put(id, { text: 'x'.repeat(PAGE_BYTES / 2) }));
    const page = await store.list('runs', { order: 'asc' });
    expect(page).toMatchObject({ records: [{ id: 'a' }], cursor: 'a' });
    expect(await store.get('runs', ['a', 'b', 'c'])).toHaveLength(1);
  });
}
