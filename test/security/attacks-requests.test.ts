/** Named attacks through what is sent: replays, stale and blind hashes, bodies that say more than they may; docs/attacks.md lists them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Approved, Draft, Packet, Run } from '#contract/objects.ts';
import { presence, startApp, TOKENS, type TestApp } from '../helpers/app.ts';
import { holding, mildPlan, packetOf, person, riskyPlan, type Person } from '../helpers/people.ts';
import { git } from '../helpers/repo.ts';

const HOOK = { name: 'chat', url: 'https://chat.example.org/one', secret_ref: '${CHAT_SECRET}' };
const notifying = { plan: { version: 1, title: 'Tell', nodes: [{ id: 'n', kind: 'notify', with: { webhook: 'chat', text: 'x' } }] } };

// verifies: SEC-7
describe('an attack through a request', () => {
  let t: TestApp;
  let owner: Person;
  beforeAll(async () => {
    t = await startApp();
    await t.store.gics.txn([{ op: 'put', collection: 'settings', id: 'worker', value: presence() }]);
    owner = holding(t, 'the owner', TOKENS.admin);
  });
  afterAll(() => t.close());

  const approved = async (body: object = mildPlan()): Promise<Approved> => {
    const { status, body: answer, text } = await owner.approves((await owner.drafts(body)).id);
    if (status !== 200 || answer.approved === null) throw new Error(text);
    return answer.approved;
  };
  const sent = (url: string, text: string, type = 'application/json', method = 'POST'): ReturnType<TestApp['ask']> =>
    t.ask(method, url, { body: text, type });

  describe('replay', () => {
    it('the same yes is sent again', async () => {
      const draft = await owner.drafts(mildPlan());
      expect([(await owner.approves(draft.id)).status, (await owner.approves(draft.id, { hash: draft.hash })).status]).toEqual([200, 409]);
    });

    it('the yes to an earlier revision is sent again after an edit', async () => {
      const draft = await owner.drafts(mildPlan());
      await owner.edits(draft.id, mildPlan());
      expect(await owner.approves(draft.id, { hash: draft.hash })).toMatchObject({ status: 409, body: { code: 'HASH_MISMATCH' } });
    });

    it('votes on a revision are counted for the next one', async () => {
      const [kim, sam] = [await person(t, 'Kim'), await person(t, 'Sam')];
      const draft = await owner.drafts(mildPlan({ quorum: 2 }));
      const stored = (await t.store.gics.get<Draft>('drafts', draft.id))?.value;
      await kim.approves(draft.id);
      const votes = (await t.store.gics.get<Draft>('drafts', draft.id))?.value.votes ?? [];
      await owner.edits(draft.id, mildPlan({ quorum: 2 }));
      await t.store.gics.txn([{ op: 'patch', collection: 'drafts', id: draft.id, set: { votes } }]);
      expect([stored?.votes.length, votes.length]).toEqual([0, 1]);
      expect(await sam.approves(draft.id)).toMatchObject({ status: 202, body: { approvers: { votes: [{ by_name: 'Sam' }] } } });
    });

    it('an approval that is spent starts another run', async () => {
      const { id } = await approved();
      expect((await t.post<Run>('/ops/runs', { approved_id: id })).status).toBe(201);
      expect(await t.post('/ops/runs', { approved_id: id })).toMatchObject({ status: 409, body: { code: 'MAX_RUNS_SPENT' } });
    });

    it('an approval that is spent starts several runs at the same moment', async () => {
      const { id } = await approved(mildPlan({ max_runs: 2 }));
      const answers = await Promise.all(Array.from({ length: 8 }, () => t.post<Run>('/ops/runs', { approved_id: id })));
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    });

    it('an Idempotency-Key is used again for another answer', async () => {
      const headers = { 'idempotency-key': 'one-yes' };
      const draft = await owner.drafts(mildPlan());
      const yes = (body: object): ReturnType<typeof t.post> => t.post(`/ops/drafts/${draft.id}/approve`, body, headers);
      expect([(await yes({ hash: 'a'.repeat(64) })).status, (await yes({ hash: draft.hash })).status]).toEqual([409, 200]);
      expect((await yes({ hash: draft.hash, comment: 'more' })).status).toBe(422);
    });

    it('a run is started from an approval that was revoked, or has expired', async () => {
      const revoked = await approved();
      await t.post(`/ops/approved/${revoked.id}/revoke`, { reason: 'no' });
      expect(await t.post('/ops/runs', { approved_id: revoked.id })).toMatchObject({ status: 409, body: { code: 'APPROVAL_REVOKED' } });
      const expired = await approved();
      await t.store.gics.txn([{ op: 'patch', collection: 'approved', id: expired.id, set: { expires_at: '2020-01-01T00:00:00.000Z' } }]);
      expect(await t.post('/ops/runs', { approved_id: expired.id })).toMatchObject({ status: 409, body: { code: 'APPROVAL_EXPIRED' } });
    });
  });

  describe('a hash of something else', () => {
    it('the plan is edited between the look and the yes', async () => {
      const draft = await owner.drafts(riskyPlan());
      const seen = await packetOf(t, draft.id);
      await owner.edits(draft.id, riskyPlan({}, { nodes: [{ id: 'a', kind: 'process', with: { argv: ['rm', '-r', '.'] } }] }));
      expect(await owner.approves(draft.id, { hash: seen.hash })).toMatchObject({ status: 409, body: { code: 'HASH_MISMATCH' } });
    });

    it('the repository moves between the look and the yes', async () => {
      const draft = await owner.drafts(riskyPlan());
      const seen = await packetOf(t, draft.id);
      git(t.repo, 'commit', '--quiet', '--allow-empty', '-m', 'moved');
      expect(await owner.approves(draft.id, { hash: seen.hash })).toMatchObject({ status: 409, body: { code: 'HASH_MISMATCH' } });
    });

    it('a webhook is led elsewhere between the look and the yes', async () => {
      const made = await t.post<{ id: string }>('/ops/webhooks', HOOK);
      const draft = await owner.drafts(notifying);
      const seen: Packet = await packetOf(t, draft.id);
      expect(seen.preconditions.tools).toEqual({ 'webhook/chat': expect.stringMatching(/^[0-9a-f]{64}$/) });
      await t.ask('DELETE', `/ops/webhooks/${made.body.id}`);
      await t.post('/ops/webhooks', { ...HOOK, url: 'https://elsewhere.example.org/' });
      expect(await owner.approves(draft.id, { hash: seen.hash })).toMatchObject({ status: 409, body: { code: 'HASH_MISMATCH' } });
    });

    it('a risky plan is approved blindly', async () => {
      expect(await owner.approves((await owner.drafts(riskyPlan())).id, {})).toMatchObject({
        status: 428,
        body: { code: 'HASH_REQUIRED' },
      });
    });

    it('a hash is made up', async () => {
      expect(await owner.approves((await owner.drafts(riskyPlan())).id, { hash: '0'.repeat(64) })).toMatchObject({
        status: 409,
        body: { code: 'HASH_MISMATCH' },
      });
    });

    it('the hash of another draft is sent', async () => {
      const other = await packetOf(t, (await owner.drafts(riskyPlan())).id);
      expect(await owner.approves((await owner.drafts(riskyPlan())).id, { hash: other.hash })).toMatchObject({
        status: 409,
        body: { code: 'HASH_MISMATCH' },
      });
    });

    it('the hash of the packet stands for that of the plan', async () => {
      const draft = await owner.drafts(riskyPlan());
      expect(await owner.approves(draft.id, { hash: (await packetOf(t, draft.id)).packet_hash })).toMatchObject({
        status: 409,
        body: { code: 'HASH_MISMATCH' },
      });
    });
  });

  describe('mass assignment', () => {
    it.each(['status', 'approved_id', 'decided_by', 'created_by', 'authors', 'votes', 'vote_inputs', 'hash', 'is_prompt_plan'])(
      'an edit sets %s',
      async (field) => {
        const draft = await owner.drafts(mildPlan());
        expect((await owner.edits(draft.id, { prompt: 'x', [field]: 'approved' })).status).toBe(400);
        expect((await t.get<Draft>(`/ops/drafts/${draft.id}`)).body).toMatchObject({ status: 'draft', revision: 1, votes: [] });
      },
    );

    it.each(['status', 'start', 'created_by', 'reuse_ref', 'envelope'])('a start sets %s', async (field) => {
      const { id } = await approved();
      expect((await t.post('/ops/runs', { approved_id: id, [field]: 'x' })).status).toBe(400);
    });

    it.each([
      ['no one', { quorum: 0 }],
      ['no stage', { stages: [] }],
      ['fewer than nobody', { quorum: -1 }],
      ['an agent', { approver_role: 'actions' }],
      ['a rule of its own', { allows_self: true }],
      ['stages and a quorum that contradict', { quorum: 2, stages: [{ role: 'operator', quorum: 1 }] }],
    ])('a plan asks for the approval of %s', async (_what, policy) => {
      expect((await t.post('/ops/drafts', mildPlan(policy))).status).toBe(400);
    });

    it('keys of a prototype are sent', async () => {
      const draft = await owner.drafts(mildPlan());
      for (const text of ['{"__proto__":{"hash":"x"}}', '{"constructor":{"prototype":{}}}'])
        expect((await sent(`/ops/drafts/${draft.id}/approve`, text)).status).toBe(400);
    });
  });

  describe('duplicate keys', () => {
    it('a yes carries two hashes', async () => {
      const draft = await owner.drafts(riskyPlan());
      const { hash } = await packetOf(t, draft.id);
      expect(await sent(`/ops/drafts/${draft.id}/approve`, `{"hash":"${'0'.repeat(64)}","hash":"${hash}"}`)).toMatchObject({
        status: 400,
        body: { code: 'BAD_JSON' },
      });
    });

    it('a plan carries two lists of nodes, in JSON and in YAML', async () => {
      const json =
        '{"plan":{"version":1,"title":"T","nodes":[{"id":"a","kind":"noop"}],"nodes":[{"id":"b","kind":"process","with":{"argv":["rm"]}}]}}';
      expect((await sent('/ops/drafts', json)).status).toBe(400);
      expect((await sent('/ops/drafts', 'plan:\n  version: 1\n  title: T\n  nodes: []\n  nodes: []\n', 'application/yaml')).status).toBe(
        400,
      );
    });

    it('a plan hides a node behind an alias', async () => {
      const yaml = 'plan:\n  version: 1\n  title: T\n  nodes: [&a {id: a, kind: noop}, *a]\n';
      expect((await sent('/ops/drafts', yaml, 'application/yaml')).status).toBe(400);
    });
  });
});
