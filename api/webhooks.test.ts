/** Registering webhooks: who may, what is refused, what is shown to whom. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Delivery, Webhook } from '#contract/webhooks.ts';
import { startApp, TOKENS, type TestApp } from '#test/helpers/app.ts';

let app: TestApp;
beforeAll(async () => void (app = await startApp()));
afterAll(() => app.close());

const team = { name: 'team', url: 'https://hooks.example.com/services/T0/secret-part', events: ['run.done'], secret_ref: '${TEAM_SECRET}' };

describe('webhooks', () => {
  // verifies: ARC-8b
  it('are registered and removed by admins only, once for each name, with an audit entry', async () => {
    expect((await app.ask('POST', '/ops/webhooks', { token: TOKENS.operator, body: team })).status).toBe(403);
    const made = await app.post<Webhook>('/ops/webhooks', team);
    expect([made.status, made.body]).toMatchObject([201, { ...team, id: expect.stringMatching(/^w_/) }]);
    expect((await app.post('/ops/webhooks', team)).body).toMatchObject({ code: 'CONFLICT' });
    expect((await app.ask('DELETE', `/ops/webhooks/${made.body.id}`, { token: TOKENS.operator })).status).toBe(403);
    expect((await app.ask('DELETE', `/ops/webhooks/${made.body.id}`)).status).toBe(204);
    expect((await app.ask('DELETE', `/ops/webhooks/${made.body.id}`)).status).toBe(404);
    const entries = await app.store.gics.read<{ action: string; object: string; outcome: string }>('audit');
    const done = entries.filter(({ data }) => data.object === made.body.id && data.outcome === 'done');
    expect(done.map(({ data }) => data.action)).toEqual(['webhooks_create', 'webhooks_delete']);
  });

  it('show the whole address to admins only: it may hold a secret', async () => {
    const { body: made } = await app.post<Webhook>('/ops/webhooks', { ...team, name: 'shown' });
    const seenBy = async (token: string): Promise<string | undefined> =>
      (await app.ask<Webhook[]>('GET', '/ops/webhooks', { token })).body.find(({ id }) => id === made.id)?.url;
    expect(await seenBy(TOKENS.admin)).toBe(team.url);
    expect(await seenBy(TOKENS.actions)).toBe('https://hooks.example.com/…');
    expect((await app.get<Delivery[]>(`/ops/webhooks/${made.id}/deliveries`)).body).toEqual([]);
    expect((await app.get('/ops/webhooks/w_01ARZ3NDEKTSV4RRFFQ69G5FAV/deliveries')).status).toBe(404);
  });

  it.each([
    ['an address with a user name', { url: 'https://user:pass@hooks.example.com/' }],
    ['a scheme that is not http', { url: 'file:///etc/passwd' }],
    ['a secret instead of a reference', { secret_ref: 'a-real-secret' }],
    ['a variable of GIMO itself', { secret_ref: '${ORCH_ADMIN_TOKEN}' }],
    ['an event that there is not', { events: ['run.started'] }],
    ['a name that nodes could not write', { name: 'Team Room' }],
  ])('refuse %s', async (_what, change) => {
    expect((await app.post('/ops/webhooks', { ...team, name: 'other', ...change })).body).toMatchObject({
      status: 400,
      code: 'BAD_REQUEST',
    });
  });

  it('refuse http, where others could read what is sent, unless an admin opened that service', async () => {
    const plain = { ...team, name: 'plain', url: 'http://127.0.0.1:8080/hook' };
    expect((await app.post('/ops/webhooks', plain)).body).toMatchObject({ code: 'ADDRESS_REFUSED' });
    expect((await app.put('/ops/config', { local_hosts: ['127.0.0.1:8080'] })).status).toBe(200);
    expect((await app.post('/ops/webhooks', plain)).status).toBe(201);
  });
});
