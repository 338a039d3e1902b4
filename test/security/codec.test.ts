import { defaultPayloadConverter } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePlain } from '#api/temporal-payloads.ts';
import type { Json } from '#contract/json.ts';
import type { WirePayloads } from '#contract/routes/codec.ts';
import { ensurePayloadKey } from '#platform/payload-keys.ts';
import { startApp, TOKENS, type TestApp } from '../helpers/app.ts';
import { signIn } from '../helpers/credentials.ts';

const TEMPORAL_WEB = 'http://127.0.0.1:8233';
type Wire = WirePayloads['payloads'][number];
const wire = (value: Json): Wire => {
  const { metadata, data } = defaultPayloadConverter.toPayload(value) ?? {};
  const base64 = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('base64');
  return { metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, bytes]) => [name, base64(bytes)])), data: base64(data) };
};

describe('the codec for Temporal Web', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await startApp();
    ensurePayloadKey(t.store.paths.payloadKeys);
  });
  afterAll(() => t.close());
  const post = (
    verb: 'encode' | 'decode',
    payloads: Wire[],
    headers = {},
    token: string | null = TOKENS.operator,
  ): ReturnType<typeof t.ask<WirePayloads>> => t.ask<WirePayloads>('POST', `/codec/${verb}`, { token, body: { payloads }, headers });

  it('makes plain again what workers write, also what lies in the store because it is large; what it cannot read stays as it is', async () => {
    const values = ['a word', { list: [1, null] }, 'x'.repeat(100_000)];
    const { payloads } = (await post('encode', values.map(wire))).body;
    expect(payloads.map(({ metadata }) => Buffer.from(metadata?.['encoding'] ?? '', 'base64').toString())).toEqual(
      values.map(() => 'binary/encrypted'),
    );
    expect(Math.max(...payloads.map(({ data }) => data?.length ?? 0))).toBeLessThan(1000);
    const foreign = { ...payloads[0], data: Buffer.from('no payload of ours').toString('base64') };
    expect((await post('decode', [...payloads, foreign])).body.payloads).toEqual([...values.map(wire), foreign]);
  });

  it('makes plain what Temporal answers, wherever it stands in it and however much it is, for whoever may read it', async () => {
    const values = Array.from({ length: 600 }, (_, index) => `value ${index}`);
    const { payloads } = (await post('encode', values.map(wire))).body;
    const foreign = { ...payloads[0], data: Buffer.from('no payload of ours').toString('base64') };
    const answer = (): Json =>
      structuredClone({ history: { events: payloads.map((one) => ({ input: { payloads: [one] } })) }, memo: [foreign, 1] }) as Json;
    const shown = async (token: string): Promise<Json> => {
      const body = answer();
      await makePlain(t.app, body, { host: `localhost:${t.deps.config.port}`, authorization: `Bearer ${token}` });
      return body;
    };
    expect(await shown(TOKENS.operator)).toEqual({
      history: { events: values.map((value) => ({ input: { payloads: [wire(value)] } })) },
      memo: [foreign, 1],
    });
    expect(await shown(TOKENS.actions)).toEqual(answer());
  });

  it('answers a person who is signed in, from the page of Temporal alone', async () => {
    const { cookie } = await signIn(t, TOKENS.operator);
    const asked = (origin: string): ReturnType<typeof post> => post('decode', [wire('plain')], { cookie, origin }, null);
    const answer = await asked(TEMPORAL_WEB);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': TEMPORAL_WEB, 'access-control-allow-credentials': 'true' });
    expect((await asked('http://127.0.0.1:8234')).status).toBe(403);
    const preflight = await t.ask('OPTIONS', '/codec/decode', {
      token: null,
      headers: { origin: TEMPORAL_WEB, 'access-control-request-method': 'POST' },
    });
    expect(preflight).toMatchObject({ status: 204, headers: { 'access-control-allow-headers': expect.stringContaining('x-namespace') } });
    for (const address of ['/ops/drafts', '/auth/session', '/codecs/x'])
      expect((await t.ask('GET', address, { token: null, headers: { cookie, origin: TEMPORAL_WEB } })).status, address).toBe(403);
    expect((await post('decode', [], {}, TOKENS.actions)).status).toBe(403);
    expect((await post('decode', [], {}, null)).status).toBe(401);
  });
});
