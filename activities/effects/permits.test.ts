/** Approvals as the worker sees them: whatever the store holds, only what people signed under the rule of the plan is one. */
import { randomBytes, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApproverPolicy, Author, Rule } from '#contract/approval-rule.ts';
import { approvalHash, decisionBytes, POLICY_VERSION, type Decision, type DecisionBody } from '#contract/decision.ts';
import { errorMessage } from '#contract/errors.ts';
import type { JsonObject } from '#contract/json.ts';
import { validatePlan } from '#contract/plan-check.ts';
import { envelopeOf } from '#contract/plan-envelope.ts';
import { ensureKeys, readSigningKey, type SigningKey } from '#platform/keys.ts';
import { startGics, type TestGics } from '#test/helpers/gics.ts';
import { Permits } from './permits.ts';

const AT = '2026-01-01T00:00:00.000Z';
const END = '2999-01-01T00:00:00.000Z';

let store: TestGics;
let key: SigningKey;
let count = 0;
beforeAll(async () => {
  store = await startGics();
  ensureKeys(store.paths);
  key = readSigningKey(store.paths.signingKey);
});
afterAll(() => store.close());

function signed(body: DecisionBody): Decision {
  return { ...body, signatures: [{ kid: key.kid, signature: sign(null, decisionBytes(body), key.privateKey).toString('hex') }] };
}

type Forgery = {
  policy?: Partial<ApproverPolicy>;
  rule?: Partial<Rule>;
  authors?: Author[];
  /** Names of those who agreed, the last one deciding. */
  votes?: string[];
  vote?: Partial<DecisionBody>;
  decision?: Partial<DecisionBody>;
  /** After everything was signed. */
  changed?: (approved: JsonObject) => JsonObject;
};

/** Stores an approved artifact as the API would, or as a forger who holds everything but the key. Out: why the worker refuses it. */
async function refusal({
  policy = {},
  rule = {},
  authors = [],
  votes = ['Kim'],
  vote = {},
  decision = {},
  changed,
}: Forgery): Promise<string | null> {
  count += 1;
  const [id, draftId] = [`a_${count}`, `d_${count}`];
  const plan = validatePlan({ version: 1, title: 'T', policy, nodes: [{ id: 'a', kind: 'noop' }] });
  const envelope = envelopeOf(plan);
  const preconditions = { repo: null, base_commit: null };
  const hash = approvalHash({ plan, envelope, policy_version: POLICY_VERSION, preconditions, inputs: {} });
  const body = (name: string, more: Partial<DecisionBody>): DecisionBody => ({
    id: `x_${count}_${name}`,
    subject: 'draft',
    subject_id: draftId,
    verdict: 'approve',
    choice: null,
    hash,
    packet_hash: null,
    envelope: null,
    policy_version: POLICY_VERSION,
    by: 'operator:0123456789ab',
    by_name: name,
    comment: '',
    at: AT,
    expires_at: END,
    nonce: randomBytes(16).toString('hex'),
    ...more,
  });
  const earlier = votes.slice(0, -1).map((name) => signed(body(name, vote)));
  const stages = [{ title: '', role: 'operator' as const, quorum: votes.length }];
  const agreement = { risk: 'low' as const, rule: { stages, allows_self: true, ...rule }, authors, earlier };
  const last = signed(body(votes.at(-1) ?? '', { envelope, agreement, ...decision }));
  const approved = {
    id,
    draft_id: draftId,
    plan,
    hash,
    envelope,
    preconditions,
    inputs: {},
    decision: last,
    approved_by: last.by,
    expires_at: END,
    revoked_at: null,
    max_runs: plan.policy.max_runs,
  };
  const value = (changed ?? ((same) => same))(structuredClone(approved) as unknown as JsonObject);
  await store.gics.txn([{ op: 'put', collection: 'approved', id, value }]);
  return new Permits(store.gics, store.paths.keyRing).load(id).then(() => null, errorMessage);
}

const agreementOf = (approved: JsonObject): JsonObject => (approved['decision'] as JsonObject)['agreement'] as JsonObject;

describe('an approval', () => {
  it('of one person, of several and in stages is taken', async () => {
    expect(await refusal({})).toBeNull();
    expect(await refusal({ policy: { quorum: 2 }, votes: ['Kim', 'Sam'] })).toBeNull();
    expect(await refusal({ votes: ['Kim', 'Sam', 'Jo'] })).toBeNull();
  });

  it.each<[string, Forgery, string]>([
    ['by fewer people than the plan asks for', { policy: { quorum: 2 } }, 'weaker rule'],
    ['by one person twice', { policy: { quorum: 2 }, votes: ['Kim', 'KIM'] }, 'does not count'],
    ['with one vote counted twice', { votes: ['Kim', 'Sam', 'Jo'], vote: { id: 'x_same' } }, 'counted twice'],
    ['with the nonce of another vote', { votes: ['Kim', 'Sam', 'Jo'], vote: { nonce: 'n'.repeat(32) } }, 'counted twice'],
    ['with a vote for another plan', { votes: ['Kim', 'Sam'], vote: { hash: 'b'.repeat(64) } }, 'something else'],
    ['with a vote for another draft', { votes: ['Kim', 'Sam'], vote: { subject_id: 'd_other' } }, 'something else'],
    ['with a no counted as a yes', { votes: ['Kim', 'Sam'], vote: { verdict: 'reject' } }, 'something else'],
    [
      'with a vote that had expired',
      { votes: ['Kim', 'Sam'], vote: { at: '2025-01-01T00:00:00.000Z', expires_at: '2025-06-01T00:00:00.000Z' } },
      'expired',
    ],
    ['with a vote made after it', { votes: ['Kim', 'Sam'], vote: { at: '2026-06-01T00:00:00.000Z' } }, 'expired'],
    [
      'by its author, where the rule says another',
      { rule: { allows_self: false }, authors: [{ by: 'admin:0123456789ab', by_name: 'Kim', class: 'human' }] },
      'does not count',
    ],
    ['by a smaller role than the plan asks for', { policy: { approver_role: 'admin' } }, 'weaker rule'],
    ['that does not say who had to agree', { decision: { agreement: undefined } }, 'who had to agree'],
    [
      'by one person of an older version, where the plan asks for two',
      { policy: { quorum: 2 }, decision: { agreement: undefined, policy_version: 1 } },
      'changed',
    ],
    [
      'whose rule was loosened after it was signed',
      {
        policy: { quorum: 1 },
        changed: (approved) => {
          agreementOf(approved)['rule'] = { stages: [{ title: '', role: 'operator', quorum: 1 }], allows_self: false };
          return approved;
        },
      },
      'no signature',
    ],
    [
      'whose author was taken out after it was signed',
      {
        authors: [{ by: 'admin:0123456789ab', by_name: 'Kim', class: 'human' }],
        changed: (approved) => {
          agreementOf(approved)['authors'] = [];
          return approved;
        },
      },
      'no signature',
    ],
    ['in the name of somebody else', { changed: (approved) => ({ ...approved, approved_by: 'admin:000000000000' }) }, 'who approved it'],
    ['moved to another draft', { changed: (approved) => ({ ...approved, draft_id: 'd_other' }) }, 'something else'],
    ['with more runs than were approved', { changed: (approved) => ({ ...approved, max_runs: 100 }) }, 'limits'],
    ['that lasts longer than was approved', { changed: (approved) => ({ ...approved, expires_at: '3999-01-01T00:00:00.000Z' }) }, 'limits'],
  ])('is refused: %s', async (_what, forgery, why) => {
    expect(await refusal(forgery)).toContain(why);
  });
});
