import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_STREAM, SECURITY_STREAM } from '#contract/gics.ts';
import { startApp, TOKENS, type TestApp } from '#test/helpers/app.ts';

describe('what a role may do', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await startApp();
  });
  afterAll(() => t.close());

  // verifies: API-7, OBJ-4
  it('lets operators generate only when the configuration says so', async () => {
    const asOperator = { token: TOKENS.operator, body: { prompt: 'x' } };
    expect((await t.ask('POST', '/ops/generate', asOperator)).status).toBe(403);
    await t.put('/ops/config', { operator_can_generate: true });
    expect((await t.ask('POST', '/ops/generate', asOperator)).status).toBe(201);
  });

  it('records the refusal of a known caller, also among the security events', async () => {
    const correlation = { 'x-correlation-id': 'refused-for-the-record' };
    await t.ask('PUT', '/ops/config', { token: TOKENS.actions, body: {}, headers: correlation });
    const refusal = {
      actor: expect.stringMatching(/^actions:[0-9a-f]{12}$/),
      action: 'config_put',
      outcome: 'refused',
      code: 'FORBIDDEN',
      correlation_id: 'refused-for-the-record',
    };
    for (const stream of [AUDIT_STREAM, SECURITY_STREAM]) {
      const [entry] = await t.store.gics.read(stream, { tailFirst: true, limit: 1 });
      expect(entry?.data).toMatchObject(refusal);
    }
  });
});
