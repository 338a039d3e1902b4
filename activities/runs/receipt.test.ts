import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '#contract/json.ts';
import type { CloseInput } from '#contract/messages.ts';
import { startGics, type TestGics } from '#test/helpers/gics.ts';
import type { ActivityDeps } from '../deps.ts';
import { makeReceipt } from './receipt.ts';

let store: TestGics;
beforeAll(async () => {
  store = await startGics();
});
afterAll(() => store.close());
const json = (value: object): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;

describe('the receipt of a stop', () => {
  it('says of each node what became of it, counts what was spent after the stop, and is unconfirmed while a process may be left', async () => {
    const at = '2026-01-01T00:00:10.000Z';
    const entry = (state: string, change: object = {}): JsonObject =>
      json({ run_id: 'r_receipt', state, finished_at: null, cost_usd: null, processes_left: 0, ...change });
    const put = (node: string, value: JsonObject): Promise<unknown> =>
      store.gics.txn([{ op: 'put', collection: 'ledger', id: `r_receipt/${node}/1/0`, value }]);
    await put('over', entry('done', { finished_at: '2026-01-01T00:00:09.000Z', cost_usd: 5 }));
    await put('late', entry('done', { finished_at: '2026-01-01T00:00:11.000Z', cost_usd: 2 }));
    await put('empty', entry('stopped', { finished_at: '2026-01-01T00:00:11.000Z', cost_usd: 1 }));
    await put('left', entry('stopped', { finished_at: '2026-01-01T00:00:11.000Z', cost_usd: 0, processes_left: 2 }));
    const node = (id: string, isEffect = true): object => ({ id, was: 'running', attempt: 1, redo: 0, is_effect: isEffect });
    const make = (ids: object[]): ReturnType<typeof makeReceipt> =>
      makeReceipt(
        { gics: store.gics } as unknown as ActivityDeps,
        { run_id: 'r_receipt' } as CloseInput,
        { command: { at, by: 'operator:0' }, nodes: ids } as never,
      );
    const proven = await make([node('over'), node('late'), node('empty'), node('never'), node('gate', false)]);
    expect(proven.nodes.map(({ stopped }) => stopped)).toEqual([
      'already_done',
      'already_done',
      'proven_empty',
      'never_started',
      'withdrawn',
    ]);
    expect(proven.spent_after_usd).toBe(3);
    expect(proven.confirmed_at).not.toBeNull();
    expect((await make([node('empty'), node('left')])).confirmed_at).toBeNull();
  });
});
