import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseLimits } from '#contract/limits.ts';
import { readConfig } from '#platform/config.ts';
import { startApp, TOKENS, type TestApp } from '../helpers/app.ts';
import { signIn } from '../helpers/credentials.ts';
import { startRun } from '../helpers/runs.ts';

// verifies: SEC-4
describe('limits of one credential', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await startApp({ env: { GIMO_LIMITS: 'read=5,write=6,costly=2,stop=4' } });
  });
  afterAll(() => t.close());
  const statuses = async (times: number, ask: () => Promise<{ status: number }>): Promise<number[]> => {
    const seen: number[] = [];
    for (let count = 0; count < times; count++) seen.push((await ask()).status);
    return seen;
  };

  it('end with 429, the seconds to wait and what to do; the same token in a cookie counts with it', async () => {
    const read = () => t.ask('GET', '/ops/drafts', { token: TOKENS.actions });
    expect(await statuses(6, read)).toEqual([200, 200, 200, 200, 200, 429]);
    const refused = await read();
    expect(refused.body).toMatchObject({ code: 'RATE_LIMITED', detail: expect.stringContaining('5 calls of the kind `read`') });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    const { headers } = await signIn(t, TOKENS.actions);
    expect((await t.ask('GET', '/ops/drafts', { token: null, headers })).status).toBe(429);
    expect((await t.ask('GET', '/ops/drafts', { token: TOKENS.operator })).status).toBe(200);
  });

  it('leave health and readiness free', async () => {
    expect(await statuses(20, () => t.ask('GET', '/health', { token: TOKENS.actions }))).toEqual(Array.from({ length: 20 }, () => 200));
  });

  it('of changes leave stops alone, and calls of providers have their own', async () => {
    const run = await startRun(t);
    const write = () => t.post('/ops/drafts', {});
    expect((await statuses(4, write)).at(-1)).toBe(429);
    expect((await t.post('/ops/generate', {})).status).toBe(400);
    expect((await t.post('/ops/generate', {})).status).toBe(400);
    expect((await t.post('/ops/generate', {})).status).toBe(429);
    expect((await t.post(`/ops/runs/${run.id}/cancel`)).status).toBe(202);
    expect((await t.post('/ui/security/panic', {})).status).toBe(200);
  });
});

describe('the setting of limits', () => {
  it('takes pairs, and names what it cannot read', () => {
    expect(parseLimits('read=10, stop=7')).toMatchObject({ read: 10, stop: 7, write: 1200 });
    for (const text of ['reads=1', 'read=0', 'read=-1', 'read', '__proto__=1', 'read=1e9'])
      expect(() => parseLimits(text)).toThrow('is no limit');
    expect(() => readConfig({ GIMO_LIMITS: 'reads=1' })).toThrow('GIMO_LIMITS');
  });
});
