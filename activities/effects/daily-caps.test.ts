/** The counters of a day in a real store, with two clients as two workers have them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectGics, type GicsClient } from '#gics/client.ts';
import { dayOf, type SpentToday } from '#contract/caps.ts';
import { errorCode } from '#contract/errors.ts';
import { startGics, type TestGics } from '#test/helpers/gics.ts';
import { holdOfDay } from './daily-caps.ts';

let store: TestGics;
let other: GicsClient;
beforeAll(async () => {
  store = await startGics();
  other = connectGics(`unix:${store.paths.gicsSocket}`);
  await store.gics.txn([{ op: 'put', collection: 'settings', id: 'config', value: { daily_caps: { usd: 3, providers: { paid: 2 } } } }]);
});
afterAll(async () => {
  await other.close();
  await store.close();
});

it('calls of several workers at once never pass a cap together, and what they give back is there for others', async () => {
  const hold = (index: number): Promise<(usd: number | null) => Promise<void>> =>
    holdOfDay(index % 2 === 0 ? store.gics : other, { key: `call/${index}`, provider: 'paid', usd: 0.5 });
  const tried = await Promise.allSettled(Array.from({ length: 20 }, (_none, index) => hold(index)));
  const settles = tried.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  expect(settles).toHaveLength(4);
  const refused = tried.flatMap((result) => (result.status === 'rejected' ? [errorCode(result.reason)] : []));
  expect(new Set(refused)).toEqual(new Set(['BUDGET_EXCEEDED']));
  const [first, second] = settles;
  await first?.(0.1);
  await second?.(null);
  const day = await store.gics.get<SpentToday>('spending', dayOf(new Date()));
  expect(day?.value.providers).toEqual({ paid: { spent_usd: 0.6, unknown_calls: 1 } });
  await expect(holdOfDay(other, { key: 'late', provider: 'paid', usd: 0.4 })).resolves.toBeTypeOf('function');
  await expect(holdOfDay(other, { key: 'later', provider: 'paid', usd: 0.1 })).rejects.toThrow(
    /of the 2 US\$ a day for the provider `paid`/,
  );
});
