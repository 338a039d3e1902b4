/** What stands between a workflow that says "do this" and an effect: approvals and the ledger. A real store, real keys. */
import { randomBytes, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalHash, decisionBytes, POLICY_VERSION, type DecisionBody } from '#contract/decision.ts';
import { inputsHash, runStartBytes } from '#contract/run-start.ts';
import { errorCode } from '#contract/errors.ts';
import { AUDIT_STREAM } from '#contract/gics.ts';
import type { JsonObject } from '#contract/json.ts';
import type { EffectInput } from '#contract/messages.ts';
import type { Approved } from '#contract/objects.ts';
import { validatePlan } from '#contract/plan-check.ts';
import { envelopeOf } from '#contract/plan-envelope.ts';
import { ensureKeys, readSigningKey, rotateSigningKey, type SigningKey } from '#platform/keys.ts';
import { startGics, type TestGics } from '#test/helpers/gics.ts';
import type { ActivityDeps } from '../deps.ts';
import { loadRun } from '../runs/load-run.ts';
import { Ledger, type Acted } from './ledger.ts';
import { Permits, type VerifiedApproval } from './permits.ts';

let store: TestGics;
let key: SigningKey;
beforeAll(async () => {
  store = await startGics();
  ensureKeys(store.paths);
  key = readSigningKey(store.paths.signingKey);
});
afterAll(() => store.close());

const json = (value: object): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;

let count = 0;
const RUN = 'r_01ARZ3NDEKTSV4RRFFQ69G5FAV';
const plan = validatePlan({
  version: 1,
  title: 'T',
  nodes: [{ id: 'build', kind: 'process', with: { argv: ['make', 'all'] } }],
});

const WITH = json(plan.nodes[0]?.with ?? {});

function approval(change: Partial<DecisionBody> = {}): Approved {
  const id = `a_${(count += 1)}`;
  const envelope = envelopeOf(plan);
  const preconditions = { repo: null, base_commit: null };
  const hash = approvalHash({ plan, envelope, policy_version: POLICY_VERSION, preconditions, inputs: {} });
  const stages = [{ title: '', role: 'operator' as const, quorum: 1 }];
  const body: DecisionBody = {
    id: `x_${count}`,
    subject: 'draft',
    subject_id: 'd_1',
    verdict: 'approve',
    choice: null,
    hash,
    packet_hash: null,
    envelope,
    policy_version: POLICY_VERSION,
    by: 'operator:0123456789ab',
    comment: '',
    at: '2026-01-01T00:00:00.000Z',
    expires_at: '2036-01-01T00:00:00.000Z',
    nonce: randomBytes(16).toString('hex'),
    agreement: { risk: 'low', rule: { stages, allows_self: true }, authors: [], earlier: [] },
    ...change,
  };
  const signature = sign(null, decisionBytes(body), key.privateKey).toString('hex');
  const rest = {
    approved_at: body.at,
    approved_by: body.by,
    expires_at: body.expires_at ?? '',
    revoked_at: null,
    revoked_by: null,
    revoke_reason: '',
    grant_id: null,
    runs_started: 0,
    max_runs: 1,
  };
  const decision = { ...body, signatures: [{ kid: key.kid, signature }] };
  return { id, draft_id: 'd_1', prompt: '', plan, hash, envelope, preconditions, inputs: {}, decision, ...rest };
}

async function stored(approved: Approved, id = approved.id): Promise<string> {
  await store.gics.txn([{ op: 'put', collection: 'approved', id, value: json(approved) }]);
  return id;
}
const permits = (): Permits => new Permits(store.gics, store.paths.keyRing);
const codeOf = async (work: Promise<unknown>): Promise<string | null> => work.then(() => null, errorCode);

function effect(approved: Approved, change: Partial<EffectInput> = {}): EffectInput {
  return {
    run_id: RUN,
    node: 'build',
    kind: 'process',
    attempt: 1,
    redo: 0,
    approved_id: approved.id,
    approval_hash: approved.hash,
    with: WITH,
    events: [],
    summary: null,
    max_usd: null,
    ...change,
  } as EffectInput;
}

