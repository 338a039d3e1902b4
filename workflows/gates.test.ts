import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decisionBytes, type Decision, type DecisionBody, type GateContent } from '#contract/decision.ts';
import { gateHash, POLICY_VERSION } from '#contract/decision.ts';
import { Gates } from './gates.ts';
import type { Journal } from './journal.ts';
import type { ApprovedRun } from './run-context.ts';

const RUN = 'r_01ARZ3NDEKTSV4RRFFQ69G5FAV';
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const KID = '0123456789abcdef';
const RING = [{ kid: KID, public_key: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex') }];
const QUESTION: Omit<GateContent, 'run_id' | 'approval_hash'> = {
  node: 'ask',
  attempt: 1,
  kind: 'question',
  title: 'Go on?',
  message: '',
  risk: 'low',
  evidence: null,
};

/** What an open gate says to an answer. Opening it needs a workflow, so it ends right after the journal has heard of it. */
async function refusalOf(make: (gateId: string, hash: string) => Decision, kind: GateContent['kind'] = 'question'): Promise<string | null> {
  const question = { ...QUESTION, kind };
  let refusal: string | null = 'the gate never opened';
  const journal = {
    node: (_node: string, _level: string, _text: string, change: { gate_id: string }) => {
      const hash = gateHash({ ...question, run_id: RUN, approval_hash: 'a'.repeat(64) });
      refusal = gates.refusal(make(change.gate_id, hash));
    },
    load: () => {
      throw new Error('no workflow');
    },
  } as unknown as Journal;
  const policy = { approver_role: 'operator', quorum: 1 };
  const approved = { approval_hash: 'a'.repeat(64), key_ring: RING, plan: { policy } } as unknown as ApprovedRun;
  const gates = new Gates(RUN, approved, journal);
  await gates.ask('gate', question, null).catch(() => undefined);
  return refusal;
}

function signed(gateId: string, hash: string, change: Partial<DecisionBody> = {}, forged: Partial<Decision> = {}): Decision {
  const body: DecisionBody = {
    id: 'x_1',
    subject: 'gate',
    subject_id: gateId,
    verdict: 'approve',
    choice: null,
    hash,
    packet_hash: null,
    envelope: null,
    policy_version: 1,
    by: 'operator:0123456789ab',
    comment: '',
    at: '2026-01-01T00:00:00.000Z',
    expires_at: null,
    nonce: 'n'.repeat(16),
    ...change,
  };
  const signature = sign(null, decisionBytes(body), privateKey).toString('hex');
  return { ...body, signatures: [{ kid: KID, signature }], ...forged };
}

describe('an open gate', () => {
  it('takes the answer that the API signed for it', async () => {
    expect(await refusalOf((gateId, hash) => signed(gateId, hash))).toBeNull();
  });

  it.each(['envelope', 'budget'] as const)(
    'of kind %s takes a no of one person, and a yes only with what says who had to agree',
    async (kind) => {
      const answer = (verdict: 'approve' | 'reject') => (gateId: string, hash: string) =>
        signed(gateId, hash, { verdict, policy_version: POLICY_VERSION });
      expect(await refusalOf(answer('reject'), kind)).toBeNull();
      expect(await refusalOf(answer('approve'), kind)).toBe('it does not say who had to agree');
    },
  );

  it('takes no answer that was signed for other content, for another gate, as an approval of a draft, or by nobody', async () => {
    expect(await refusalOf((gateId) => signed(gateId, 'b'.repeat(64)))).toBe('the decision was made on other content');
    expect(await refusalOf((_, hash) => signed('g_other', hash))).toMatch(/no open gate/);
    expect(await refusalOf((gateId, hash) => signed(gateId, hash, { subject: 'draft' }))).toMatch(/no open gate/);
    expect(await refusalOf((gateId, hash) => signed(gateId, hash, { verdict: 'reject' }, { verdict: 'approve' }))).toBe(
      'the signature does not verify',
    );
    expect(await refusalOf((gateId, hash) => signed(gateId, hash, {}, { signatures: [] }))).toBe('the signature does not verify');
  });
});
