import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gateHash, verifyDecision, type Decision, type GateContent } from '#contract/decision.ts';
import type { Approved, Draft, Gate, Run } from '#contract/objects.ts';
import { startApp, type Answer, type TestApp } from '#test/helpers/app.ts';
import { person, riskyPlan, type Person } from '#test/helpers/people.ts';

describe('gates', () => {
  let t: TestApp;
  let run: Run;
  let count = 0;
  const open = async (change: Partial<GateContent> = {}, more: Partial<Gate> = {}): Promise<Gate> => {
    const content: GateContent = {
      run_id: run.id,
      node: 'ask',
      attempt: 1,
      kind: 'question',
      title: `Question ${++count}`,
      message: 'Really?',
      risk: 'medium',
      evidence: null,
      approval_hash: 'a'.repeat(64),
      ...change,
    };
    const id = `g_01ARZ3NDEKTSV4RRFFQ69G5${String(count).padStart(3, '0')}`;
    const gate: Gate = {
      ...content,
      id,
      status: 'open',
      hash: gateHash(content),
      opened_at: new Date().toISOString(),
      expires_at: null,
      decided_at: null,
      decided_by: null,
      comment: null,
      ...more,
    };
    await t.store.gics.txn([{ op: 'put', collection: 'gates', id, value: gate }]);
    return gate;
  };
  beforeAll(async () => {
    t = await startApp();
    const draft = await t.post<Draft>('/ops/drafts', { prompt: 'x' });
    run = (await t.post<{ approved: Approved; run: Run }>(`/ops/drafts/${draft.body.id}/approve?auto_run=true`)).body.run;
  });
  afterAll(() => t.close());

  it('lists open questions and answers one with a signed decision for the workflow', async () => {
    const gate = await open();
    expect((await t.get<Gate[]>(`/ops/gates?status=open&run_id=${run.id}`)).body.map(({ id }) => id)).toContain(gate.id);
    const { status, body } = await t.post<Gate>(`/ops/gates/${gate.id}/approve`, { hash: gate.hash, comment: 'yes' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'approved', comment: 'yes', decided_by: expect.stringMatching(/^admin:/) });
    const { records } = await t.store.gics.list<Decision>('decisions', { where: { subject_id: gate.id } });
    const decision = records[0]?.value;
    expect(decision).toMatchObject({ subject: 'gate', verdict: 'approve', hash: gate.hash, expires_at: null });
    expect(decision && verifyDecision(decision, [{ kid: decision.signatures[0]?.kid ?? '', public_key: t.publicKey }])).toBe(true);
    expect((await t.store.gics.get('outbox', decision?.id ?? ''))?.value).toMatchObject({ kind: 'approve', run_id: run.id, decision });
    expect(await t.post(`/ops/gates/${gate.id}/reject`)).toMatchObject({ status: 409, body: { code: 'ALREADY_DECIDED' } });
  });

  it('asks for the hash unless the risk is low, and refuses another one', async () => {
    const gate = await open();
    expect(await t.post(`/ops/gates/${gate.id}/approve`)).toMatchObject({ status: 428, body: { code: 'HASH_REQUIRED' } });
    expect(await t.post(`/ops/gates/${gate.id}/reject`, { hash: '0'.repeat(64) })).toMatchObject({ body: { code: 'HASH_MISMATCH' } });
    expect((await t.post<Gate>(`/ops/gates/${gate.id}/reject`)).body).toMatchObject({ status: 'rejected' });
    expect((await t.post(`/ops/gates/${(await open({ risk: 'low' })).id}/approve`)).status).toBe(200);
  });

  it('refuses to sign what does not have the hash that it carries', async () => {
    const gate = await open({}, { title: 'Something else than what was hashed' });
    expect(await t.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash })).toMatchObject({
      status: 409,
      body: { code: 'HASH_MISMATCH' },
    });
  });

  it('asks what to do about an unknown outcome or a failed node', async () => {
    const unknown = await open({ kind: 'unknown' });
    const answer = { hash: unknown.hash };
    expect((await t.post(`/ops/gates/${unknown.id}/approve`, answer)).status).toBe(400);
    expect((await t.post(`/ops/gates/${unknown.id}/approve`, { ...answer, choice: 'continue' })).status).toBe(400);
    expect((await t.post(`/ops/gates/${unknown.id}/approve`, { ...answer, choice: 'redo' })).status).toBe(200);
    const question = await open();
    expect((await t.post(`/ops/gates/${question.id}/approve`, { hash: question.hash, choice: 'done' })).status).toBe(400);
  });

  it('takes one answer of many at once', async () => {
    const gate = await open({ risk: 'low' });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_none, index) => t.post(`/ops/gates/${gate.id}/${index % 2 === 0 ? 'approve' : 'reject'}`)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(7);
  });

  it('takes no answer after the gate expired or its run ended', async () => {
    const expired = await open({ risk: 'low' }, { expires_at: '2026-01-01T00:00:00.000Z' });
    expect((await t.post(`/ops/gates/${expired.id}/approve`)).status).toBe(409);
    const late = await open({ risk: 'low' });
    await t.store.gics.txn([{ op: 'patch', collection: 'runs', id: run.id, set: { status: 'done' } }]);
    expect(await t.post(`/ops/gates/${late.id}/approve`)).toMatchObject({ status: 409, body: { code: 'ALREADY_DECIDED' } });
  });
});

