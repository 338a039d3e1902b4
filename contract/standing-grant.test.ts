/** Who stands behind an approval by a standing grant: the person who made the grant, and nobody else. Every record here is signed well. */
import { describe, expect, it } from 'vitest';
import type { Decision } from './decision.ts';
import { validatePlan } from './plan-check.ts';
import { envelopeOf } from './plan-envelope.ts';
import { grantApprovalFault, grantHash, termsOf, type Grant } from './standing-grant.ts';

const MAKER = { by: 'operator:0123456789ab', by_name: 'First' };
const OTHER = { by: 'operator:ba9876543210', by_name: 'Second' };
const END = '2026-01-08T00:00:00.000Z';
const plan = validatePlan({ version: 1, title: 'T', nodes: [{ id: 'a', kind: 'noop', with: { value: 1 } }] });
const envelope = envelopeOf(plan);
const preconditions = { repo: null, base_commit: null };
const terms = termsOf({
  id: 'gr_1',
  title: 'No-ops',
  reason: '',
  max_risk: 'low',
  max_uses: 1,
  envelope,
  repo: null,
  expires_at: END,
});

function decision(change: Partial<Decision>): Decision {
  return {
    id: 'x_1',
    subject: 'draft',
    subject_id: 'd_1',
    verdict: 'approve',
    choice: null,
    hash: 'a'.repeat(64),
    packet_hash: null,
    envelope: null,
    policy_version: 2,
    comment: '',
    at: '2026-01-02T00:00:00.000Z',
    expires_at: null,
    nonce: 'n'.repeat(16),
    ...MAKER,
    signatures: [
      {
        kid: '0'.repeat(16),
        signature: '0'.repeat(128),
      },
    ],
    ...change,
  };
}

const grant = (made: Partial<Decision> = {}): Grant => ({
  ...terms,
  created_at: '2026-01-01T00:00:00.000Z',
  created_by: MAKER.by,
  revoked_at: null,
  revoked_by: null,
  decision: decision({
    subject: 'grant',
    subject_id: 'gr_1',
    hash: grantHash(terms),
    at: '2026-01-01T00:00:00.000Z',
    ...made,
  }),
});
const stages = [{ title: '', role: 'operator' as const, quorum: 1 }];
const approved = (change: Partial<Decision> = {}): Parameters<typeof grantApprovalFault>[0] => ({
  plan,
  envelope,
  preconditions,
  expires_at: END,
  decision: decision({
    agreement: {
      risk: 'low',
      rule: {
        stages,
        allows_self: true,
      },
      authors: [],
      earlier: [],
      grant: {
        id: 'gr_1',
        hash: grantHash(terms),
        asked_by: OTHER.by,
      },
    },
    ...change,
  }),
});
const faultOf = (of: Partial<Decision>, made: Partial<Decision> = {}): string | null =>
  grantApprovalFault(approved(of), grant(made), () => true);

// verifies: ARC-9
describe('an approval by a standing grant', () => {
  it('stands when who made the grant is who is said to have agreed', () => {
    expect(faultOf({})).toBeNull();
  });

  it.each([
    ['another credential is said to have agreed', OTHER, {}],
    ['the same credential is said to be another person', { by_name: OTHER.by_name }, {}],
    ['a person is named where the grant names none', {}, { by_name: undefined }],
    ['the grant was made by another person', {}, OTHER],
  ] as const)('falls when %s', (_what, of, made) => {
    expect(faultOf(of as Partial<Decision>, made as Partial<Decision>)).toBe('somebody else made the grant');
  });
});