describe('an approval that an effect stands on', () => {
  it('is verified from the key ring, as it was signed', async () => {
    const approved = approval();
    await stored(approved);
    expect((await permits().forEffect(effect(approved))).approved.id).toBe(approved.id);
  });

  it.each<[string, (approved: Approved) => Approved]>([
    ['a word of the plan', (approved) => ({ ...approved, plan: { ...approved.plan, title: 'U' } })],
    ['its envelope', (approved) => ({ ...approved, envelope: { ...approved.envelope, commands: [['**']] } })],
    ['an input', (approved) => ({ ...approved, inputs: { n: 1 } })],
    ['the time it ends', (approved) => ({ ...approved, expires_at: '2099-01-01T00:00:00.000Z' })],
    ['the number of runs', (approved) => ({ ...approved, max_runs: 9 })],
    ['the draft', (approved) => ({ ...approved, draft_id: 'd_2' })],
    ['the comment of the decision', (approved) => ({ ...approved, decision: { ...approved.decision, comment: 'changed' } })],
  ])('is nothing when %s was changed in the store', async (_, change) => {
    const approved = change(approval());
    await stored(approved);
    expect(await codeOf(permits().forEffect(effect(approved)))).toBe('APPROVAL_INVALID');
  });

  it('is nothing when it is a no, is about a gate, lies under another id, or was signed by a key that is not in the ring', async () => {
    for (const body of [{ verdict: 'reject' }, { subject: 'gate' }] as const)
      expect(await codeOf(permits().load(await stored(approval(body))))).toBe('APPROVAL_INVALID');
    expect(await codeOf(permits().load(await stored(approval(), 'a_elsewhere')))).toBe('APPROVAL_INVALID');
    const id = await stored(approval());
    const ring = readFileSync(store.paths.keyRing, 'utf8');
    writeFileSync(store.paths.keyRing, '{"keys":[]}');
    expect(await codeOf(permits().load(id))).toBe('APPROVAL_INVALID');
    writeFileSync(store.paths.keyRing, ring);
    rotateSigningKey(store.paths);
    expect(await codeOf(permits().load(id))).toBeNull();
  });

  it('grants nothing when it was revoked, and nothing to a run of another approval', async () => {
    expect(await codeOf(permits().load(await stored({ ...approval(), revoked_at: '2026-01-02T00:00:00.000Z' })))).toBe('APPROVAL_REVOKED');
    const approved = approval();
    await stored(approved);
    expect(await codeOf(permits().forEffect(effect(approved, { approval_hash: 'b'.repeat(64) })))).toBe('APPROVAL_INVALID');
  });

  it('grants no effect outside of its envelope, whatever the workflow says', async () => {
    const approved = approval();
    await stored(approved);
    const ask = (change: Partial<EffectInput>): Promise<string | null> => codeOf(permits().forEffect(effect(approved, change)));
    expect(await ask({ with: { ...WITH, argv: ['make', 'all', '--eval=x'] } })).toBe('OUTSIDE_ENVELOPE');
    expect(await ask({ kind: 'http', with: { method: 'GET', url: 'https://example.com/', headers: {}, secret_headers: {} } })).toBe(
      'OUTSIDE_ENVELOPE',
    );
    expect(await ask({ grants: ['x_nobody'] })).toBe('APPROVAL_INVALID');
  });
});

