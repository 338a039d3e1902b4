/** The worker asks by the same rules as the workflow where values come from, and takes only a person's signed yes to exactly that effect. */
import { randomBytes, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalHash, decisionBytes, gateHash, POLICY_VERSION, type DecisionBody, type GateContent } from '#contract/decision.ts';
import { errorCode } from '#contract/errors.ts';
import type { JsonObject } from '#contract/json.ts';
import { CLEAN, OUTSIDE } from '#contract/labels.ts';
import { flowKey } from '#contract/label-rules.ts';
import type { EffectInput } from '#contract/messages.ts';
import { validatePlan } from '#contract/plan-check.ts';
import { envelopeOf, renderedEffects } from '#contract/plan-envelope.ts';
import { flowDelta } from '#contract/plan-delta.ts';
import { ensureKeys, readSigningKey, type SigningKey } from '#platform/keys.ts';
import { startGics, type TestGics } from '#test/helpers/gics.ts';
import { Ledger } from './ledger.ts';
import { Permits } from './permits.ts';

const RUN = 'r_01ARZ3NDEKTSV4RRFFQ69G5FAV';
const PLAN = validatePlan({
  version: 1,
  title: 'T',
  nodes: [
    { id: 'read', kind: 'process', with: { argv: ['cat', 'a'] } },
    {
      id: 'post',
      kind: 'http',
      needs: ['read'],
      with: { method: 'POST', url: 'https://example.com/', body: '${{ nodes.read.output.stdout }}' },
    },
  ],
});
const ENVELOPE = envelopeOf(PLAN);
const WITH: JsonObject = { method: 'POST', url: 'https://example.com/', body: 'private', allow_status: [], max_bytes: 10 };

let store: TestGics;
let key: SigningKey;
let permits: Permits;
let hash: string;
beforeAll(async () => {
  store = await startGics();
  ensureKeys(store.paths);
  key = readSigningKey(store.paths.signingKey);
  permits = new Permits(store.gics, store.paths.keyRing);
  const subject = {
    plan: PLAN,
    envelope: ENVELOPE,
    policy_version: POLICY_VERSION,
    preconditions: { repo: null, base_commit: null },
    inputs: {},
  };
  hash = approvalHash(subject);
  const expires_at = '2099-01-01T00:00:00.000Z';
  const decision = signed({ subject: 'draft', subject_id: 'd_1', hash, envelope: ENVELOPE, expires_at });
  const rest = { id: 'a_1', draft_id: 'd_1', hash, decision, approved_by: decision.by, expires_at, max_runs: 1, revoked_at: null };
  await store.gics.txn([
    { op: 'put', collection: 'approved', id: 'a_1', value: JSON.parse(JSON.stringify({ ...subject, ...rest })) as JsonObject },
  ]);
});
afterAll(() => store.close());

let count = 0;
function signed(change: Partial<DecisionBody>): DecisionBody & { signatures: { kid: string; signature: string }[] } {
  const stages = [{ title: '', role: 'operator' as const, quorum: 1 }];
  const body: DecisionBody = {
    id: `x_${(count += 1)}`,
    subject: 'gate',
    subject_id: '',
    verdict: 'approve',
    choice: null,
    hash: '',
    packet_hash: null,
    envelope: null,
    policy_version: POLICY_VERSION,
    by: 'operator:0123456789ab',
    comment: '',
    at: '2026-01-01T00:00:00.000Z',
    expires_at: null,
    nonce: randomBytes(16).toString('hex'),
    agreement: { risk: 'low', rule: { stages, allows_self: true }, authors: [], earlier: [] },
    ...change,
  };
  return { ...body, signatures: [{ kid: key.kid, signature: sign(null, decisionBytes(body), key.privateKey).toString('hex') }] };
}

/** A gate about one effect, with the yes to it. Out: the id of the decision. */
async function yesTo(node: string, value: JsonObject, verdict: 'approve' | 'reject' = 'approve'): Promise<string> {
  const delta = flowDelta(ENVELOPE, renderedEffects({ kind: 'http', with: value }), flowKey({ node, with: value }));
  const about = {
    run_id: RUN,
    node,
    attempt: 1,
    kind: 'envelope',
    title: 'May it?',
    message: '',
    risk: 'high',
    approval_hash: hash,
  } as const;
  const content: GateContent = { ...about, evidence: JSON.parse(JSON.stringify({ delta })) as JsonObject };
  const id = `g_${count}`;
  const decision = signed({ subject_id: id, hash: gateHash(content), verdict });
  await store.gics.txn([
    { op: 'put', collection: 'gates', id, value: { id, ...content, hash: decision.hash } as unknown as JsonObject },
    { op: 'put', collection: 'decisions', id: decision.id, value: decision as unknown as JsonObject },
  ]);
  return decision.id;
}

const effect = (change: Partial<EffectInput>): EffectInput => ({
  events: [],
  summary: null,
  run_id: RUN,
  approved_id: 'a_1',
  approval_hash: hash,
  attempt: 1,
  redo: 0,
  timeout_ms: 1000,
  max_usd: null,
  node: 'post',
  kind: 'http',
  with: WITH,
  labels: {
    choice: CLEAN,
    all: OUTSIDE,
  },
  ...change,
});
const codeOf = (change: Partial<EffectInput>): Promise<string | null> =>
  permits.forEffect(effect(change)).then(
    () => null,
    (error: unknown) => errorCode(error) ?? String(error),
  );

// verifies: PRIN-3
describe('an effect that sends private data with untrusted text', () => {
  it('is refused unless a person said yes to it, and done with that yes', async () => {
    expect(await codeOf({})).toBe('OUTSIDE_ENVELOPE');
    expect(await codeOf({ grants: [await yesTo('post', WITH)] })).toBeNull();
  });

  it('is refused with the yes to another value, another node, or a no', async () => {
    const other = { ...WITH, body: 'more of it' };
    expect(await codeOf({ grants: [await yesTo('post', other)] })).toBe('OUTSIDE_ENVELOPE');
    expect(await codeOf({ grants: [await yesTo('other', WITH)] })).toBe('OUTSIDE_ENVELOPE');
    expect(await codeOf({ grants: [await yesTo('post', WITH, 'reject')] })).toBe('APPROVAL_INVALID');
  });

  it('needs none where what goes in was written by a person, and where the run began before there were labels', async () => {
    expect(await codeOf({ labels: { choice: CLEAN, all: CLEAN } })).toBeNull();
    const { labels: _labels, ...older } = effect({});
    expect(await permits.forEffect(older)).toMatchObject({ rev: 1 });
  });
});

describe('the ledger', () => {
  it('says of an effect what the label of its output is', () => {
    const made = new Ledger(store.gics, 'w').newEntry(effect({ kind: 'http' }));
    expect(made.label).toMatchObject({ integrity: 'untrusted', confidentiality: 'internal', untrusted_from: 'post' });
    const { labels: _labels, ...older } = effect({});
    expect(new Ledger(store.gics, 'w').newEntry(older)).not.toHaveProperty('label');
  });
});
