/** Named attacks on who decides; docs/attacks.md lists them. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Decision } from '#contract/decision.ts';
import type { Grant } from '#contract/standing-grant.ts';
import { presence, startApp, TOKENS, type Answer, type TestApp } from '../helpers/app.ts';
import { makeToken, signIn } from '../helpers/credentials.ts';
import { holding, packetOf, person, riskyPlan, type Person, type Said } from '../helpers/people.ts';

const GRANT = {
  title: 'Look at the history',
  max_risk: 'medium',
  envelope: {
    kinds: ['process'],
    commands: [['git', '**']],
    paths: { read: ['**'], write: ['**'] },
    budget: { usd: 1, tokens: 200_000, wall_ms: 3_600_000 },
  },
};

// verifies: SEC-7, MA-2
describe('an attack on who decides', () => {
  let t: TestApp;
  let kim: Person;
  let sam: Person;
  let boss: Person;
  let owner: Person;
  beforeAll(async () => {
    t = await startApp();
    [kim, sam, boss] = [await person(t, 'Kim', 'admin'), await person(t, 'Sam'), await person(t, 'Boss', 'admin')];
    owner = holding(t, 'the role token', TOKENS.admin);
  });
  afterAll(() => t.close());
  // A worker that has said nothing for a while counts as one without a sandbox, which is a high risk.
  beforeEach(() => t.store.gics.txn([{ op: 'put', collection: 'settings', id: 'worker', value: presence() }]));

  const expectRefused = (answer: Said, code: string): void =>
    expect(answer).toMatchObject({ status: code === 'ALREADY_VOTED' ? 409 : 403, body: { code } });
  const byCookie = async (token: string, id: string): Promise<Said> => {
    const { headers } = await signIn(t, token);
    return t.ask('POST', `/ops/drafts/${id}/approve`, { token: null, headers, body: { hash: (await packetOf(t, id)).hash } });
  };
  const voted = async (id: string): Promise<number> => (await packetOf(t, id)).approvers.votes.length;

  describe('self-approval', () => {
    it('an author approves their own risky plan', async () =>
      expectRefused(await kim.approves((await kim.drafts(riskyPlan())).id), 'SELF_APPROVAL'));

    it('an author approves by the cookie of their own token', async () =>
      expectRefused(await byCookie(kim.token, (await kim.drafts(riskyPlan())).id), 'SELF_APPROVAL'));

    it('an author approves with a second token of the same name', async () => {
      const again = await person(t, 'kim', 'operator');
      expectRefused(await again.approves((await kim.drafts(riskyPlan())).id), 'SELF_APPROVAL');
    });

    it('an author approves with a role token, which names nobody', async () =>
      expectRefused(await owner.approves((await kim.drafts(riskyPlan())).id), 'PERSON_REQUIRED'));

    it('an author drafts with a role token and approves under their name', async () =>
      expectRefused(await kim.approves((await owner.drafts(riskyPlan())).id), 'SELF_APPROVAL'));

    it('somebody edits the plan of another person and approves their own words', async () => {
      const draft = await boss.drafts(riskyPlan());
      await kim.edits(draft.id, riskyPlan());
      expectRefused(await kim.approves(draft.id), 'SELF_APPROVAL');
      expect((await sam.approves(draft.id)).status).toBe(200);
    });

    it('an agent drafts what the person who made its token approves', async () => {
      const made = await kim.post<{ token: string }>('/auth/tokens', { label: 'Bot of Kim', role: 'admin', class: 'agent' });
      const draft = await holding(t, 'bot', made.body.token).drafts(riskyPlan());
      expectRefused(await kim.approves(draft.id), 'SELF_APPROVAL');
      expect((await sam.approves(draft.id)).status).toBe(200);
    });

    it('an author lets a standing grant of their own approve it', async () => {
      const grant = await kim.post<Grant>('/ops/grants', GRANT);
      expect(grant.status).toBe(201);
      const draft = await kim.drafts(riskyPlan());
      const asked = await sam.post(`/ops/drafts/${draft.id}/grant`, { hash: draft.hash, grant_id: grant.body.id });
      expect(asked).toMatchObject({ status: 409, body: { code: 'GRANT_REFUSED', detail: expect.stringContaining('another person') } });
    });
  });

  describe('quorum by one person', () => {
    const expectTwiceRefused = async (second: (id: string) => Promise<Said>, code: string): Promise<void> => {
      const draft = await boss.drafts(riskyPlan({ quorum: 2 }));
      expect((await kim.approves(draft.id)).status).toBe(202);
      expectRefused(await second(draft.id), code);
      expect(await voted(draft.id)).toBe(1);
    };

    it('one person agrees twice with one token', () => expectTwiceRefused((id) => kim.approves(id), 'ALREADY_VOTED'));

    it('one person agrees by token and by cookie', () => expectTwiceRefused((id) => byCookie(kim.token, id), 'ALREADY_VOTED'));

    it('one person agrees with two tokens of one name', () =>
      expectTwiceRefused(async (id) => (await person(t, 'KIM')).approves(id), 'ALREADY_VOTED'));

    it('one person agrees under a name that looks the same', () =>
      expectTwiceRefused(async (id) => (await person(t, 'K1m')).approves(id), 'ALREADY_VOTED'));

    it('one person agrees by name and with a role token', () => expectTwiceRefused((id) => owner.approves(id), 'PERSON_REQUIRED'));

    it('one person agrees twice at the same moment', async () => {
      const draft = await boss.drafts(riskyPlan({ quorum: 2 }));
      const { hash } = await packetOf(t, draft.id);
      const answers = await Promise.all(Array.from({ length: 8 }, () => kim.approves(draft.id, { hash })));
      expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(0);
      expect(await voted(draft.id)).toBe(1);
    });

    it('a plan lowers the number of people that its instance asks for', async () => {
      await t.put('/ops/config', { approval: { quorum: { medium: 2 } } });
      expect((await kim.approves((await boss.drafts(riskyPlan({ quorum: 1 }))).id)).status).toBe(202);
      await t.put('/ops/config', { approval: {} });
    });

    it('a standing grant takes the place of several people', async () => {
      const grant = await boss.post<Grant>('/ops/grants', GRANT);
      const draft = await kim.drafts(riskyPlan({ quorum: 2 }));
      expect(await sam.post(`/ops/drafts/${draft.id}/grant`, { hash: draft.hash, grant_id: grant.body.id })).toMatchObject({
        status: 409,
        body: { code: 'GRANT_REFUSED', detail: expect.stringContaining('several people') },
      });
    });
  });

  describe('spoofed identity', () => {
    it.each(['by', 'by_name', 'approved_by', 'actor', 'role', 'person', 'signatures', 'authors'])(
      'a body says who decides: %s',
      async (field) => {
        const draft = await boss.drafts(riskyPlan());
        const { hash } = await packetOf(t, draft.id);
        expect(await kim.approves(draft.id, { hash, [field]: 'admin:000000000000' })).toMatchObject({
          status: 400,
          body: { code: 'BAD_REQUEST' },
        });
      },
    );

    it('headers of a proxy say who decides', async () => {
      const draft = await boss.drafts(riskyPlan());
      const headers = { 'x-forwarded-user': 'Boss', 'x-remote-user': 'Boss', 'x-actor': boss.actor, 'x-gimo-actor': boss.actor };
      const body = { hash: (await packetOf(t, draft.id)).hash };
      const { body: answer }: Answer<{ approved: { decision: Decision } }> = await t.ask('POST', `/ops/drafts/${draft.id}/approve`, {
        token: sam.token,
        headers,
        body,
      });
      expect(answer.approved.decision).toMatchObject({ by: sam.actor, by_name: 'Sam' });
    });

    it.each([
      ['letters of two alphabets', 'B\u043Ess'],
      ['a character that cannot be seen', 'Bo\u200Bss'],
      ['text that is turned around', '\u202EssoB'],
      ['a second line', 'Boss\nadmin'],
    ])('a token is made for a name with %s', async (_what, label) => {
      expect((await t.post('/auth/tokens', { label, role: 'operator' })).status).toBe(400);
    });
  });

  describe('an agent', () => {
    const doors: [string, (id: string) => [string, string, object]][] = [
      ['agrees', (id) => ['POST', `/ops/drafts/${id}/approve`, {}]],
      ['vetoes', (id) => ['POST', `/ops/drafts/${id}/veto`, {}]],
      ['mints a token', () => ['POST', '/auth/tokens', { label: 'Person', role: 'admin' }]],
      ['makes a standing grant', () => ['POST', '/ops/grants', GRANT]],
      ['ends a standing grant', () => ['DELETE', '/ops/grants/s_01ARZ3NDEKTSV4RRFFQ69G5FAV', {}]],
      ['revokes an approval', () => ['POST', '/ops/approved/a_01ARZ3NDEKTSV4RRFFQ69G5FAV/revoke', {}]],
      ['loosens the rule', () => ['PUT', '/ops/config', { approval: { self_approval: 'allowed' } }]],
      ['answers a gate', () => ['POST', '/ops/gates/g_01ARZ3NDEKTSV4RRFFQ69G5FAV/approve', {}]],
    ];
    it.each(doors)('of whatever role %s', async (_what, door) => {
      const { token } = await makeToken(t, 'admin', 'agent', 'A bot');
      const [method, url, body] = door((await boss.drafts(riskyPlan())).id);
      expect(await t.ask(method, url, { token, body })).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    });
  });
});