describe('a question for more than was approved', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await startApp();
  });
  afterAll(() => t.close());

  it('takes as many people as the plan did, none of them its author, and carries all their votes to the run', async () => {
    const [boss, kim, sam, lee] = [
      await person(t, 'Boss', 'admin'),
      await person(t, 'Kim'),
      await person(t, 'Sam'),
      await person(t, 'Lee'),
    ];
    await t.put('/ops/config', { approval: { self_approval: 'refused' } });
    const draft = await boss.drafts(riskyPlan({ quorum: 2 }));
    await kim.approves(draft.id);
    const { run } = (await sam.approves(draft.id, undefined, '?auto_run=true')).body;
    const content: GateContent = {
      run_id: run?.id ?? '',
      node: 's',
      attempt: 1,
      kind: 'envelope',
      title: 'More?',
      message: '',
      risk: 'medium',
      evidence: null,
      approval_hash: draft.hash ?? '',
    };
    const gate = {
      ...content,
      id: 'g_01ARZ3NDEKTSV4RRFFQ69G5FAV',
      status: 'open',
      hash: gateHash(content),
      opened_at: new Date().toISOString(),
      expires_at: null,
      decided_at: null,
      decided_by: null,
      comment: null,
    };
    await t.store.gics.txn([{ op: 'put', collection: 'gates', id: gate.id, value: gate }]);
    const yes = (one: Person): Promise<Answer<Gate>> => one.post<Gate>(`/ops/gates/${gate.id}/approve`, { hash: gate.hash });
    expect(await yes(boss)).toMatchObject({ status: 403, body: { code: 'SELF_APPROVAL' } });
    expect((await yes(kim)).body).toMatchObject({ status: 'open', votes: [{ by_name: 'Kim' }] });
    expect(await yes(kim)).toMatchObject({ status: 409, body: { code: 'ALREADY_VOTED' } });
    expect(await t.post(`/ops/gates/${gate.id}/approve`, { hash: gate.hash })).toMatchObject({ body: { code: 'PERSON_REQUIRED' } });
    expect(await t.store.gics.count('outbox', { run_id: run?.id ?? '' })).toBe(1);
    expect((await yes(lee)).body.status).toBe('approved');
    const { records } = await t.store.gics.list<Decision>('decisions', { where: { subject_id: gate.id } });
    expect(records[0]?.value.agreement).toMatchObject({ earlier: [{ by_name: 'Kim' }], authors: [{ by_name: 'Boss' }] });
  });
});
