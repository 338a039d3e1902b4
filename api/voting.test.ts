import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agreementFault } from '#contract/agreement.ts';
import { verifyDecision } from '#contract/decision.ts';
import { AUDIT_STREAM } from '#contract/gics.ts';
import type { Draft, Packet } from '#contract/objects.ts';
import { presence, startApp, TOKENS, type TestApp } from '#test/helpers/app.ts';
import { holding, mildPlan, packetOf, person, riskyPlan, type Person } from '#test/helpers/people.ts';

// verifies: SEC-7
describe('several people', () => {
  let t: TestApp;
  let kim: Person;
  let sam: Person;
  let lee: Person;
  let boss: Person;
  const draftOf = async (id: string): Promise<Draft> => (await t.get<Draft>(`/ops/drafts/${id}`)).body;
  beforeAll(async () => {
    t = await startApp();
    await t.store.gics.txn([{ op: 'put', collection: 'settings', id: 'worker', value: presence() }]);
    [kim, sam, lee, boss] = [await person(t, 'Kim'), await person(t, 'Sam'), await person(t, 'Lee'), await person(t, 'Boss', 'admin')];
  });
  afterAll(() => t.close());

  it('approve together: each yes is kept, and the last one makes the approval with all of them in it', async () => {
    const draft = await boss.drafts(riskyPlan({ quorum: 2 }));
    const first = await kim.approves(draft.id);
    expect(first).toMatchObject({
      status: 202,
      body: { approved: null, run: null, approvers: { quorum: 2, votes: [{ by: kim.actor, by_name: 'Kim' }] } },
    });
    expect(await draftOf(draft.id)).toMatchObject({ status: 'draft', votes: [{ by_name: 'Kim' }] });
    const { status, body } = await sam.approves(draft.id);
    expect(status).toBe(200);
    const { decision, plan, approved_by } = body.approved ?? {};
    expect(approved_by).toBe(sam.actor);
    expect(decision?.agreement).toMatchObject({ risk: 'medium', earlier: [{ by_name: 'Kim' }], authors: [{ by_name: 'Boss' }] });
    const ring = [{ kid: decision?.signatures[0]?.kid ?? '', public_key: t.publicKey }];
    if (!decision || !plan) throw new Error('there is no decision');
    expect(agreementFault(decision, plan.policy, (signed) => verifyDecision(signed, ring))).toBeNull();
  });

  it('are asked in stages, each with its role', async () => {
    const stages = [
      { title: 'Team', role: 'operator', quorum: 1 },
      { title: 'Owner', role: 'admin', quorum: 1 },
    ];
    const draft = await holding(t, 'x', TOKENS.admin).drafts(mildPlan({ stages }));
    expect((await packetOf(t, draft.id)).approvers).toMatchObject({ role: 'operator', quorum: 2, stages });
    expect((await kim.approves(draft.id)).status).toBe(202);
    expect((await packetOf(t, draft.id)).approvers.role).toBe('admin');
    expect(await sam.approves(draft.id)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect((await boss.approves(draft.id)).status).toBe(200);
  });

  it('are asked for where the instance says so, though the plan does not', async () => {
    await t.put('/ops/config', { approval: { quorum: { medium: 2 } } });
    const draft = await boss.drafts(riskyPlan());
    expect((await packetOf(t, draft.id)).approvers.quorum).toBe(2);
    expect([(await kim.approves(draft.id)).status, (await lee.approves(draft.id)).status]).toEqual([202, 200]);
    expect((await kim.approves((await boss.drafts(mildPlan())).id)).status).toBe(200);
    await t.put('/ops/config', { approval: {} });
  });

  it('start anew after an edit, and the edit says how many votes it voided', async () => {
    const draft = await boss.drafts(riskyPlan({ quorum: 2 }));
    await kim.approves(draft.id);
    const { last } = await t.store.gics.info(AUDIT_STREAM);
    expect((await boss.edits(draft.id, riskyPlan({ quorum: 2 }))).body.votes).toEqual([]);
    const [entry] = await t.store.gics.read(AUDIT_STREAM, { from: last + 1 });
    expect(entry?.data).toMatchObject({ action: 'drafts_update', detail: { voided_votes: 1 } });
    expect((await sam.approves(draft.id)).status).toBe(202);
  });

  it('agree to the inputs that the first of them bound', async () => {
    const inputs = { n: { schema: { type: 'integer' } } };
    const nodes = [{ id: 'a', kind: 'value', with: { value: '${{ inputs.n }}' } }];
    const draft = await boss.drafts({ plan: { version: 1, title: 'Bound', policy: { quorum: 2 }, inputs, nodes } });
    const { hash } = await packetOf(t, draft.id);
    expect((await kim.approves(draft.id, { hash, inputs: { n: 3 } })).status).toBe(202);
    const shown = await packetOf(t, draft.id);
    expect(shown).toMatchObject({ inputs: { n: 3 }, approvers: { votes: [{ by_name: 'Kim' }] } });
    expect(await sam.approves(draft.id, { hash: shown.hash, inputs: { n: 4 } })).toMatchObject({
      status: 409,
      body: { code: 'HASH_MISMATCH' },
    });
    expect((await sam.approves(draft.id, { hash: shown.hash })).body.approved?.inputs).toEqual({ n: 3 });
  });

  it('are overruled by one no', async () => {
    const draft = await boss.drafts(riskyPlan({ quorum: 3 }));
    await kim.approves(draft.id);
    const { status, body } = await sam.vetoes(draft.id, 'not on a Friday');
    expect([status, body.status, body.decided_by]).toEqual([200, 'rejected', sam.actor]);
    expect(await lee.approves(draft.id, { hash: draft.hash })).toMatchObject({ status: 409, body: { code: 'ALREADY_DECIDED' } });
    const { records } = await t.store.gics.list<{ verdict: string; by_name: string }>('decisions', { where: { subject_id: draft.id } });
    expect(records.map(({ value }) => [value.by_name, value.verdict])).toEqual([
      ['Sam', 'reject'],
      ['Kim', 'approve'],
    ]);
  });

  it('have to be shown what they agree to, also when its risk is low', async () => {
    const draft = await boss.drafts(mildPlan({ quorum: 2 }));
    expect(await kim.approves(draft.id, {})).toMatchObject({ status: 428, body: { code: 'HASH_REQUIRED' } });
  });

  it('who agree at the same moment are both counted, or told to look again', async () => {
    const draft = await boss.drafts(riskyPlan({ quorum: 2 }));
    const { hash } = await packetOf(t, draft.id);
    const answers = await Promise.all([kim, sam, lee].map((one) => one.approves(draft.id, { hash })));
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(1);
    expect(statuses.filter((status) => status === 202).length).toBeLessThanOrEqual(1);
    const after = await draftOf(draft.id);
    expect(after.status === 'approved' || after.votes.length === statuses.filter((status) => status === 202).length).toBe(true);
  });
});

describe('an author', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await startApp();
    await t.store.gics.txn([{ op: 'put', collection: 'settings', id: 'worker', value: presence() }]);
  });
  afterAll(() => t.close());

  it('who is alone approves their own plans, by a role token or by a named one', async () => {
    const owner = holding(t, 'the owner', TOKENS.admin);
    expect((await owner.approves((await owner.drafts(riskyPlan())).id)).status).toBe(200);
    const kim = await person(t, 'Kim', 'admin');
    const again = await person(t, 'KIM', 'operator');
    const draft = await kim.drafts(riskyPlan());
    expect((await packetOf(t, draft.id)).approvers.allows_self).toBe(true);
    expect((await again.approves(draft.id)).status).toBe(200);
  });

  it('needs another person from medium risk on as soon as there is one, and not below', async () => {
    const [kim, sam] = [await person(t, 'Kim', 'admin'), await person(t, 'Sam')];
    const draft = await kim.drafts(riskyPlan());
    const packet: Packet = await packetOf(t, draft.id);
    expect(packet.approvers).toMatchObject({ allows_self: false, authors: [{ by_name: 'Kim', class: 'human' }] });
    expect(await kim.approves(draft.id)).toMatchObject({ status: 403, body: { code: 'SELF_APPROVAL' } });
    expect((await sam.approves(draft.id)).status).toBe(200);
    expect((await kim.approves((await kim.drafts(mildPlan())).id)).status).toBe(200);
  });

  it('may again when an admin says that one person works alone here', async () => {
    const kim = await person(t, 'Kim', 'admin');
    await t.put('/ops/config', { approval: { self_approval: 'allowed' } });
    expect((await kim.approves((await kim.drafts(riskyPlan())).id)).status).toBe(200);
    await t.put('/ops/config', { approval: { self_approval: 'refused' } });
    expect((await kim.approves((await kim.drafts(riskyPlan())).id)).status).toBe(403);
  });
});
