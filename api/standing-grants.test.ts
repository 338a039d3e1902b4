import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AUDIT_STREAM } from '#contract/gics.ts';
import type { Approved, Draft, Run } from '#contract/objects.ts';
import type { Grant } from '#contract/standing-grant.ts';
import { presence, startApp, type Answer, type TestApp } from '#test/helpers/app.ts';
import { makeToken } from '#test/helpers/credentials.ts';

const BUDGET = { usd: 1, tokens: 200_000, wall_ms: 3_600_000 };
const LOOK = {
  title: 'Look around',
  envelope: {
    kinds: ['process'],
    commands: [['git', 'log', '**']],
    paths: { read: ['**'], write: ['**'] },
    budget: BUDGET,
  },
};

// verifies: ARC-9
describe('a standing grant', () => {
  let t: TestApp;
  let agent: string;
  let count = 0;
  beforeAll(async () => {
    t = await startApp();
    ({ token: agent } = await makeToken(t, 'admin', 'agent', 'A bot'));
  });
  afterAll(() => t.close());
  // A worker that has said nothing for a while counts as one without a sandbox, which is a high risk.
  beforeEach(() => t.store.gics.txn([{ op: 'put', collection: 'settings', id: 'worker', value: presence() }]));

  const grantOf = async (change: object = {}): Promise<Grant> =>
    (await t.post<Grant>('/ops/grants', { ...LOOK, max_risk: 'medium', ...change })).body;
  const draftOf = async (argv = ['git', 'log', '-1'], more: object = {}): Promise<Draft> => {
    count += 1;
    const nodes = [{ id: 'a', kind: 'process', with: { argv } }];
    return (
      await t.ask<Draft>('POST', '/ops/drafts', { token: agent, body: { plan: { version: 1, title: `Look ${count}`, nodes, ...more } } })
    ).body;
  };
  const ask = (draft: Draft, grant?: Grant, change: object = {}): Promise<Answer<{ approved: Approved; run: Run | null }>> =>
    t.ask('POST', `/ops/drafts/${draft.id}/grant`, {
      token: agent,
      body: { hash: draft.hash, ...(grant === undefined ? {} : { grant_id: grant.id }), ...change },
    });
  const why = async (draft: Draft, grant?: Grant): Promise<string> => {
    const { body } = await ask(draft, grant);
    return 'detail' in body ? String(body.detail) : `approved by ${body.approved.approved_by}`;
  };

  it('that a person made approves what it covers for an agent that asks, and both stand in the record', async () => {
    const grant = await grantOf();
    expect(grant).toMatchObject({ uses: 0, max_uses: 10, repo: t.repo, created_by: expect.stringMatching(/^admin:/) });
    const draft = await draftOf();
    const { status, body } = await ask(draft, grant);
    expect(status).toBe(200);
    expect(body.approved).toMatchObject({
      approved_by: `grant:${grant.id}`,
      grant_id: grant.id,
      decision: { by: grant.created_by, packet_hash: null, agreement: { grant: { id: grant.id } } },
    });
    expect(body.approved.expires_at <= grant.expires_at).toBe(true);
    expect((await t.get<Draft>(`/ops/drafts/${draft.id}`)).body).toMatchObject({ status: 'approved', decided_by: `grant:${grant.id}` });
    const [entry] = (await t.store.gics.read<{ action: string }>(AUDIT_STREAM, { tailFirst: true, limit: 5 })).filter(
      ({ data }) => data.action === 'drafts_grant',
    );
    expect(entry?.data).toMatchObject({
      actor: expect.stringMatching(/^admin:/),
      by_name: 'A bot',
      detail: { approved_by: `grant:${grant.id}` },
    });
    expect((await t.get<Grant[]>('/ops/grants')).body[0]).toMatchObject({ id: grant.id, uses: 1 });
  });

  it('is found without being named', async () => {
    await grantOf();
    expect(await why(await draftOf())).toContain('approved by grant:');
  });

  it('does nothing by itself: a draft that it covers stays one until somebody asks', async () => {
    await grantOf();
    expect((await draftOf()).status).toBe('draft');
  });

  it.each<[string, Parameters<typeof draftOf>, string]>([
    ['another command', [['rm', '-r', '.']], 'is not granted'],
    ['more money', [undefined, { envelope: { budget: { ...BUDGET, usd: 2 } } }], 'budget.usd'],
    ['more runs', [undefined, { policy: { max_runs: 2 } }], 'more than one run'],
    ['more people', [undefined, { policy: { quorum: 2 } }], 'several people'],
  ])('does not cover %s', async (_what, draft, reason) => {
    expect(await why(await draftOf(...draft), await grantOf())).toContain(reason);
  });

  it('does not cover a higher risk, nor another repository', async () => {
    expect(await why(await draftOf(), await grantOf({ max_risk: 'low' }))).toContain('risk');
    expect((await t.post('/ops/grants', { ...LOOK, max_risk: 'high' })).status).toBe(400);
    const grant = await grantOf();
    await t.store.gics.txn([{ op: 'patch', collection: 'grants', id: grant.id, set: { repo: '/elsewhere' } }]);
    expect(await why(await draftOf(), grant)).toContain('another repository');
  });

  it('always ends, at the latest after 90 days', async () => {
    expect((await t.post('/ops/grants', { ...LOOK, expires_days: 91 })).status).toBe(400);
    const grant = await grantOf({ expires_days: 1 });
    expect(Date.parse(grant.expires_at) - Date.parse(grant.created_at)).toBeCloseTo(24 * 3_600_000, -3);
    await t.store.gics.txn([{ op: 'patch', collection: 'grants', id: grant.id, set: { expires_at: '2020-01-01T00:00:00.000Z' } }]);
    expect(await why(await draftOf(), grant)).toContain('has ended');
  });

  it('is used as often as it allows, also when many ask at once', async () => {
    const grant = await grantOf({ max_uses: 3 });
    const drafts = await Promise.all(Array.from({ length: 8 }, () => draftOf()));
    const answers = await Promise.all(drafts.map((draft) => ask(draft, grant)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(await t.store.gics.count('approved', { grant_id: grant.id })).toBe(3);
    expect(await why(await draftOf(), grant)).toContain('used up');
  });

  it('is ended by an operator, safely again, and then covers nothing', async () => {
    const grant = await grantOf();
    const ended = await t.ask<Grant>('DELETE', `/ops/grants/${grant.id}`);
    expect((await t.ask<Grant>('DELETE', `/ops/grants/${grant.id}`)).body.revoked_at).toBe(ended.body.revoked_at);
    expect(await why(await draftOf(), grant)).toContain('revoked');
  });

  it('approves exactly what was read, and nothing twice', async () => {
    const grant = await grantOf();
    const draft = await draftOf();
    expect((await ask(draft, grant, { hash: '0'.repeat(64) })).status).toBe(409);
    expect([(await ask(draft, grant)).status, (await ask(draft, grant)).status]).toEqual([200, 409]);
  });
});
