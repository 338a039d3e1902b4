import { verify, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalHash, decisionBytes, DecisionSchema, POLICY_VERSION, verifyDecision } from '#contract/decision.ts';
import { AUDIT_STREAM } from '#contract/gics.ts';
import type { Approved, Draft, Packet, Run } from '#contract/objects.ts';
import { presence, startApp, TOKENS, type Answer, type TestApp } from '#test/helpers/app.ts';
import { git } from '#test/helpers/repo.ts';

type Approval = { approved: Approved; run: Run | null };

const commands = (argv: string[], more: object = {}): object => ({
  plan: { version: 1, title: 'Commands', nodes: [{ id: 'a', kind: 'process', with: { argv } }], ...more },
});

// verifies: API-3, API-4, PRIN-3
describe('approving', () => {
  let t: TestApp;
  const create = async (body: object): Promise<Draft> => (await t.post<Draft>('/ops/drafts', body)).body;
  const packetOf = async (id: string): Promise<Packet> => (await t.get<Packet>(`/ops/drafts/${id}/packet`)).body;
  const approve = (id: string, body?: object, query = ''): Promise<Answer<Approval>> =>
    t.post<Approval>(`/ops/drafts/${id}/approve${query}`, body);
  beforeAll(async () => {
    t = await startApp();
    await t.store.gics.txn([{ op: 'put', collection: 'settings', id: 'worker', value: presence() }]);
  });
  afterAll(() => t.close());

  // verifies: OBJ-2, SEC-2
  it('approves a prompt without a hash, as not shown, and signs that', async () => {
    const draft = await create({ prompt: 'refactor X' });
    expect((await packetOf(draft.id)).risk).toBe('low');
    const { status, body } = await approve(draft.id);
    expect(status).toBe(200);
    const { approved, run } = body;
    expect(run).toBeNull();
    expect(approved).toMatchObject({ draft_id: draft.id, prompt: 'refactor X', hash: draft.hash, runs_started: 0, max_runs: 1 });
    expect(approved.approved_by).toMatch(/^admin:[0-9a-f]{12}$/);
    const decision = DecisionSchema.parse(approved.decision);
    expect(decision).toMatchObject({ verdict: 'approve', subject_id: draft.id, hash: draft.hash, packet_hash: null });
    expect(verifyDecision(decision, [{ kid: decision.signatures[0]?.kid ?? '', public_key: t.publicKey }])).toBe(true);
    const { plan, envelope, preconditions, inputs } = approved;
    expect(approvalHash({ plan, envelope, policy_version: POLICY_VERSION, preconditions, inputs })).toBe(approved.hash);
    expect((await t.get<Draft>(`/ops/drafts/${draft.id}`)).body).toMatchObject({ status: 'approved', approved_id: approved.id });
    expect((await t.get<Approved>(`/ops/approved/${approved.id}`)).body).toEqual(approved);
    expect((await t.get<Approved[]>('/ops/approved')).body[0]?.id).toBe(approved.id);
  });

  it('asks for the hash when the risk is not low, and refuses another one', async () => {
    const draft = await create(commands(['git', 'log']));
    expect(await approve(draft.id)).toMatchObject({ status: 428, body: { code: 'HASH_REQUIRED' } });
    expect(await approve(draft.id, { hash: '0'.repeat(64) })).toMatchObject({ status: 409, body: { code: 'HASH_MISMATCH' } });
    const packet = await packetOf(draft.id);
    const { status, body } = await approve(draft.id, { hash: packet.hash, comment: 'fine' });
    expect(status).toBe(200);
    expect(body.approved.decision).toMatchObject({ packet_hash: packet.packet_hash, comment: 'fine' });
    expect(body.approved.preconditions).toEqual({ repo: t.repo, base_commit: git(t.repo, 'rev-parse', 'HEAD') });
  });

  it('gives another hash when the repository has moved', async () => {
    const draft = await create(commands(['git', 'status']));
    const { hash } = await packetOf(draft.id);
    git(t.repo, 'commit', '--quiet', '--allow-empty', '-m', 'more');
    expect(await approve(draft.id, { hash })).toMatchObject({ status: 409, body: { code: 'HASH_MISMATCH' } });
  });

  it('gives another hash after an edit', async () => {
    const draft = await create({ prompt: 'a' });
    await t.put(`/ops/drafts/${draft.id}`, { prompt: 'b' });
    expect(await approve(draft.id, { hash: draft.hash })).toMatchObject({ status: 409, body: { code: 'HASH_MISMATCH' } });
  });

  // verifies: OBJ-7
  it('lets exactly one of many concurrent decisions win, fifty times', async () => {
    for (let round = 0; round < 50; round++) {
      const draft = await create({ prompt: `round ${round}` });
      const answers = await Promise.all([approve(draft.id), t.post(`/ops/drafts/${draft.id}/reject`), approve(draft.id)]);
      expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409, 409]);
      const losers = answers.filter(({ status }) => status === 409);
      expect(losers.map(({ body }) => body)).toMatchObject([{ code: 'ALREADY_DECIDED' }, { code: 'ALREADY_DECIDED' }]);
      const { records } = await t.store.gics.list('approved', { where: { draft_id: draft.id } });
      const { body } = await t.get<Draft>(`/ops/drafts/${draft.id}`);
      expect(records).toHaveLength(body.status === 'approved' ? 1 : 0);
    }
  });

  it('records a decision that lost, and the one that won with its hash', async () => {
    const draft = await create({ prompt: 'audit me' });
    const { last } = await t.store.gics.info(AUDIT_STREAM);
    await approve(draft.id);
    await approve(draft.id);
    const entries = (await t.store.gics.read(AUDIT_STREAM, { from: last + 1 })).map(({ data }) => data);
    expect(entries).toMatchObject([
      { action: 'drafts_approve', object: draft.id, outcome: 'done', hash: draft.hash, detail: { shown: false } },
      { action: 'drafts_approve', outcome: 'refused', code: 'ALREADY_DECIDED' },
    ]);
  });

  it('obeys the role that the policy of the plan asks for', async () => {
    const plan = { version: 1, title: 'Strict', policy: { approver_role: 'admin' }, nodes: [{ id: 'a', kind: 'noop' }] };
    const draft = await create({ plan });
    const asOperator = await t.ask('POST', `/ops/drafts/${draft.id}/approve`, { token: TOKENS.operator });
    expect(asOperator).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect((await approve(draft.id)).status).toBe(200);
  });

  it('binds inputs at the approval, checked by their schema', async () => {
    const plan = {
      version: 1,
      title: 'Inputs',
      inputs: { n: { schema: { type: 'integer', minimum: 1 } }, name: { schema: { type: 'string', pattern: '^[a-z]+$' }, default: 'x' } },
      nodes: [{ id: 'a', kind: 'value', with: { value: '${{ inputs.n }}' } }],
    };
    const draft = await create({ plan });
    const { hash } = await packetOf(draft.id);
    expect(await approve(draft.id, { hash })).toMatchObject({
      status: 400,
      body: { code: 'INPUTS_INVALID', faults: [{ path: 'inputs.n' }] },
    });
    expect((await approve(draft.id, { hash, inputs: { n: 0, ghost: 1 } })).status).toBe(400);
    const { status, body } = await approve(draft.id, { hash, inputs: { n: 3 } });
    expect(status).toBe(200);
    expect(body.approved.inputs).toEqual({ n: 3, name: 'x' });
    expect(body.approved.hash).not.toBe(hash);
  });

  // verifies: API-3, OBJ-4
  it('starts a run with the approval when asked, or when that is the default', async () => {
    const asked = await approve((await create({ prompt: 'now' })).id, undefined, '?auto_run=true');
    expect(asked.body.run).toMatchObject({ status: 'pending', approved_id: asked.body.approved.id });
    expect(asked.body.approved.runs_started).toBe(1);
    await t.put('/ops/config', { default_auto_run: true });
    expect((await approve((await create({ prompt: 'by default' })).id)).body.run).not.toBeNull();
    expect((await approve((await create({ prompt: 'not now' })).id, undefined, '?auto_run=false')).body.run).toBeNull();
    await t.put('/ops/config', { default_auto_run: false });
  });

  it('shows in the packet what changed since the last approval of the title', async () => {
    const base = { version: 1, title: 'Evolving' };
    const noop = (id: string, value = 1): object => ({ id, kind: 'noop', with: { value } });
    const first = await approve((await create({ plan: { ...base, nodes: [noop('a'), noop('b')] } })).id);
    const packet = await packetOf((await create({ plan: { ...base, nodes: [noop('a', 2), noop('c')] } })).id);
    expect(packet.diff).toMatchObject({ against: first.body.approved.id, added: ['c'], removed: ['b'], changed: ['a'] });
    expect(packet.diff?.changes).toContainEqual({
      node: 'a',
      name: 'settings',
      before: 'value: 1 · on_error: fail',
      after: 'value: 2 · on_error: fail',
    });
  });

  it('makes a signature that node:crypto verifies too', async () => {
    const { body } = await approve((await create({ prompt: 'verify' })).id);
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(t.publicKey, 'hex').toString('base64url') };
    const [signature] = body.approved.decision.signatures;
    const bytes = decisionBytes(body.approved.decision);
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    expect(verify(null, bytes, key, Buffer.from(signature?.signature ?? '', 'hex'))).toBe(true);
    expect(
      verify(
        null,
        decisionBytes({ ...body.approved.decision, by: 'admin:000000000000' }),
        key,
        Buffer.from(signature?.signature ?? '', 'hex'),
      ),
    ).toBe(false);
  });
});
