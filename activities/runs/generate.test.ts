/** What it costs that a model writes a plan: a real store, and a provider that answers as the test says. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayOf, type SpentToday } from '#contract/caps.ts';
import { COST_STREAM } from '#contract/gics.ts';
import type { JsonObject } from '#contract/json.ts';
import type { GenerateResult } from '#contract/messages.ts';
import type { Logger } from '#platform/log.ts';
import { startGics, type TestGics } from '#test/helpers/gics.ts';
import { openSse, PROTOCOLS, sendEvent, startTestServer, type TestServer } from '../providers/test-server.ts';
import { generateAs } from './generate.ts';

const LITTLE_USD = 0.0005;
let store: TestGics;
let model: TestServer;
beforeAll(async () => {
  store = await startGics();
  model = await startTestServer((response) => {
    openSse(response);
    for (const event of [...PROTOCOLS.openai.start, PROTOCOLS.openai.text('{"no":"plan"}'), PROTOCOLS.openai.finish('stop')])
      sendEvent(response, event);
    response.end('data: [DONE]\n\n');
  });
});
afterAll(async () => {
  await model[Symbol.asyncDispose]();
  await store.close();
});
beforeEach(async () => {
  model.bodies.length = 0;
  await configure({ input_usd_per_mtok: 1, output_usd_per_mtok: 1 });
});

async function configure(price: JsonObject | null, caps: JsonObject = {}): Promise<void> {
  // What is on this machine costs nothing, unless it has a price.
  const base_url = price === null ? 'https://models.example.com/v1' : `${model.url}/v1`;
  const paid = { type: 'custom_openai_compatible', base_url, model: 'm', api_key: null, ...(price === null ? {} : { price }) };
  await store.gics.txn([
    { op: 'put', collection: 'settings', id: 'provider', value: { active: 'paid', providers: { paid } } },
    { op: 'put', collection: 'settings', id: 'config', value: { daily_caps: { usd: null, providers: {}, ...caps } } },
  ]);
}
const day = async (): Promise<SpentToday | undefined> => (await store.gics.get<SpentToday>('spending', dayOf(new Date())))?.value;
const log = { warn: () => undefined } as unknown as Logger;
const generate = (id: string): Promise<GenerateResult> =>
  generateAs({ gics: store.gics, log, env: {} }, { prompt: 'p', provider: null, context: {}, deadline_ms: Date.now() + 60_000 }, id);

describe('a plan that a model writes', () => {
  it('is not asked for where the caps of the day leave too little, in all or at its provider', async () => {
    const tight: JsonObject[] = [{ usd: LITTLE_USD }, { providers: { paid: LITTLE_USD } }];
    for (const caps of tight) {
      await configure({ input_usd_per_mtok: 1, output_usd_per_mtok: 1 }, caps);
      expect(await generate('refused')).toMatchObject({ plan: null, error: { code: 'BUDGET_EXCEEDED' } });
    }
    expect(model.bodies).toEqual([]);
  });

  it('counts against the day and stands in the cost stream, with each of its turns', async () => {
    const before = (await day())?.providers['paid'] ?? { spent_usd: 0, unknown_calls: 0 };
    const { last } = await store.gics.info(COST_STREAM);
    expect(await generate('asked')).toMatchObject({ error: { code: 'PROVIDER_BAD_OUTPUT' } });
    const after = (await day())?.providers['paid'];
    expect(after?.spent_usd).toBeGreaterThan(before.spent_usd);
    expect((await day())?.held).toEqual({});
    const entries = await store.gics.read<{ provider: string; run_id: null }>(COST_STREAM, { from: last + 1, limit: 10 });
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.every(({ data }) => data.provider === 'paid' && data.run_id === null)).toBe(true);
  });

  it('counts as much as a run may spend by default where nobody knows its price', async () => {
    await configure(null, { usd: 0.9 });
    expect(await generate('unknown')).toMatchObject({
      error: { code: 'BUDGET_EXCEEDED', message: expect.stringContaining('may cost 1.0') },
    });
    expect(model.bodies).toEqual([]);
  });
});