describe('a run', () => {
  const load = (approvedId: string, runId: string): ReturnType<typeof loadRun> =>
    loadRun(
      { gics: store.gics, permits: permits(), config: { hasShortEffects: true }, fence: { kind: 'x' }, env: {} } as unknown as ActivityDeps,
      {
        run_id: runId,
        approved_id: approvedId,
      },
    );
  const record = (id: string, approved: Approved, at: string, changed: object = {}): Promise<unknown> => {
    const run = { id, approved_id: approved.id, inputs: {}, final_ref: null };
    const by = 'operator:0123456789ab';
    const asked = {
      run_id: id,
      approved_id: approved.id,
      approval_hash: approved.hash,
      inputs_hash: inputsHash({}),
      reuse_ref: null,
      by,
      at,
    };
    const signatures = [{ kid: key.kid, signature: sign(null, runStartBytes(asked), key.privateKey).toString('hex') }];
    const value = { ...run, created_at: at, start: { ...asked, ...changed, signatures } };
    return store.gics.txn([{ op: 'put', collection: 'runs', id, value }]);
  };

  it('begins when the API made it for that approval, before the approval ended', async () => {
    const approved = approval();
    const id = await stored(approved);
    await record('r_good', approved, '2026-01-01T00:00:00.000Z');
    await record('r_late', approved, '2037-01-01T00:00:00.000Z');
    await record('r_backdated', approved, '2037-01-01T00:00:00.000Z', { at: '2026-01-01T00:00:00.000Z' });
    await record('r_other', approval(), '2026-01-01T00:00:00.000Z');
    expect(await load(id, 'r_good')).toMatchObject({ ok: true });
    expect(await load(id, 'r_late')).toMatchObject({ ok: false, error: { message: expect.stringContaining('had expired') } });
    expect(await load(id, 'r_backdated')).toMatchObject({ ok: false, error: { message: expect.stringContaining('no signature') } });
    expect(await load(id, 'r_other')).toMatchObject({ ok: false, error: { code: 'APPROVAL_INVALID' } });
    expect(await load(id, 'r_nobody')).toMatchObject({ ok: false, error: { code: 'APPROVAL_INVALID' } });
    expect(await load('d_01ARZ3NDEKTSV4RRFFQ69G5FAV', 'r_good')).toMatchObject({ ok: false, error: { code: 'NOT_FOUND' } });
    const { last } = await store.gics.info(AUDIT_STREAM);
    const entries = await store.gics.read<{ action: string }>(AUDIT_STREAM, { from: last - 4 });
    expect(entries.map(({ data }) => data.action)).toEqual(Array.from({ length: 5 }, () => 'run.refused'));
  });
});

describe('the ledger', () => {
  const done: Acted = { result: { outcome: 'done', output: 'first', cost_usd: 0, tokens: 0 }, facts: {} };
  const ready = async (): Promise<{ approved: Approved; permit: VerifiedApproval }> => {
    const approved = approval();
    await stored(approved);
    return { approved, permit: await permits().load(approved.id) };
  };

  it('answers a second try with what the first came to', async () => {
    const { approved, permit } = await ready();
    const input = effect(approved, { node: 'once' });
    const ledger = new Ledger(store.gics, 'w1');
    const first = await ledger.begin(input, permit, 'at_most_once', null);
    if (first.state !== 'act') throw new Error(first.state);
    await ledger.finish(first.key, first.entry, done);
    expect(await new Ledger(store.gics, 'w2').begin(input, permit, 'at_most_once', null)).toEqual({
      state: 'recorded',
      result: { outcome: 'done', output: 'first', cost_usd: 0, tokens: 0 },
    });
    expect(await codeOf(ledger.begin({ ...input, with: { ...WITH, argv: ['make', 'clean'] } }, permit, 'at_most_once', null))).toBe(
      'APPROVAL_INVALID',
    );
  });

  it('never lets a second worker do what the first may have done; what may be repeated is done again', async () => {
    const { approved, permit } = await ready();
    const input = effect(approved, { node: 'crashed' });
    const first = new Ledger(store.gics, 'w1');
    await first.begin(input, permit, 'at_most_once', null);
    expect((await new Ledger(store.gics, 'w2').begin(input, permit, 'at_most_once', null)).state).toBe('crashed');
    expect((await first.begin(input, permit, 'at_most_once', null)).state).toBe('act');
    expect((await new Ledger(store.gics, 'w2').begin(input, permit, 'idempotent', null)).state).toBe('act');
  });

  it('begins nothing in a run that was stopped, nor on an approval that has changed since it was verified', async () => {
    const { approved, permit } = await ready();
    const stopped = effect(approved, { run_id: 'r_stopped' });
    await store.gics.txn([{ op: 'put', collection: 'cancels', id: 'r_stopped', value: {}, rev: 0 }]);
    expect((await new Ledger(store.gics, 'w1').begin(stopped, permit, 'at_most_once', null)).state).toBe('cancelled');
    expect(await store.gics.get('ledger', 'r_stopped/build/1/0')).toBeNull();
    await stored({ ...approved, revoked_at: '2026-01-02T00:00:00.000Z' });
    expect(await codeOf(new Ledger(store.gics, 'w1').begin(effect(approved, { node: 'late' }), permit, 'at_most_once', null))).toBe(
      'CONFLICT',
    );
  });
});
