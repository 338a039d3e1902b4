/** What widens an envelope is verified by the worker itself, from a real store and a real key ring. */
import { randomBytes, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decisionBytes, gateHash, type Decision, type DecisionBody, type GateContent } from '#contract/decision.ts';
import { errorCode } from '#contract/errors.ts';
import type { JsonObject } from '#contract/json.ts';
import type { Approved, Gate } from '#contract/objects.ts';
import { budgetDelta } from '#contract/plan-delta.ts';
import { ensureKeys, readSigningKey, type SigningKey } from '#platform/keys.ts';
import { startGics, type TestGics } from '#test/helpers/gics.ts';
import { Grants } from './grants.ts';
import { Permits } from './permits.ts';

const RUN = 'r_01ARZ3NDEKTSV4RRFFQ69G5FAV';
const HASH = 'a'.repeat(64);
const DELTA = {
  kinds: ['process'],
  commands: [['make']],
  paths: { read: [], write: [] },
  hosts: [],
  tools: [],
  models: [],
  secrets: [],
  more_nodes: 1,
  max_depth: null,
};
const RAISE = { usd: 0.5, tokens: 0, wall_ms: 0 };
const APPROVED = { hash: HASH, plan: { policy: { approver_role: 'operator' } } } as unknown as Approved;
const CONTENT: GateContent = {
  run_id: RUN,
  node: 's',
  attempt: 1,
  kind: 'envelope',
  title: 'May it?',
  message: '',
  risk: 'medium',
  evidence: { delta: DELTA, nodes: [] },
  approval_hash: HASH,
};

let store: TestGics;
let key: SigningKey;
let permits: Permits;
beforeAll(async () => {
  store = await startGics();
  ensureKeys(store.paths);
  key = readSigningKey(store.paths.signingKey);
  permits = new Permits(store.gics, store.paths.keyRing);
});
afterAll(() => store.close());

let count = 0;
type Change = { content?: Partial<GateContent>; decision?: Partial<DecisionBody>; gate?: Partial<Gate>; signature?: string };
/** Stores a gate and its decision; what is changed after the decision was signed is in `gate`. Out: the id of the decision. */
async function answered({ content: changed = {}, decision: body = {}, gate = {}, signature }: Change = {}): Promise<string> {
  count++;
  const content = { ...CONTENT, ...changed };
  const gateId = `g_${count}`;
  const decided: DecisionBody = {
    id: `x_${count}`,
    subject: 'gate',
    subject_id: gateId,
    verdict: 'approve',
    choice: null,
    hash: gateHash(content),
    packet_hash: null,
    envelope: null,
    policy_version: 1,
    by: 'operator:0123456789ab',
    comment: '',
    at: '2026-01-01T00:00:00.000Z',
    expires_at: null,
    nonce: randomBytes(16).toString('hex'),
    ...body,
  };
  const signed: Decision = {
    ...decided,
    signatures: [{ kid: key.kid, signature: signature ?? sign(null, decisionBytes(decided), key.privateKey).toString('hex') }],
  };
  await store.gics.txn([
    { op: 'put', collection: 'decisions', id: decided.id, value: signed as unknown as JsonObject },
    { op: 'put', collection: 'gates', id: gateId, value: { id: gateId, ...content, ...gate } as unknown as JsonObject },
  ]);
  return decided.id;
}

const load = (id: string, run = RUN, approved = APPROVED): Promise<unknown> =>
  new Grants(store.gics, (decision) => permits.verifySignature(decision)).load(id, run, approved);
const refused = async (work: Promise<unknown>): Promise<string | null> => work.then(() => null, errorCode);

describe('a grant beyond the envelope', () => {
  it('is the delta of a gate that a person answered with yes', async () => {
    expect(await load(await answered())).toEqual(DELTA);
    const again = { asked_before: 1, evidence: { delta: DELTA } };
    expect(await load(await answered({ content: { evidence: again } }))).toEqual(DELTA);
  });

  it('may be more of the budget, and nothing else', async () => {
    const delta = budgetDelta(RAISE);
    expect(await load(await answered({ content: { kind: 'budget', evidence: { delta, budget: {} } } }))).toEqual(delta);
  });

  it.each<[string, Change]>([
    ['a no', { decision: { verdict: 'reject' } }],
    ['an answer to another sort of question', { content: { kind: 'question' } }],
    ['an approval of a draft', { decision: { subject: 'draft' } }],
    ['a delta that was changed after the answer', { gate: { evidence: { delta: { ...DELTA, commands: [['rm']] } } } }],
    ['a signature of somebody else', { signature: 'b'.repeat(128) }],
    ['a decision whose words were changed', { decision: { hash: 'c'.repeat(64) } }],
    ['a gate of another run', { content: { run_id: 'r_01ARZ3NDEKTSV4RRFFQ69G5FA2' } }],
    ['a gate of another approval', { content: { approval_hash: 'd'.repeat(64) } }],
    ['evidence without a delta', { content: { evidence: null } }],
    [
      'a raise of the budget that would also grant a command',
      { content: { kind: 'budget', evidence: { delta: { ...DELTA, budget: RAISE } } } },
    ],
    ['a question about the budget that raises nothing', { content: { kind: 'budget' } }],
  ])('is refused: %s', async (_what, change) => {
    expect(await refused(load(await answered(change)))).toBe('APPROVAL_INVALID');
  });

  it('is refused to a run that it was not given to, and when there is no such decision', async () => {
    expect(await refused(load(await answered(), 'r_01ARZ3NDEKTSV4RRFFQ69G5FA3'))).toBe('APPROVAL_INVALID');
    expect(await refused(load('x_gone'))).toBe('APPROVAL_INVALID');
  });

  it('needs an admin where the plan does', async () => {
    const strict = { ...APPROVED, plan: { policy: { approver_role: 'admin' } } } as unknown as Approved;
    expect(await refused(load(await answered(), RUN, strict))).toBe('APPROVAL_INVALID');
    expect(await load(await answered({ decision: { by: 'admin:0123456789ab' } }), RUN, strict)).toEqual(DELTA);
  });
});
