/** What an effect of a delegated run is measured against, from a real store and a real key ring. */
import { randomBytes, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalHash, decisionBytes, type DecisionBody } from '#contract/decision.ts';
import type { Delegation } from '#contract/delegation.ts';
import type { Envelope } from '#contract/envelope.ts';
import { errorCode } from '#contract/errors.ts';
import type { JsonObject } from '#contract/json.ts';
import type { EffectInput } from '#contract/messages.ts';
import { validatePlan } from '#contract/plan-check.ts';
import { envelopeOf } from '#contract/plan-envelope.ts';
import { ensureKeys, readSigningKey } from '#platform/keys.ts';
import { startGics, type TestGics } from '#test/helpers/gics.ts';
import { Ledger } from './ledger.ts';
import { Permits } from './permits.ts';

const RUN = 'r_01ARZ3NDEKTSV4RRFFQ69G5FAV';
const PARENT = 'r_01ARZ3NDEKTSV4RRFFQ69G5FA2';
const PLAN = validatePlan({
  version: 1,
  title: 'T',
  envelope: { kinds: ['process', 'llm'], commands: [['git', '**']], paths: { read: ['**'], write: [] }, budget: { usd: 1 } },
  nodes: [{ id: 'a', kind: 'process', with: { argv: ['git', 'log'] } }],
});
const ENVELOPE = envelopeOf(PLAN);

let store: TestGics;
let permits: Permits;
let hash: string;
beforeAll(async () => {
  store = await startGics();
  ensureKeys(store.paths);
  const key = readSigningKey(store.paths.signingKey);
  permits = new Permits(store.gics, store.paths.keyRing);
  const subject = { plan: PLAN, envelope: ENVELOPE, policy_version: 1, preconditions: { repo: null, base_commit: null }, inputs: {} };
  hash = approvalHash(subject);
  const expires_at = '2099-01-01T00:00:00.000Z';
  const body: DecisionBody = {
    id: 'x_1',
    subject: 'draft',
    subject_id: 'd_1',
    verdict: 'approve',
    choice: null,
    hash,
    packet_hash: null,
    envelope: ENVELOPE,
    policy_version: 1,
    by: 'operator:0123456789ab',
    comment: '',
    at: '2026-01-01T00:00:00.000Z',
    expires_at,
    nonce: randomBytes(16).toString('hex'),
  };
  const decision = { ...body, signatures: [{ kid: key.kid, signature: sign(null, decisionBytes(body), key.privateKey).toString('hex') }] };
  const approved = {
    id: 'a_1',
    draft_id: 'd_1',
    ...subject,
    hash,
    decision,
    approved_by: body.by,
    expires_at,
    revoked_at: null,
    max_runs: 1,
  };
  await store.gics.txn([{ op: 'put', collection: 'approved', id: 'a_1', value: approved as unknown as JsonObject }]);
});
afterAll(() => store.close());

let count = 0;
/** Stores what was carved out. Out: an effect of that run. */
async function effectOf(carved: Partial<Envelope>, change: Partial<EffectInput> = {}): Promise<EffectInput> {
  const run_id = `${RUN.slice(0, -2)}${String(++count).padStart(2, '0')}`;
  const delegation: Partial<Delegation> = { id: run_id, ancestors: [PARENT], grants: [], envelope: { ...ENVELOPE, ...carved } };
  await store.gics.txn([{ op: 'put', collection: 'delegations', id: run_id, value: delegation as JsonObject }]);
  return {
    events: [],
    summary: null,
    run_id,
    approved_id: 'a_1',
    approval_hash: hash,
    node: 'a',
    kind: 'process',
    attempt: 1,
    redo: 0,
    with: { argv: ['git', 'log'], write: [], env: {} },
    timeout_ms: 1000,
    max_usd: null,
    ancestors: [PARENT],
    ...change,
  };
}
const codeOf = async (input: EffectInput): Promise<string | null> => permits.forEffect(input).then(() => null, errorCode);

describe('an effect of a delegated run', () => {
  it('is measured against what was carved out, and against what a person signed', async () => {
    expect(await codeOf(await effectOf({}))).toBeNull();
    expect(await codeOf(await effectOf({ commands: [['git', 'show']] })), 'beyond what was carved').toBe('OUTSIDE_ENVELOPE');
    const forged = await effectOf({ commands: [['rm', '**']] }, { with: { argv: ['rm', 'x'], write: [], env: {} } });
    expect(await codeOf(forged), 'carved wider than was signed').toBe('OUTSIDE_ENVELOPE');
  });

  it('has no ceiling above what was carved out of the budget', async () => {
    const budget = { usd: 0.25, tokens: 1, wall_ms: 1000 };
    expect(await codeOf(await effectOf({ budget }, { max_usd: 0.25 }))).toBeNull();
    expect(await codeOf(await effectOf({ budget }, { max_usd: 0.3 }))).toBe('BUDGET_EXCEEDED');
  });

  it('is refused when nothing says who delegated the run, or the runs above it are others', async () => {
    const input = await effectOf({});
    expect(await codeOf({ ...input, run_id: 'r_01ARZ3NDEKTSV4RRFFQ69G5FA9' })).toBe('APPROVAL_INVALID');
    expect(await codeOf({ ...(await effectOf({})), ancestors: [] })).toBe('APPROVAL_INVALID');
  });

  it('does not begin when a run above it was stopped', async () => {
    const unchanged = { checks: [] };
    const ledger = new Ledger(store.gics, 'w');
    expect((await ledger.begin(await effectOf({}), unchanged, 'at_most_once', null)).state).toBe('act');
    await store.gics.txn([{ op: 'put', collection: 'cancels', id: PARENT, value: {} }]);
    expect((await ledger.begin(await effectOf({}), unchanged, 'at_most_once', null)).state).toBe('cancelled');
  });
});
